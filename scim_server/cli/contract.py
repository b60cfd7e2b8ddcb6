"""`scim-seats contract` and `scim-seats renew`: what was signed, and the end of a term."""

from datetime import date
from typing import Any

import click

from scim_server.cli.output import emit, json_option, opened, table
from scim_server.cli.quote import print_bill
from scim_server.cli.terms import contract_options, parse_day, terms_of
from scim_server.documents import bill as bill_document
from scim_server.documents import invoice as invoice_document
from scim_server.documents.amounts import with_currency
from scim_server.services.billing import contracts, renewal
from scim_server.services.billing.contracts import Signed
from scim_server.services.billing.renewal import Ended, Renewed
from scim_server.services.invoicing.invoices import described
from scim_server.services.organizations import queries as organizations
from scim_server.store.database.session import OPERATOR
from seat_policy.renewal import TierRenewal


@click.group()
def contract() -> None:
    """Contracts: what an organization signed."""


@contract.command(name="set")
@click.argument("slug")
@contract_options
@json_option
def set_(*, slug: str, bill_opening: bool, as_json: bool, **said: Any) -> None:  # noqa: ANN401
    """Sign a contract, or change the one that runs: what is not said stays.

    The seats there are become its opening quantity. Start, months, currency and time zone are fixed once
    an invoice was computed with them.

    Example: scim-seats contract set acme --start 2026-01-01 --months 12 --currency USD
    --price standard=20.00 --price premium=100.00
    """
    terms = terms_of(said)
    if not terms.said and not bill_opening:
        raise click.UsageError("say what the contract is, for example --price standard=20.00")
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        signed = contracts.set_terms(database, organization.id, OPERATOR, terms, bill_opening=bill_opening)
    emit(as_json_signed(slug, signed), as_json=as_json, text=lambda: print_signed(slug, signed))


@contract.command()
@click.argument("slug")
@json_option
def show(*, slug: str, as_json: bool) -> None:
    """Show the contract with its term, prices and what is scheduled."""
    with opened() as (_, database):
        signed = contracts.show(database, organizations.find(database, slug).id)
    if signed is None:
        text = f"{slug} has no contract: its seats are granted. 'scim-seats contract set {slug}' signs one."
        emit({"org": slug, "status": "none"}, as_json=as_json, text=lambda: click.echo(text))
    else:
        emit(as_json_signed(slug, signed), as_json=as_json, text=lambda: print_signed(slug, signed))


def as_json_signed(slug: str, signed: Signed) -> dict[str, object]:
    """A contract as commands print it."""
    plan = signed.plan
    opening = signed.opening
    return {
        "org": slug,
        "status": signed.status,
        "suspended": signed.suspended,
        **described(plan.contract),
        "purchased": {tier.tier.name: tier.purchased for tier in reversed(signed.seats.tiers)},
        "scheduled": dict(plan.scheduled),
        "seller": plan.seller,
        "bill_to": plan.bill_to or slug,
        "ended": plan.ended,
        "invoice": None if opening is None else invoice_document.as_json(opening),
    }


def print_signed(slug: str, signed: Signed) -> None:
    """A contract in words."""
    plan, contract_ = signed.plan, signed.plan.contract
    term = contract_.running
    click.echo(f"{slug}: term {contract_.term}, {term.start} to {term.last_day}")
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
    click.echo(f"{contract_.currency}, {contract_.proration.value}, {contract_.time_zone}, {taxed}; {after}.")
    if signed.status == "renewal_due":
        click.echo("This term is over: the next change of this organization renews it, and bills that.")
        click.echo(
            f"If it was billed elsewhere, say which term runs: scim-seats contract set {slug} --term N"
        )
    elif signed.status != "active":
        click.echo(f"Status: {signed.status.replace('_', ' ')}. No seat is given now.")
    if signed.opening is not None:
        click.echo(f"Invoice {invoice_document.reference(signed.opening)} was issued.")


@click.command()
@click.argument("slug")
@click.option(
    "--as-of",
    metavar="DATE",
    callback=parse_day,
    help="Do what is due by this day [today]; a day to come bills the next term ahead.",
)
@click.option("--dry-run", is_flag=True, help="Only show what would happen.")
@json_option
def renew(*, slug: str, as_of: date | None, dry_run: bool, as_json: bool) -> None:
    """Renew a contract whose term is over, or end it. Every change of an organization does it by itself.

    Example: scim-seats renew acme --as-of 2027-01-01 --dry-run
    """
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        steps = renewal.renew(database, organization.id, OPERATOR, as_of, preview=dry_run)
    result = {"org": slug, "dry_run": dry_run, "steps": [_as_json_step(step) for step in steps]}
    emit(result, as_json=as_json, text=lambda: _print_steps(slug, steps, dry_run=dry_run))


def _as_json_step(step: Renewed | Ended) -> dict[str, object]:
    if isinstance(step, Ended):
        outcome = "will_end" if step.ahead else "ended"
        return {"outcome": outcome, "term": step.number, "end": step.term.end.isoformat()}
    return {
        "outcome": "renewed_ahead" if step.ahead else "renewed",
        "term": step.contract.term,
        "start": step.term.start.isoformat(),
        "end": step.term.end.isoformat(),
        "tiers": {tier.tier: renewal.described(tier) for tier in step.tiers},
        **bill_document.as_json(step.bill),
        "total_in_use": str(step.bill_in_use.total),
        "total_purchased": str(step.bill_purchased.total),
        "invoice": None if step.invoice is None else invoice_document.as_json(step.invoice),
    }


def _print_steps(slug: str, steps: tuple[Renewed | Ended, ...], *, dry_run: bool) -> None:
    if not steps:
        click.echo(f"Nothing is due in {slug} by that day.")
    for step in steps:
        if isinstance(step, Ended):
            verb = "will end" if step.ahead else "ended"
            click.echo(
                f"The contract {verb} with term {step.number} on {step.term.last_day}: it does not renew."
            )
            continue
        begins = "; its seats change on its first day" if step.ahead else ""
        click.echo(f"Term {step.contract.term}, {step.term.start} to {step.term.last_day}{begins}")
        rows = [
            (
                tier.tier,
                tier.purchased,
                tier.in_use,
                tier.scheduled,
                tier.renewed,
                _remark(tier),
            )
            for tier in step.tiers
        ]
        table(("tier", "purchased", "in use", "scheduled", "renewed", ""), rows, empty="No tiers.")
        print_bill(step.bill)
        click.echo(
            f"By seats in use {with_currency(step.bill_in_use.total)}, "
            f"by seats purchased {with_currency(step.bill_purchased.total)}."
        )
    if steps and dry_run:
        click.echo("Preview: nothing was changed; leave out --dry-run to do it.")


def _remark(tier: TierRenewal) -> str:
    words = ["raised to the seats in use"] if tier.clamped else []
    if tier.padding:
        words.append(f"{tier.padding} more for the minimum")
    return ", ".join(words)
