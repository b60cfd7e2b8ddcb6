"""`scim-seats mapping`: manage the tiers, roles and priorities that groups give."""

from collections.abc import Mapping

import click

from scim_server.cli.output import emit, in_organization, json_option, say, table
from scim_server.documents import formats
from scim_server.representations import mappings as shapes
from scim_server.representations.base import dump
from scim_server.services.errors import StaleConfirmation
from scim_server.services.mappings import commands, queries
from scim_server.services.mappings.commands import Effect, Saved, Stale
from scim_server.store.rows.mappings import Mapped
from seat_policy.mapping import GroupMapping, Unmapped
from seat_policy.roles import GIVEN, Role

_SHOWN = 50
_COLUMNS = ("group", "tier", "role", "priority")
yes_option = click.option(
    "--yes", is_flag=True, help="Save the change. Without this option, only show what would happen."
)
confirm_option = click.option(
    "--confirm",
    metavar="CODE",
    help="Save exactly what the preview with this confirmation code showed. If the result would "
    "now differ, nothing is saved.",
)


@click.group()
def mapping() -> None:
    """Mappings connect the provider's groups with a tier, a role, or a priority in the queue."""


def _row(one: Mapped) -> tuple[object, ...]:
    role = None if one.gives.role is None else one.gives.role.value
    return one.name, one.gives.tier, role, one.gives.priority


@mapping.command(name="list")
@click.argument("slug")
@json_option
def list_(*, slug: str, as_json: bool) -> None:
    """List the mappings, and what people get if none of their groups is mapped."""
    with in_organization(slug) as context:
        found = queries.every(context)

    def text() -> None:
        table(
            _COLUMNS,
            map(_row, found.mappings),
            empty="No group is mapped yet. Map one with 'scim-seats mapping set'.",
        )
        say(f"People whose groups give no tier get: {found.unmapped.value}")

    result = {
        "organization": slug,
        "data": [dump(shapes.Mapping(), one) for one in found.mappings],
        "next_cursor": None,
        "unmapped": found.unmapped.value,
    }
    emit(result, as_json=as_json, text=text)


@mapping.command(name="set")
@click.argument("slug")
@click.argument("group")
@click.option("--tier", help="The tier that members of the group get.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in GIVEN]),
    help="The role that members of the group get.",
)
@click.option(
    "--priority",
    type=click.IntRange(0, 1_000_000),
    help="Priority in the queue. A smaller number is served first. Default: 100.",
)
@yes_option
@confirm_option
@json_option
def set_(  # noqa: PLR0913 - one parameter per option
    *,
    slug: str,
    group: str,
    tier: str | None,
    role: str | None,
    priority: int | None,
    yes: bool,
    confirm: str | None,
    as_json: bool,
) -> None:
    """Map a group by its displayName or externalId; the group does not need to exist yet.

    Shows the people whose role or tier would change, the people who would wait, and the price of the missing
    seats.

    Example: scim-seats mapping set acme Engineering --tier premium --yes
    """
    gives = GroupMapping(tier, None if role is None else Role(role), priority)
    do = yes or confirm is not None
    with in_organization(slug) as context:
        saved = commands.save(context, group, gives, preview=not do, confirmation=confirm)
    _show(saved, done=do, as_json=as_json)


@mapping.command()
@click.argument("slug")
@click.argument("group")
@yes_option
@confirm_option
@json_option
def remove(*, slug: str, group: str, yes: bool, confirm: str | None, as_json: bool) -> None:
    """Remove a mapping; the members of the group keep what their other groups give."""
    do = yes or confirm is not None
    with in_organization(slug) as context:
        saved = commands.remove(context, group, preview=not do, confirmation=confirm)
    _show(saved, done=do, as_json=as_json)


@mapping.command()
@click.argument("slug")
@click.argument("choice", type=click.Choice([choice.value for choice in Unmapped]))
@yes_option
@confirm_option
@json_option
def unmapped(*, slug: str, choice: str, yes: bool, confirm: str | None, as_json: bool) -> None:
    """Set what people get if their groups give no tier.

    With 'none', a person has no seat until one of the person's groups gives a tier. This is recommended if
    the provider creates people first and pushes groups later.
    """
    do = yes or confirm is not None
    with in_organization(slug) as context:
        saved = commands.choose_unmapped(context, Unmapped(choice), preview=not do, confirmation=confirm)
    _show(saved, done=do, as_json=as_json)


def _show(saved: Saved | Stale, *, done: bool, as_json: bool) -> None:
    if isinstance(saved, Stale):
        _show(saved.now, done=False, as_json=as_json)
        raise StaleConfirmation(saved.detail)
    result = shapes.saved(saved, preview=not done)
    emit(result, as_json=as_json, text=lambda: _print(saved, yes=done))


def _print(saved: Saved, *, yes: bool) -> None:
    rows = [_effect_row(effect) for effect in saved.effects[:_SHOWN]]
    table(("userName", "role", "seat", "waits for", ""), rows, empty="No roles or seats change.")
    if len(saved.effects) > _SHOWN:
        say(f"... and {len(saved.effects) - _SHOWN} more; --json lists all.")
    if saved.bought_price is not None:
        price = formats.money(saved.bought_price.total)
        say(f"The policy 'buy' adds seats: {_in_words(saved.bought)}. They cost {price} on today's invoice.")
    if saved.missing:
        price = "" if saved.price is None else f", {formats.money(saved.price.total)} now"
        say(f"Seats missing for everyone: {_in_words(saved.missing)}{price}.")
    if yes:
        say("Saved.")
    elif saved.bought_price is None:
        say("This was a preview, and nothing was changed. Add --yes to save it.")
    else:
        say(
            f"This was a preview, and nothing was changed. Add --confirm {saved.confirmation} to "
            "save exactly this."
        )


def _in_words(seats: Mapping[str, int]) -> str:
    return " and ".join(f"{number} {tier}" for tier, number in seats.items())


def _effect_row(effect: Effect) -> tuple[object, ...]:
    before, after = effect.before, effect.after
    role = after.role if before.role == after.role else f"{before.role} -> {after.role}"
    seats = [one.tier or one.status for one in (before, after)]
    seat = seats[1] if seats[0] == seats[1] else f"{seats[0]} -> {seats[1]}"
    return after.user_name, role, seat, after.wants, effect.refused
