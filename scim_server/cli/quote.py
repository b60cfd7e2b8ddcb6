"""`scim-seats quote`: compute the price of seats from the terms alone."""

from datetime import date, datetime
from typing import Any

import click

from scim_server.cli.output import emit, json_option, parse_quantities, parse_upgrades, say, table
from scim_server.cli.terms import parse_moment, pricing_options, terms_of
from scim_server.documents import bill as bill_document
from scim_server.documents import formats
from scim_server.representations.base import dump
from scim_server.representations.bills import Quote
from scim_server.services.billing import queries
from seat_policy.bill import Bill, Order, Upgrade


@click.command()
@pricing_options
@click.option(
    "--add",
    "adds",
    metavar="TIER=NUMBER",
    multiple=True,
    callback=parse_quantities,
    help="Seats to add to a tier; repeatable.",
)
@click.option(
    "--upgrade",
    "upgrades",
    metavar="TIER=NUMBER:TIER",
    multiple=True,
    callback=parse_upgrades,
    help="Seats to upgrade to another tier, for example standard=10:premium.",
)
@click.option(
    "--on",
    metavar="DATE",
    required=True,
    callback=parse_moment,
    help="The day on which the change takes effect, or a time such as 2026-03-01T07:30Z. The day "
    "of a time depends on --time-zone.",
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
    """Compute the price of adding or upgrading seats for the rest of a term; nothing is stored.

    Example: scim-seats quote --start 2026-01-01 --months 12 --currency USD --price standard=20.00
    --add standard=5 --on 2026-03-15
    """
    if not adds and not upgrades:
        raise click.UsageError(
            "give --add or --upgrade, for example --add standard=5 or --upgrade standard=10:premium"
        )
    bill = queries.quote(terms_of(said), Order(adds, upgrades), on)
    emit(dump(Quote(), bill), as_json=as_json, text=lambda: print_bill(bill))


def print_bill(bill: Bill) -> None:
    """Print the lines with their calculations, then the sums."""
    table(bill_document.columns(bill), bill_document.as_rows(bill), empty="Nothing is billed.")
    since, last = formats.day(bill.since), formats.day(bill.term.last_day)
    say(f"From {since} to {last}, the end of the term.")
    if bill.tax.minor:
        say(f"Net {formats.money(bill.net)}, tax {formats.money(bill.tax)}.")
    say(f"Total {formats.money(bill.total)}")
