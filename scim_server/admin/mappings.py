"""Mappings: what groups give, set and removed with a preview of the exact effect."""

from collections.abc import Callable
from typing import Any, Final

from marshmallow import fields, validate

from scim_server.admin import auth, lists
from scim_server.admin.acting import Acting, context_of
from scim_server.admin.parsing import choice, text
from scim_server.admin.previews import carry_out
from scim_server.admin.routes import OF_ORGANIZATION, Noun
from scim_server.representations import mappings as shapes
from scim_server.representations.base import dump
from scim_server.services.access.commands import Scope
from scim_server.services.errors import (
    InvalidMapping,
    InvalidTier,
    OwnRoleLost,
    RoleTooLow,
    StaleConfirmation,
    UnknownMapping,
    UnknownPerson,
)
from scim_server.services.mappings import commands, queries
from scim_server.services.mappings.commands import Saved, Stale
from seat_policy.mapping import GroupMapping, Unmapped
from seat_policy.roles import GIVEN, Role

mappings = Noun("mappings", "What the provider's groups give: a tier, a role, or a priority in the queue.")

_MAPPINGS: Final = f"{OF_ORGANIZATION}/mappings"
_MOST_PRIORITY: Final = 1_000_000
_UNMAPPED: Final = tuple(one.value for one in Unmapped)
_ABOUT_UNMAPPED: Final = (
    "What people get if none of their groups gives a tier: the `highest` or the `lowest` tier with a free "
    "seat, or `none` until a group gives one."
)


class GroupInput(Acting):
    """One group."""

    group = text(required=True, about="The displayName in any case, or the externalId.")


class MappingInput(GroupInput):
    """What a group gives; at least one of the three."""

    tier = text(load_default=None, longest=32, about="The tier that members of the group get.")
    role = choice([one.value for one in GIVEN], load_default=None, about="The role that members get.")
    priority = fields.Integer(
        strict=True,
        load_default=None,
        validate=validate.Range(0, _MOST_PRIORITY),
        metadata={"description": "Their priority in the queue. A smaller number is served first."},
    )


class UnmappedInput(Acting):
    """What people get if none of their groups gives a tier."""

    unmapped = choice(_UNMAPPED, required=True, about=_ABOUT_UNMAPPED)


@mappings.list(_MAPPINGS, Scope.PROVISIONING_READ, shapes.Mapping)
def list_mappings(query: dict[str, Any]) -> dict[str, object]:
    """List the mappings, ordered by the name of the group."""
    found = queries.every(auth.context()).mappings
    return lists.listing(shapes.Mapping(), lists.cut(found, lambda one: one.key, query))


@mappings.show(f"{_MAPPINGS}/unmapped", Scope.PROVISIONING_READ, shapes.UnmappedChoice)
def show_unmapped() -> dict[str, object]:
    """What people get if none of their groups gives a tier."""
    return dump(shapes.UnmappedChoice(), queries.every(auth.context()))


@mappings.do(
    f"{_MAPPINGS}/set",
    Scope.PROVISIONING_WRITE,
    shapes.MappingsChange,
    MappingInput,
    preview=True,
    raises=(InvalidMapping, InvalidTier, OwnRoleLost, RoleTooLow, UnknownPerson),
    example={"group": "Engineering", "tier": "premium", "role": "admin"},
)
def set_mapping(body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Map a group, or change its mapping. The group does not need to exist yet.

    The answer has all people whose role, tier or wait changes, the missing seats with their price, and the
    seats that the policy `buy` adds. An acting Owner cannot lose their own role by it.
    """
    context = context_of(body)
    role = None if body["role"] is None else Role(body["role"])
    gives = GroupMapping(body["tier"], role, body["priority"])
    return _saved(
        lambda shown, code: commands.save(
            context, body["group"], gives, saver=context.actor.person, preview=shown, confirmation=code
        ),
        body,
        preview=preview,
    )


@mappings.do(
    f"{_MAPPINGS}/remove",
    Scope.PROVISIONING_WRITE,
    shapes.MappingsChange,
    GroupInput,
    preview=True,
    raises=(UnknownMapping, OwnRoleLost, RoleTooLow, UnknownPerson),
    example={"group": "Engineering"},
)
def remove(body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Remove the mapping of a group. Its members keep what their other groups give."""
    context = context_of(body)
    return _saved(
        lambda shown, code: commands.remove(
            context, body["group"], saver=context.actor.person, preview=shown, confirmation=code
        ),
        body,
        preview=preview,
    )


@mappings.do(
    f"{_MAPPINGS}/unmapped",
    Scope.PROVISIONING_WRITE,
    shapes.MappingsChange,
    UnmappedInput,
    preview=True,
    raises=(RoleTooLow, UnknownPerson),
    example={"unmapped": "lowest"},
)
def set_unmapped(body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Set what people get if none of their groups gives a tier.

    `none` is recommended if the provider creates people first and pushes groups later.
    """
    context, unmapped = context_of(body), Unmapped(body["unmapped"])
    return _saved(
        lambda shown, code: commands.choose_unmapped(context, unmapped, preview=shown, confirmation=code),
        body,
        preview=preview,
    )


def _saved(
    run: Callable[[bool, str | None], Saved | Stale], body: dict[str, Any], *, preview: bool
) -> dict[str, object]:
    def run_or_refuse(shown: bool, code: str | None) -> tuple[Saved, bool]:  # noqa: FBT001 - as carry_out calls it
        done = run(shown, code)
        if isinstance(done, Stale):
            raise StaleConfirmation(done.detail)
        return done, shown

    return carry_out(
        run_or_refuse, lambda done: shapes.saved(done[0], preview=done[1]), preview=preview, body=body
    )
