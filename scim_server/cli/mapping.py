"""`scim-seats mapping`: what membership in a group gives."""

from collections.abc import Mapping

import click

from scim_server.cli.output import emit, json_option, opened, table
from scim_server.documents import formats
from scim_server.representations.base import dump
from scim_server.representations.bills import Billed
from scim_server.services.entitlements.apply import Effect
from scim_server.services.groups import mappings as service
from scim_server.services.groups.mappings import Saved
from scim_server.services.organizations import settings as organizations
from scim_server.store.database.session import OPERATOR
from scim_server.store.rows.mappings import Mapped
from seat_policy.mapping import GroupMapping, Unmapped
from seat_policy.roles import GIVEN, Role

_SHOWN = 50
_COLUMNS = ("group", "tier", "role", "priority")
yes_option = click.option("--yes", is_flag=True, help="Save it; without this, only show what would happen.")


@click.group()
def mapping() -> None:
    """Mappings: groups of the provider that give a tier, a role, or a place in the queue."""


def _described(mapped: Mapped) -> dict[str, object]:
    return {"group": mapped.name, **service.described(mapped.gives)}


def _row(mapped: Mapped) -> tuple[object, ...]:
    return tuple(_described(mapped).values())


@mapping.command(name="list")
@click.argument("slug")
@json_option
def list_(*, slug: str, as_json: bool) -> None:
    """List the mappings, and what people get whom none covers."""
    with opened() as (_, database):
        found, unmapped = service.every(database, organizations.find(database, slug).id)

    def text() -> None:
        table(
            _COLUMNS,
            map(_row, found),
            empty="No group gives anything yet: 'scim-seats mapping set' maps one.",
        )
        click.echo(f"Who is in no group that gives a tier gets: {unmapped.value}")

    emit({"mappings": [*map(_described, found)], "unmapped": unmapped.value}, as_json=as_json, text=text)


@mapping.command(name="set")
@click.argument("slug")
@click.argument("group")
@click.option("--tier", help="The tier that its members are to have.")
@click.option("--role", type=click.Choice([role.value for role in GIVEN]), help="The role that they have.")
@click.option(
    "--priority", type=click.IntRange(0, 1_000_000), help="In the queue; smaller first, usually 100."
)
@yes_option
@json_option
def set_(  # noqa: PLR0913 - one parameter per option
    *,
    slug: str,
    group: str,
    tier: str | None,
    role: str | None,
    priority: int | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Map a group, named by its displayName or externalId; it need not exist yet.

    Shows who gains, loses or changes role and tier, who would wait, and what seats for all would cost.

    Example: scim-seats mapping set acme Engineering --tier premium --yes
    """
    gives = GroupMapping(tier, None if role is None else Role(role), priority)
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        saved = service.save(database, organization.id, OPERATOR, group, gives, preview=not yes)
    _told(saved, yes=yes, as_json=as_json)


@mapping.command()
@click.argument("slug")
@click.argument("group")
@yes_option
@json_option
def remove(*, slug: str, group: str, yes: bool, as_json: bool) -> None:
    """Forget a mapping; people in the group get what their other groups give."""
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        saved = service.remove(database, organization.id, OPERATOR, group, preview=not yes)
    _told(saved, yes=yes, as_json=as_json)


@mapping.command()
@click.argument("slug")
@click.argument("choice", type=click.Choice([choice.value for choice in Unmapped]))
@yes_option
@json_option
def unmapped(*, slug: str, choice: str, yes: bool, as_json: bool) -> None:
    """Say what people get who are in no group that gives a tier.

    With 'none' they have no seat until a group says which: recommended where a provider creates people
    first and pushes groups later.
    """
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        saved = service.choose_unmapped(
            database, organization.id, OPERATOR, Unmapped(choice), preview=not yes
        )
    _told(saved, yes=yes, as_json=as_json)


def _effect(effect: Effect) -> dict[str, object]:
    before, after = effect.before, effect.after
    return {
        "user_name": after.user_name,
        "role": {"from": before.role, "to": after.role},
        "status": {"from": before.status, "to": after.status},
        "tier": {"from": before.tier, "to": after.tier},
        "waits_for": after.wants,
        "refused": effect.refused,
    }


def _told(saved: Saved, *, yes: bool, as_json: bool) -> None:
    result = {
        "preview": not yes,
        "mappings": [*map(_described, saved.mappings)],
        "unmapped": saved.unmapped.value,
        "effects": [*map(_effect, saved.effects)],
        "missing_seats": dict(saved.missing),
        "price": None if saved.price is None else dump(Billed(), saved.price),
        "bought_seats": dict(saved.bought),
        "bought_price": None if saved.bought_price is None else dump(Billed(), saved.bought_price),
    }
    emit(result, as_json=as_json, text=lambda: _print(saved, yes=yes))


def _print(saved: Saved, *, yes: bool) -> None:
    rows = [_effect_row(effect) for effect in saved.effects[:_SHOWN]]
    table(("userName", "role", "seat", "waits for", ""), rows, empty="Nobody's role or seat changes.")
    if len(saved.effects) > _SHOWN:
        click.echo(f"... and {len(saved.effects) - _SHOWN} more; --json lists them all.")
    if saved.bought_price is not None:
        price = formats.money(saved.bought_price.total)
        click.echo(f"The policy 'buy' adds {_in_words(saved.bought)} seats: {price} on today's invoice.")
    if saved.missing:
        price = "" if saved.price is None else f", {formats.money(saved.price.total)} now"
        click.echo(f"To seat everybody, {_in_words(saved.missing)} seats are missing{price}.")
    click.echo("Saved." if yes else "Preview: nothing was changed; add --yes to save it.")


def _in_words(seats: Mapping[str, int]) -> str:
    return " and ".join(f"{number} {tier}" for tier, number in seats.items())


def _effect_row(effect: Effect) -> tuple[object, ...]:
    before, after = effect.before, effect.after
    role = after.role if before.role == after.role else f"{before.role} -> {after.role}"
    seats = [one.tier or one.status for one in (before, after)]
    seat = seats[1] if seats[0] == seats[1] else f"{seats[0]} -> {seats[1]}"
    return after.user_name, role, seat, after.wants, effect.refused
