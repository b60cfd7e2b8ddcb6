"""Mappings of groups to tiers, roles and priorities: shown with their exact effect before they are saved."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from scim_server.history import MappingRemoved, MappingSaved, OrganizationUpdated
from scim_server.protocol.normalise import fold
from scim_server.services.entitlements import apply as wishes
from scim_server.services.entitlements.apply import Effect
from scim_server.services.errors import OperatorError
from scim_server.services.invoicing import missing_seats as shortfall
from scim_server.store.database.session import Actor, Database, Write
from scim_server.store.rows import contracts, events, mappings, members, organizations, seats
from scim_server.store.rows.mappings import Mapped
from scim_server.store.rows.people import Person
from seat_policy.availability import Availability
from seat_policy.errors import PolicyError
from seat_policy.invoices import Bill
from seat_policy.mapping import GroupMapping, Unmapped
from seat_policy.roles import GIVEN, Role
from seat_policy.shortfall import LeftOut, missing_seats


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving did, or would do.

    Attributes:
        mappings: all of them, as they are then.
        effects: everybody whose role, tier or place changes, or who is refused the tier wanted for them.
        missing: seats by tier that would let everyone in who was refused or waits by it.
        price: what those cost now; None where nothing is missing or there is no contract.
        bought: seats by tier that the policy `buy` adds for them.
        bought_price: what those cost, on the invoice of this contract day; None where there are none.
    """

    mappings: tuple[Mapped, ...]
    unmapped: Unmapped
    effects: tuple[Effect, ...]
    missing: Mapping[str, int]
    price: Bill | None
    bought: Mapping[str, int]
    bought_price: Bill | None
    seats: Availability


def every(database: Database, organization: str) -> tuple[list[Mapped], Unmapped]:
    """All mappings, and what people get whom none covers."""
    with database.read(organization) as read:
        return mappings.every(read), mappings.unmapped(read)


def save(  # noqa: PLR0913 - who, where, what, and how
    database: Database,
    organization: str,
    actor: Actor,
    group: str,
    gives: GroupMapping,
    *,
    saver: str | None = None,
    preview: bool = False,
) -> Saved:
    """Map a group, which need not exist yet, and bring everyone in it to what it gives.

    Args:
        group: its displayName in any case, or its externalId.
        saver: id of who saves it: their own Owner or Admin role is not taken by it.
        preview: do it, read the outcome, and undo it.

    Raises:
        OperatorError: it gives nothing, a role or tier that cannot be given, or takes the saver's role.
    """
    if not group.strip():
        raise OperatorError("name the group by its displayName or externalId")
    if gives == GroupMapping():
        raise OperatorError("say what the group gives: a tier, a role or a priority")
    if gives.role is not None and gives.role not in GIVEN:
        raise OperatorError("the role of the Primary Owner is transferred, not mapped")
    mapped = Mapped(fold(group), group, gives)

    def change(write: Write) -> set[str]:
        if gives.tier is not None:
            try:
                seats.availability(write).of(gives.tier)
            except PolicyError as error:
                raise OperatorError(str(error)) from None
        before = next((one for one in mappings.every(write) if one.key == mapped.key), None)
        if before == mapped:
            return set()
        concerned = _concerned(write, mapped, before)
        mappings.put(write, mapped)
        role = None if gives.role is None else gives.role.value
        event = MappingSaved(name=group, tier=gives.tier, role=role, priority=gives.priority)
        events.append(write, event)
        return concerned | _concerned(write, mapped, None)

    return _saved(database, organization, actor, change, saver, preview=preview)


def remove(
    database: Database,
    organization: str,
    actor: Actor,
    group: str,
    *,
    saver: str | None = None,
    preview: bool = False,
) -> Saved:
    """Forget a mapping; people in the group then get what their other groups give.

    Raises:
        OperatorError: there is no such mapping, or the saver's role goes with it.
    """

    def change(write: Write) -> set[str]:
        found = next((one for one in mappings.every(write) if fold(group) == one.key), None)
        if found is None:
            raise OperatorError(f"there is no mapping of '{group}'; 'scim-seats mapping list' shows them")
        concerned = _concerned(write, found, None)
        mappings.remove(write, found.key)
        events.append(write, MappingRemoved(name=found.name))
        return concerned if not mappings.none_given(write) else concerned | _everybody(write)

    return _saved(database, organization, actor, change, saver, preview=preview)


def choose_unmapped(
    database: Database, organization: str, actor: Actor, choice: Unmapped, *, preview: bool = False
) -> Saved:
    """Say what people get who are in no group that gives a tier (SEATS 20)."""

    def change(write: Write) -> set[str]:
        before = mappings.unmapped(write)
        if before is choice:
            return set()
        mappings.choose_unmapped(write, choice)
        changes = {"unmapped": {"from": before.value, "to": choice.value}}
        events.append(write, OrganizationUpdated(changes=changes))
        return _everybody(write)

    return _saved(database, organization, actor, change, None, preview=preview)


def described(gives: GroupMapping) -> dict[str, object]:
    """What a mapping gives, as JSON."""
    role = None if gives.role is None else gives.role.value
    return {"tier": gives.tier, "role": role, "priority": gives.priority}


def _concerned(write: Write, mapped: Mapped, before: Mapped | None) -> set[str]:
    """Whom a change of a mapping concerns: its members, and everyone where the first tier is mapped."""
    concerned = mappings.members_of_mapped(write, mapped)
    first_tier = mapped.gives.tier is not None and mappings.none_given(write)
    last_tier = before is not None and before.gives.tier is not None and mapped.gives.tier is None
    if before is not None:
        concerned |= mappings.members_of_mapped(write, before)
    return concerned | _everybody(write) if first_tier or last_tier else concerned


def _everybody(write: Write) -> set[str]:
    """Who may be in no group that gives a tier.

    Sign-ins name groups that are not stored: in the mode `jit` those who sit keep what their last one gave,
    until the next says otherwise.
    """
    signs_in = organizations.get(write).mode == "jit"
    return mappings.everybody(write, unseated=wishes.AWAITING_GROUP if signs_in else None)


def _saved(
    database: Database,
    organization: str,
    actor: Actor,
    change: Callable[[Write], set[str]],
    saver: str | None,
    *,
    preview: bool,
) -> Saved:
    def work(write: Write) -> Saved:
        unbilled = Counter(seats.unbilled(write))
        waiting = members.queue(write)
        concerned = change(write)
        effects = _settled(write, waiting, wishes.follow(write, organizations.get(write), concerned))
        _keep_own_role(effects, saver)
        availability = seats.availability(write)
        missing = _missing(write, effects, availability)
        bought = Counter(seats.unbilled(write)) - unbilled
        return Saved(
            mappings=tuple(mappings.every(write)),
            unmapped=mappings.unmapped(write),
            effects=tuple(effects),
            missing=missing,
            price=shortfall.price(contracts.get(write), missing, write.moment),
            bought=bought,
            bought_price=shortfall.price(contracts.get(write), bought, write.moment),
            seats=availability,
        )

    return database.write(organization, actor, work, undo=preview)


def _settled(write: Write, waiting: list[Person], effects: list[Effect]) -> list[Effect]:
    """What became of people when the queue had moved too: who waited may sit on a seat that others left."""
    before = {one.id: one for one in waiting} | {effect.before.id: effect.before for effect in effects}
    refused = {effect.before.id: effect for effect in effects if effect.refused}
    return [
        replace(refused.get(one.id, Effect(before[one.id], one)), after=one)
        for one in members.of_ids(write, before)
        if one != before[one.id] or one.id in refused
    ]


def _keep_own_role(effects: list[Effect], saver: str | None) -> None:
    """Nobody locks themselves out (SEATS 23)."""
    for effect in effects:
        before, after = Role(effect.before.role), Role(effect.after.role)
        if effect.before.id == saver and after.rank < before.rank:
            raise OperatorError(
                f"this would make you, {effect.before.user_name}, a {after.value} instead of {before.value}: "
                "let another Owner save it, or add yourself to a group that keeps your role"
            )


def _missing(write: Write, effects: list[Effect], availability: Availability) -> dict[str, int]:
    wishes_left = ((effect.wanted or effect.after.wants, effect.after.tier) for effect in effects)
    lacking = Counter(LeftOut(wants, tier) for wants, tier in wishes_left if wants is not None)
    return missing_seats(availability, lacking, shortfall.cheapest(contracts.get(write), availability))
