"""`scim-seats seats`: how many there are, adding, upgrading, and fewer from the renewal on."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, TypeVar

import click

from scim_server.cli.bought import repeated_words
from scim_server.cli.contract import as_json_signed, print_signed
from scim_server.cli.output import (
    emit,
    json_option,
    opened,
    parse_quantities,
    parse_scheduled,
    parse_upgrades,
    table,
)
from scim_server.cli.quote import print_bill
from scim_server.cli.terms import parse_day
from scim_server.documents import bill as bill_document
from scim_server.documents import invoice as invoice_document
from scim_server.services.billing import contracts, purchases
from scim_server.services.billing.purchases import Purchase, Request
from scim_server.services.organizations import queries as organizations
from scim_server.services.seats import gate as service
from scim_server.store.database.session import OPERATOR
from seat_policy.availability import Availability
from seat_policy.invoices import Order, Upgrade

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group()
def seats() -> None:
    """Seats: show, add and upgrade them."""


def as_json_seats(availability: Availability) -> dict[str, object]:
    """The seats of an organization, as `seats show --json` prints them."""
    return {
        "tiers": {
            tier.tier.name: {
                "purchased": tier.purchased,
                "assigned": tier.assigned,
                "held": tier.held,
                "free": tier.free,
                "waiting": tier.waiting,
            }
            for tier in reversed(availability.tiers)
        },
        "waiting_any": availability.waiting_any,
    }


def seats_rows(availability: Availability) -> Iterator[tuple[object, ...]]:
    """Tier, seats, in use, held, free and waiting; people who would take any tier have a row of their own."""
    for tier in reversed(availability.tiers):
        yield tier.tier.name, tier.purchased, tier.assigned, tier.held, tier.free, tier.waiting
    if availability.waiting_any:
        yield "(any)", None, None, None, None, availability.waiting_any


def _print(availability: Availability) -> None:
    table(("tier", "seats", "in use", "held", "free", "waiting"), seats_rows(availability), empty="No tiers.")


@seats.command()
@click.argument("slug")
@json_option
def show(*, slug: str, as_json: bool) -> None:
    """Show the seats of an organization."""
    with opened() as (_, database):
        availability = service.show(database, organizations.find(database, slug).id)
    emit(as_json_seats(availability), as_json=as_json, text=lambda: _print(availability))


for_option = click.option(
    "--for",
    "for_people",
    metavar="PERSON",
    multiple=True,
    help="This userName or id gets a seat first; in an upgrade, who sits on one moves with it.",
)
on_option = click.option(
    "--on", metavar="DATE", callback=parse_day, help="The day it takes effect [today]; at most 31 days back."
)
key_option = click.option(
    "--key", help="Idempotency key: sent again with the same order, it buys nothing more."
)
confirm_option = click.option(
    "--confirm", metavar="TOKEN", help="Do it if it is what the preview with this confirmation showed."
)
yes_option = click.option("--yes", is_flag=True, help="Do it; without this, only show what would happen.")


def order_options(command: Command) -> Command:
    """How an order is placed, whatever is ordered."""
    for option in (json_option, yes_option, confirm_option, key_option, on_option, for_option):
        command = option(command)
    return command


@seats.command()
@click.argument("slug")
@click.argument("quantities", metavar="TIER=NUMBER...", nargs=-1, required=True, callback=parse_quantities)
@order_options
def add(*, slug: str, quantities: dict[str, int], yes: bool, as_json: bool, **placed: Any) -> None:  # noqa: ANN401
    """Add seats; people who wait for one get in at once, in their order.

    Under a contract the seats are billed for the rest of the term, and an invoice is issued.

    Example: scim-seats seats add acme standard=5 --yes
    """
    _place(slug, Order(quantities), yes=yes, as_json=as_json, **placed)


@seats.command()
@click.argument("slug")
@click.argument("upgrades", metavar="TIER=NUMBER:TIER...", nargs=-1, required=True, callback=parse_upgrades)
@order_options
def upgrade(*, slug: str, upgrades: tuple[Upgrade, ...], yes: bool, as_json: bool, **placed: Any) -> None:  # noqa: ANN401
    """Turn seats into seats of a higher tier: free ones first, then those of the people named by --for.

    Example: scim-seats seats upgrade acme standard=3:premium --yes
    """
    _place(slug, Order({}, upgrades), yes=yes, as_json=as_json, **placed)


@seats.command()
@click.argument("slug")
@click.argument("quantities", metavar="TIER=NUMBER...", nargs=-1, required=True, callback=parse_scheduled)
@json_option
def schedule(*, slug: str, quantities: dict[str, int | None], as_json: bool) -> None:
    """Choose how many seats of a tier remain from the next renewal on; TIER=none takes it back.

    Example: scim-seats seats schedule acme standard=40
    """
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        signed = contracts.schedule(database, organization.id, OPERATOR, quantities)
    emit(as_json_signed(slug, signed), as_json=as_json, text=lambda: print_signed(slug, signed))


def _place(  # noqa: PLR0913 - the options of an order
    slug: str,
    order: Order,
    *,
    for_people: tuple[str, ...],
    on: date | None,
    key: str | None,
    confirm: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    request = Request(order, for_people, on, key, confirm)
    done = yes or confirm is not None
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        place = purchases.place if done else purchases.preview
        purchase = place(database, organization.id, OPERATOR, request)
    result = _as_json_purchase(order, purchase, done=done)
    emit(result, as_json=as_json, text=lambda: _print_purchase(purchase, done=done))


def _as_json_purchase(order: Order, purchase: Purchase, *, done: bool) -> dict[str, object]:
    bill, invoice = purchase.bill, purchase.invoice if done or purchase.repeated else None
    priced = dict.fromkeys(("currency", "since", "until", "lines", "net", "tax", "total"))
    if bill is not None:
        priced |= bill_document.as_json(bill)
    elif invoice is not None:
        billed = invoice_document.as_json(invoice)
        priced |= {name: billed[name] for name in priced}
    return {
        "preview": not done,
        "repeated": purchase.repeated,
        "added": dict(order.adds),
        "upgraded": [
            {"quantity": one.quantity, "from": one.source, "to": one.target} for one in order.upgrades
        ],
        "seated_for": list(purchase.seated),
        "moved_for": list(purchase.moved),
        "promoted": purchase.promoted,
        "confirmation": purchase.confirmation,
        **priced,
        "invoice": None if invoice is None else invoice_document.as_json(invoice),
        **as_json_seats(purchase.after),
    }


def _print_purchase(purchase: Purchase, *, done: bool) -> None:
    if purchase.repeated:
        click.echo(repeated_words(purchase))
        return
    _print(purchase.after)
    if purchase.bill is not None:
        print_bill(purchase.bill)
    people = purchase.promoted + len(purchase.seated)
    moved = f" and {len(purchase.moved)} move with their seats" if purchase.moved else ""
    if not done:
        click.echo(f"Preview: {people} waiting people would get in{moved}. Nothing was changed;")
        click.echo(f"add --yes to do it, or --confirm {purchase.confirmation} to do exactly this.")
        return
    if purchase.invoice is not None:
        click.echo(f"Invoice {invoice_document.reference(purchase.invoice)} was issued.")
    click.echo(f"Done; {people} waiting people got in{moved}.")
