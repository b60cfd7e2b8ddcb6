"""`scim-seats seats`: how many there are, and adding some."""

from collections.abc import Iterator

import click

from scim_server.cli.output import emit, json_option, opened, parse_quantities, table
from scim_server.services import organizations
from scim_server.services import seats as service
from scim_server.services.seats import Added
from scim_server.store.session import OPERATOR
from seat_policy.availability import Availability


@click.group()
def seats() -> None:
    """Seats: show them, add some."""


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


@seats.command()
@click.argument("slug")
@click.argument("quantities", metavar="TIER=NUMBER...", nargs=-1, required=True, callback=parse_quantities)
@click.option("--for", "for_people", metavar="PERSON", multiple=True, help="Seat this userName or id first.")
@click.option("--yes", is_flag=True, help="Do it; without this, only show what would happen.")
@json_option
def add(
    *, slug: str, quantities: dict[str, int], for_people: tuple[str, ...], yes: bool, as_json: bool
) -> None:
    """Add seats; people who wait for one get in at once, in their order.

    Example: scim-seats seats add acme standard=5 --yes
    """
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        added = service.add(
            database, organization.id, OPERATOR, quantities, for_people=for_people, preview=not yes
        )
    result = {
        "preview": not yes,
        "added": quantities,
        "seated_for": list(added.seated),
        "promoted": added.promoted,
        **as_json_seats(added.after),
    }
    emit(result, as_json=as_json, text=lambda: _print_added(added, yes=yes))


def _print_added(added: Added, *, yes: bool) -> None:
    _print(added.after)
    people = added.promoted + len(added.seated)
    if yes:
        click.echo(f"Seats added; {people} waiting people got in.")
    else:
        click.echo(f"Preview: {people} waiting people would get in. Nothing was changed; add --yes to do it.")
