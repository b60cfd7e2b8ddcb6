"""`scim-seats quote`: what seats would cost, from the terms alone."""

from datetime import UTC, date, datetime
from typing import Any

import click

from scim_server.cli.output import emit, json_option, parse_quantities, parse_upgrades, table
from scim_server.cli.terms import parse_moment, pricing_options, terms_of
from scim_server.documents import bill as bill_document
from scim_server.documents.amounts import with_currency
from scim_server.services.billing.contracts import built
from seat_policy.invoices import Bill, Order, Upgrade, purchase


@click.command()
@pricing_options
@click.option(
    "--add",
    "adds",
    metavar="TIER=NUMBER",
    multiple=True,
    callback=parse_quantities,
    help="Seats to add, once for each tier.",
)
@click.option(
    "--upgrade",
    "upgrades",
    metavar="TIER=NUMBER:TIER",
    multiple=True,
    callback=parse_upgrades,
    help="Seats to turn into seats of another tier, as in standard=10:premium.",
)
@click.option(
    "--on",
    metavar="DATE",
    required=True,
    callback=parse_moment,
    help="The day it takes effect, or a moment such as 2026-03-01T07:30Z, which the time zone makes a day.",
)
@json_option
def quote(
    *,
    adds: dict[str, int],
    upgrades: tuple[Upgrade, ...],
    on: date | datetime,
    as_json: bool,
    **said: Any,  # noqa: ANN401 - the options of a contract
) -> None:
    """Compute what adding or upgrading seats costs for the rest of a term; nothing is stored.

    Example: scim-seats quote --start 2026-01-01 --months 12 --currency USD --price standard=20.00
    --add standard=5 --on 2026-03-15
    """
    if not adds and not upgrades:
        raise click.UsageError("say what to quote: --add standard=5 or --upgrade standard=10:premium")
    contract = built(terms_of(said), None, datetime.now(UTC).date())
    day = contract.day(on) if isinstance(on, datetime) else on
    bill = purchase(contract, Order(adds, upgrades), day)
    emit(bill_document.as_json(bill), as_json=as_json, text=lambda: print_bill(bill))


def print_bill(bill: Bill) -> None:
    """The lines with how each came about, then the sums."""
    table(bill_document.columns(bill), bill_document.as_rows(bill), empty="Nothing is billed.")
    click.echo(f"From {bill.since} to {bill.term.last_day}, the end of the term.")
    if bill.tax.minor:
        click.echo(f"Net {with_currency(bill.net)}, tax {with_currency(bill.tax)}.")
    click.echo(f"Total {with_currency(bill.total)}")
