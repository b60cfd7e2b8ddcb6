"""Maps groups to tiers, roles and priorities. A preview shows the exact effect before a change is saved."""

from collections.abc import Callable

from scim_server.history import MappingRemoved, MappingSaved, OrganizationUpdated
from scim_server.protocol.normalise import fold
from scim_server.services import roles
from scim_server.services.context import Context
from scim_server.services.entitlements.apply import Effect
from scim_server.services.errors import InvalidMapping, InvalidTier, UnknownMapping
from scim_server.services.mappings import effects
from scim_server.services.mappings.effects import NotConfirmed, Saved, Stale
from scim_server.store.database.session import Write
from scim_server.store.rows import events, mappings, organizations, seats
from scim_server.store.rows.mappings import Mapped
from seat_policy.errors import PolicyError
from seat_policy.mapping import GroupMapping, Unmapped
from seat_policy.modes import Mode
from seat_policy.roles import GIVEN, Role
from seat_policy.seat_state import Unseated

__all__ = [
    "Effect",
    "Saved",
    "Stale",
    "choose_unmapped",
    "remove",
    "save",
]


def save(
    context: Context,
    group: str,
    gives: GroupMapping,
    *,
    saver: str | None = None,
    preview: bool = False,
    confirmation: str | None = None,
) -> Saved | Stale:
    """Map a group and give its members what the mapping gives; the group does not need to exist yet.

    Args:
        group: the displayName in any case, or the externalId.
        saver: the id of the person who saves the mapping; this person must not lose an Owner or Admin role.
        preview: make the change, read the result, and roll everything back.
        confirmation: the confirmation code of a preview; None if the caller needs none.

    Raises:
        InvalidMapping, InvalidTier: the mapping gives nothing, or it gives a role or tier that cannot be
            given.
        OwnRoleLost: the saver would lose their role.
    """
    if not group.strip():
        raise InvalidMapping("give the displayName or externalId of the group")
    if gives == GroupMapping():
        raise InvalidMapping("give a tier, a role or a priority")
    if gives.role is not None and gives.role not in GIVEN:
        raise InvalidMapping("the role of the Primary Owner can only be transferred")
    mapped = Mapped(fold(group), group, gives)

    def change(write: Write) -> set[str]:
        roles.require_above(write, gives.role or Role.USER)
        if gives.tier is not None:
            try:
                seats.availability(write).of(gives.tier)
            except PolicyError as error:
                raise InvalidTier(str(error)) from None
        before = next((one for one in mappings.every(write) if one.key == mapped.key), None)
        if before == mapped:
            return set()
        if before is not None:
            roles.require_above(write, before.gives.role or Role.USER)
        concerned = _concerned(write, mapped, before)
        mappings.put(write, mapped)
        role = None if gives.role is None else gives.role.value
        event = MappingSaved(name=group, tier=gives.tier, role=role, priority=gives.priority)
        events.append(write, event)
        return concerned | _concerned(write, mapped, None)

    return _run(context, change, saver, confirmation, preview=preview)


def remove(
    context: Context,
    group: str,
    *,
    saver: str | None = None,
    preview: bool = False,
    confirmation: str | None = None,
) -> Saved | Stale:
    """Remove a mapping. The members of the group keep what their other groups give.

    Raises:
        UnknownMapping: the group has no mapping.
        OwnRoleLost: the saver would lose their role.
    """

    def change(write: Write) -> set[str]:
        found = next((one for one in mappings.every(write) if fold(group) == one.key), None)
        if found is None:
            raise UnknownMapping(f"the group '{group}' has no mapping")
        roles.require_above(write, found.gives.role or Role.USER)
        concerned = _concerned(write, found, None)
        mappings.remove(write, found.key)
        events.append(write, MappingRemoved(name=found.name))
        return concerned if not mappings.none_given(write) else concerned | _everybody(write)

    return _run(context, change, saver, confirmation, preview=preview)


def choose_unmapped(
    context: Context, choice: Unmapped, *, preview: bool = False, confirmation: str | None = None
) -> Saved | Stale:
    """Set what people get if their groups give no tier (SEATS 20)."""

    def change(write: Write) -> set[str]:
        before = mappings.unmapped(write)
        if before is choice:
            return set()
        mappings.choose_unmapped(write, choice)
        changes = {"unmapped": {"from": before.value, "to": choice.value}}
        events.append(write, OrganizationUpdated(changes=changes))
        return _everybody(write)

    return _run(context, change, None, confirmation, preview=preview)


def _run(
    context: Context,
    change: Callable[[Write], set[str]],
    saver: str | None,
    confirmation: str | None,
    *,
    preview: bool,
) -> Saved | Stale:
    run = context.preview if preview else context.write
    try:
        return run(lambda write: effects.carry_out(write, change, saver, confirmation))
    except NotConfirmed as error:
        return Stale(error.now)


def _concerned(write: Write, mapped: Mapped, before: Mapped | None) -> set[str]:
    """The people whom a mapping may affect: its members, or all people if it is the first one with a tier."""
    concerned = mappings.members_of_mapped(write, mapped)
    first_tier = mapped.gives.tier is not None and mappings.none_given(write)
    last_tier = before is not None and before.gives.tier is not None and mapped.gives.tier is None
    if before is not None:
        concerned |= mappings.members_of_mapped(write, before)
    return concerned | _everybody(write) if first_tier or last_tier else concerned


def _everybody(write: Write) -> set[str]:
    """The people whose groups perhaps give no tier.

    Groups in sign-ins are not stored. In the mode `jit`, people with a seat keep what their last sign-in gave
    until their next sign-in.
    """
    signs_in = organizations.get(write).mode is Mode.JIT
    return mappings.everybody(write, unseated=Unseated.AWAITING_GROUP if signs_in else None)
