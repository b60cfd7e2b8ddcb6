"""`scim-seats seats`: show, add and upgrade seats, and schedule fewer seats for the next term."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, TypeVar

import click

from scim_server.cli.bought import (
    confirm_option,
    confirmed,
    print_bought,
    print_done,
    print_names,
    repeated_words,
    yes_option,
)
from scim_server.cli.contract import print_signed
from scim_server.cli.output import (
    emit,
    in_organization,
    json_option,
    parse_changes,
    parse_quantities,
    parse_scheduled,
    parse_upgrades,
    say,
    table,
)
from scim_server.cli.people import print_let_in
from scim_server.cli.terms import parse_day
from scim_server.representations.base import dump
from scim_server.representations.contracts import contract as representation
from scim_server.representations.purchases import purchase
from scim_server.representations.seats import Seats
from scim_server.services.billing import commands
from scim_server.services.billing.commands import Done, Purchase, Request
from scim_server.services.seats import queries
from seat_policy.availability import Availability
from seat_policy.bill import Order, Upgrade

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group()
def seats() -> None:
    """Show, add and upgrade seats."""


def seats_rows(availability: Availability) -> Iterator[tuple[object, ...]]:
    """Rows of tier, seats, in use, held, free and waiting. People who accept any tier have a separate row."""
    for tier in reversed(availability.tiers):
        yield tier.tier.name, tier.purchased, tier.assigned, tier.held, tier.free, tier.waiting
    if availability.waiting_any:
        yield "(any)", None, None, None, None, availability.waiting_any


def print_seats(availability: Availability) -> None:
    """Print the seats as a table."""
    table(("tier", "seats", "in use", "held", "free", "waiting"), seats_rows(availability), empty="No tiers.")


@seats.command()
@click.argument("slug")
@json_option
def show(*, slug: str, as_json: bool) -> None:
    """Show the seats of an organization."""
    with in_organization(slug) as context:
        availability = queries.show(context)
    emit(dump(Seats(), availability), as_json=as_json, text=lambda: print_seats(availability))


for_option = click.option(
    "--for",
    "for_people",
    metavar="PERSON",
    multiple=True,
    help="This person (userName or id) gets a seat first. In an upgrade, this person's seat is "
    "upgraded. Repeatable.",
)
on_option = click.option(
    "--on",
    metavar="DATE",
    callback=parse_day,
    help="The day on which the change takes effect, at most 31 days ago [default: today].",
)
key_option = click.option(
    "--key", help="Idempotency key. A second call with the same key and order buys nothing more."
)


def order_options(command: Command) -> Command:
    """Add the options that every order has."""
    for option in (json_option, yes_option, confirm_option, key_option, on_option, for_option):
        command = option(command)
    return command


@seats.command()
@click.argument("slug")
@click.argument(
    "order", metavar="TIER=+NUMBER|TIER:TIER=NUMBER...", nargs=-1, required=True, callback=parse_changes
)
@order_options
def change(*, slug: str, order: Order, **placed: Any) -> None:  # noqa: ANN401 - the options of an order
    """Add and upgrade seats in one purchase, with one invoice.

    TIER=+NUMBER adds seats. TIER:TIER=NUMBER upgrades seats to a higher tier: first free seats, then the
    seats of the people given with --for.

    Example: scim-seats seats change acme standard=+5 standard:premium=10
    """
    _place(slug, order, **placed)


@seats.command()
@click.argument("slug")
@click.argument("quantities", metavar="TIER=NUMBER...", nargs=-1, required=True, callback=parse_quantities)
@order_options
def add(*, slug: str, quantities: dict[str, int], **placed: Any) -> None:  # noqa: ANN401 - as above
    """Add seats. Waiting people get them at once, in the order of the queue.

    With a contract, the seats are billed for the rest of the term, and an invoice is issued. `seats change`
    adds and upgrades in one purchase.

    Example: scim-seats seats add acme standard=5
    """
    _place(slug, Order(quantities), **placed)


@seats.command()
@click.argument("slug")
@click.argument("upgrades", metavar="TIER=NUMBER:TIER...", nargs=-1, required=True, callback=parse_upgrades)
@order_options
def upgrade(*, slug: str, upgrades: tuple[Upgrade, ...], **placed: Any) -> None:  # noqa: ANN401 - as above
    """Upgrade seats to a higher tier: first free seats, then the seats of the people given with --for.

    Example: scim-seats seats upgrade acme standard=3:premium
    """
    _place(slug, Order({}, upgrades), **placed)


@seats.command()
@click.argument("slug")
@click.argument("quantities", metavar="TIER=NUMBER...", nargs=-1, required=True, callback=parse_scheduled)
@json_option
def schedule(*, slug: str, quantities: dict[str, int | None], as_json: bool) -> None:
    """Set how many seats of a tier the next term has; TIER=none cancels the setting.

    Example: scim-seats seats schedule acme standard=40
    """
    with in_organization(slug) as context:
        signed = commands.schedule(context, quantities)
    emit(representation(slug, signed), as_json=as_json, text=lambda: print_signed(slug, signed))


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
    preview = not yes and confirm is None
    request = Request(order, for_people, on, key)
    with in_organization(slug) as context:
        done = confirmed(commands.buy(context, request, preview=preview, confirmation=confirm))
    emit(purchase(slug, done), as_json=as_json, text=lambda: _print_purchase(done))


def _print_purchase(done: Done[Purchase]) -> None:
    bought = done.result
    if bought.repeated:
        say(repeated_words(bought))
        return
    say("Seats after the change:")
    print_seats(bought.after)
    print_bought(bought.order, bought, done=not done.preview)
    print_names("Would get a seat first" if done.preview else "Got a seat first", bought.seated)
    print_names("Would move with their seats" if done.preview else "Moved with their seats", bought.moved)
    print_let_in(bought.let_in, preview=done.preview)
    if not (bought.seated or bought.let_in or bought.moved):
        say("No people wait for these seats.")
    print_done(done, bought)
