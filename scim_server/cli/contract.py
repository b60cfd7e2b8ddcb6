"""`scim-seats contract` and `scim-seats renew`: sign and show contracts, and end a term."""

from datetime import date
from typing import Any

import click

from scim_server.cli.bought import confirm_option, confirmed, print_done, yes_option
from scim_server.cli.output import emit, in_organization, json_option, say, table
from scim_server.cli.people import print_let_in
from scim_server.cli.quote import print_bill
from scim_server.cli.terms import contract_options, parse_day, terms_of
from scim_server.documents import formats
from scim_server.representations.contracts import contract as representation
from scim_server.representations.contracts import renewal
from scim_server.services.billing import commands, queries
from scim_server.services.billing.commands import Done, Ended, Renewal, Renewed, Signed
from seat_policy.renewal import TierRenewal


@click.group()
def contract() -> None:
    """Contracts that organizations signed."""


@contract.command(name="set")
@click.argument("slug")
@contract_options
@json_option
def set_(*, slug: str, bill_opening: bool, as_json: bool, **said: Any) -> None:  # noqa: ANN401
    """Sign a contract, or change the current one; options that are not given stay the same.

    The existing seats become the opening quantity of the contract. Start, months, currency and time zone
    cannot change after the first invoice.

    Example: scim-seats contract set acme --start 2026-01-01 --months 12 --currency USD
    --price standard=20.00 --price premium=100.00
    """
    terms = terms_of(said)
    if not terms.given and not bill_opening:
        raise click.UsageError("give the terms of the contract, for example --price standard=20.00")
    with in_organization(slug) as context:
        signed = commands.set_contract(context, terms, bill_opening=bill_opening)
    emit(representation(slug, signed), as_json=as_json, text=lambda: print_signed(slug, signed))


@contract.command()
@click.argument("slug")
@json_option
def show(*, slug: str, as_json: bool) -> None:
    """Show the contract with its term, its prices and its scheduled reductions."""
    with in_organization(slug) as context:
        signed = queries.contract(context)
    if signed is None:
        text = (
            f"{slug} has no contract, so its seats are granted. To sign one: scim-seats contract set {slug}"
        )
        emit(representation(slug, None), as_json=as_json, text=lambda: say(text))
    else:
        emit(representation(slug, signed), as_json=as_json, text=lambda: print_signed(slug, signed))


def print_signed(slug: str, signed: Signed) -> None:
    """Describe a contract in words."""
    plan, contract_ = signed.plan, signed.plan.contract
    term = contract_.running
    days = f"{formats.day(term.start)} to {formats.day(term.last_day)}"
    say(f"{slug}: term {contract_.term}, {days}")
    rows = [
        (
            tier.tier.name,
            tier.purchased,
            str(contract_.prices[tier.tier.name]) if tier.tier.name in contract_.prices else "no price",
            plan.scheduled.get(tier.tier.name),
        )
        for tier in reversed(signed.seats.tiers)
    ]
    table(("tier", "seats", "price of a seat", "from the next renewal"), rows, empty="No tiers.")
    follows = f"renews by seats {contract_.renewal.value.replace('_', ' ')}"
    minimum = f", {contract_.minimum} at least" if contract_.minimum else ""
    after = f"{follows}{minimum}" if contract_.auto_renew else "ends after this term"
    tax = contract_.tax
    taxed = (
        "no tax" if tax is None else f"tax {tax.percent} % {'inclusive' if tax.inclusive else 'exclusive'}"
    )
    say(f"{contract_.currency}, {contract_.proration.value}, {contract_.time_zone}, {taxed}; {after}.")
    if signed.status == "renewal_due":
        say(
            "This term is over. The next change of this organization renews the contract and bills "
            "the new term."
        )
        say(f"If another system billed it, set the current term: scim-seats contract set {slug} --term N")
    elif signed.status != "active":
        say(f"Status: {signed.status.replace('_', ' ')}. No seats are assigned now.")
    if signed.opening is not None:
        say(f"Invoice {signed.opening.reference} was issued.")


@click.command()
@click.argument("slug")
@click.option(
    "--as-of",
    metavar="DATE",
    callback=parse_day,
    help="Apply changes that are due by this day [default: today]. A day in the next term bills "
    "that term in advance.",
)
@confirm_option
@yes_option
@json_option
def renew(*, slug: str, as_of: date | None, confirm: str | None, yes: bool, as_json: bool) -> None:
    """Renew or end a contract whose term has ended.

    Every change of an organization does this automatically.

    Example: scim-seats renew acme --as-of 2027-01-01
    """
    preview = not yes and confirm is None
    with in_organization(slug) as context:
        done = confirmed(commands.renew(context, as_of, preview=preview, confirmation=confirm))
    emit(renewal(slug, done), as_json=as_json, text=lambda: _print_renewal(slug, done))


def _print_renewal(slug: str, done: Done[Renewal]) -> None:
    if not done.result.steps:
        say(f"Nothing is due in {slug} by that day.")
    for step in done.result.steps:
        if isinstance(step, Ended):
            verb, last = "will end" if step.ahead else "ended", formats.day(step.term.last_day)
            say(f"The contract {verb} with term {step.number} on {last}: it does not renew.")
        else:
            _print_next_term(step)
    print_let_in(done.result.let_in, preview=done.preview)
    if done.result.steps:
        print_done(done)


def _print_next_term(step: Renewed) -> None:
    begins = "; its seats change on its first day" if step.ahead else ""
    days = f"{formats.day(step.term.start)} to {formats.day(step.term.last_day)}"
    say(f"Term {step.contract.term}, {days}{begins}")
    rows = [
        (tier.tier, tier.purchased, tier.in_use, tier.scheduled, tier.renewed, _remark(tier))
        for tier in step.tiers
    ]
    table(("tier", "purchased", "in use", "scheduled", "renewed", ""), rows, empty="No tiers.")
    print_bill(step.bill)
    say(
        f"By seats in use {formats.money(step.bill_in_use.total)}, "
        f"by seats purchased {formats.money(step.bill_purchased.total)}."
    )


def _remark(tier: TierRenewal) -> str:
    words = ["raised to the seats in use"] if tier.clamped else []
    if tier.padding:
        words.append(f"{tier.padding} more for the minimum")
    return ", ".join(words)
