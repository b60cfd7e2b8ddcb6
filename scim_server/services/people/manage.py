"""Changes of people's seats, access and roles by an admin, in an open transaction.

These changes do not use the queue, and their events are marked as overrides.
"""

from dataclasses import dataclass, replace

from scim_server.history import (
    Manual,
    PersonDeprovisioned,
    PersonMoved,
    PersonProvisioned,
    PersonUnassigned,
    SeatDeltas,
)
from scim_server.services import roles
from scim_server.services.entitlements import apply as entitlements
from scim_server.services.errors import (
    AlreadyInactive,
    AlreadyPrimaryOwner,
    AlreadySeated,
    GivenByGroup,
    LastOwner,
    PersonInactive,
    PrimaryOwnerProtected,
    SameTier,
    WithoutSeat,
)
from scim_server.services.holds import mass_removal
from scim_server.services.people.find import named
from scim_server.services.seats import gate
from scim_server.store.database.session import Write
from scim_server.store.rows import events, people, refusals, seats
from scim_server.store.rows import members as members_store
from scim_server.store.rows.people import Person
from seat_policy.availability import TierSeats
from seat_policy.roles import Role
from seat_policy.seat_state import UNASSIGNED, WITHOUT_SEAT, seated


@dataclass(frozen=True, slots=True)
class NoSeatFree:
    """No seat is free for the person, so nothing was changed.

    Attributes:
        wants: the requested tier; None for any tier.
        tried: the tiers without a free seat, highest first.
    """

    person: Person
    wants: str | None
    tried: tuple[TierSeats, ...]

    @property
    def detail(self) -> str:
        """The message for people."""
        return f"no {'seat' if self.wants is None else f'{self.wants} seat'} is free"


def assign(write: Write, name: str, tier: str | None) -> Person | NoSeatFree:
    """Give a person a free seat, or move a person to a free seat of another tier.

    Args:
        tier: the tier of the seat; None for the highest tier with a free seat.
    """
    person = named(write, name)
    roles.require_above(write, Role.ADMIN)
    _require_active(person)
    gate.require_grants(write, write.moment)
    if person.tier is not None and tier in (None, person.tier):
        raise AlreadySeated(f"{person.user_name} already has a {person.tier} seat")
    availability = seats.availability(write)
    tried = availability.tiers if tier is None else (availability.of(tier),)
    chosen = next((one.tier.name for one in tried if one.free), None)
    if chosen is None:
        return NoSeatFree(person, tier, tried)
    require_own_choice(write, person, chosen)
    return give(write, person, chosen, "assigned")


def give(write: Write, person: Person, tier: str, reason: str, *, override: bool = True) -> Person:
    """Give an active person a free seat of a tier. A seat of another tier becomes free.

    Args:
        override: whether an admin decided it.
    """
    deltas = {**gate.held_by(person, -1), tier: (0, 1, 0)}
    gate.release(write, person)
    seats.move(write, tier, assigned=1)
    event = PersonProvisioned if person.tier is None else PersonMoved
    return _change(write, person, person.having(seated(tier)), event, reason, deltas, override=override)


def unassign(write: Write, name: str) -> Person:
    """Remove a person's seat or place in the queue. The person stays a member without access (SEATS 17)."""
    person = named(write, name)
    _require_may_end_access(write, person)
    if person.tier is None and person.wants is None:
        raise WithoutSeat(f"{person.user_name} has no seat and does not wait for one")
    deltas = gate.held_by(person, -1)
    gate.release(write, person)
    after = person.having(UNASSIGNED)
    return _change(write, person, after, PersonUnassigned, "by_hand", deltas)


def deactivate(write: Write, name: str) -> Person:
    """End a person's access and free the seat or place in the queue; id and history stay (SEATS 13)."""
    person = named(write, name)
    _require_may_end_access(write, person)
    if not person.active:
        raise AlreadyInactive(f"{person.user_name} is already inactive")
    released = mass_removal.release(write, person)
    after = replace(person, active=False, seat=WITHOUT_SEAT)
    return _change(write, person, after, PersonDeprovisioned, "by_hand", released.seats, released.number)


def reassign(write: Write, giver: str, taker: str) -> tuple[Person, Person]:
    """Give one person's seat to another person, even if other people wait (SEATS 30)."""
    one, other = named(write, giver), named(write, taker)
    roles.require_above(write, Role(one.role))
    _require_not_primary(one)
    _require_active(other)
    gate.require_grants(write, write.moment)
    if one.tier is None:
        _require_owner_stays(write, one)
        raise WithoutSeat(f"{one.user_name} has no seat to reassign")
    if other.tier is not None:
        raise AlreadySeated(f"{other.user_name} already has a {other.tier} seat. Use a swap instead")
    tier = one.tier
    if not other.role.owns:
        _require_owner_stays(write, one)
    require_own_choice(write, other, tier)
    gate.release(write, one)
    after = one.having(UNASSIGNED)
    left = _change(write, one, after, PersonUnassigned, "reassigned", {tier: (0, -1, 0)})
    gate.release(write, other)
    seats.move(write, tier, assigned=1)
    return left, _change(
        write, other, other.having(seated(tier)), PersonProvisioned, "reassigned", {tier: (0, 1, 0)}
    )


def swap(write: Write, first: str, second: str) -> tuple[Person, Person]:
    """Exchange the tiers of two people with a seat. A free seat is not needed (SEATS 30)."""
    one, other = named(write, first), named(write, second)
    roles.require_above(write, Role.ADMIN)
    gate.require_grants(write, write.moment)
    for person in (one, other):
        if person.tier is None:
            raise WithoutSeat(f"{person.user_name} has no seat to swap")
    if one.tier == other.tier:
        raise SameTier(f"both have a {one.tier} seat, so a swap changes nothing")
    require_own_choice(write, one, str(other.tier))
    require_own_choice(write, other, str(one.tier))
    return _exchanged(write, one, str(other.tier)), _exchanged(write, other, str(one.tier))


def _exchanged(write: Write, person: Person, tier: str) -> Person:
    """One half of a swap. The counters do not change, because the other half follows."""
    deltas = {**gate.held_by(person, -1), tier: (0, 1, 0)}
    if person.wants is not None:
        seats.count_waiting(write, person.wants, -1)
    return _change(write, person, person.having(seated(tier)), PersonMoved, "swapped", deltas)


def set_role(write: Write, name: str, role: Role) -> Person:
    """Make a person a User, Admin or Owner."""
    person = named(write, name)
    if role is Role.PRIMARY_OWNER:
        raise PrimaryOwnerProtected("the role of the Primary Owner can only be transferred")
    for affected in (Role(person.role), role):
        roles.require_above(write, affected)
    _require_not_primary(person)
    if person.role_mapped:
        raise GivenByGroup(
            f"{person.user_name} has the role {person.role} from a group. Change the mapping of "
            "the group instead"
        )
    _require_owner_stays(write, person, role)
    return roles.give(write, person, role, "by_hand")


def transfer(write: Write, name: str) -> tuple[Person, ...]:
    """Make a person with a seat the Primary Owner. The present one becomes an Owner (SEATS 18)."""
    person = named(write, name)
    roles.require_own_transfer(write)
    if person.role == Role.PRIMARY_OWNER:
        raise AlreadyPrimaryOwner(f"{person.user_name} is already the Primary Owner")
    if person.tier is None:
        raise WithoutSeat(f"{person.user_name} has no seat, but the Primary Owner needs one")
    present = members_store.primary_owner(write)
    former = () if present is None else (roles.give(write, present, Role.OWNER, "transferred"),)
    return (roles.give(write, person, Role.PRIMARY_OWNER, "transferred"), *former)


def _require_active(person: Person) -> None:
    if not person.active:
        raise PersonInactive(f"{person.user_name} is inactive. Activate this person first")


def _require_not_primary(person: Person) -> None:
    if person.role == Role.PRIMARY_OWNER:
        raise PrimaryOwnerProtected(f"{person.user_name} is the Primary Owner. Transfer the role first")


def _require_may_end_access(write: Write, person: Person) -> None:
    roles.require_above(write, Role(person.role))
    _require_not_primary(person)
    _require_owner_stays(write, person)


def _require_owner_stays(write: Write, person: Person, role: Role | None = None) -> None:
    """Check that the last Owner keeps the role or, if `role` is None, the access (SEATS 18)."""
    refused = roles.refusal(write, person, role)
    if refused is not None:
        raise LastOwner(refused)


def require_own_choice(write: Write, person: Person, tier: str) -> None:
    """Check that no group gives the tier, because an admin cannot override a group (SEATS 21).

    Mappings do not apply to the Primary Owner (SEATS 18).
    """
    entitlement = entitlements.of_people(write, [person.id])[person.id]
    if entitlement.mapped and entitlement.wants != tier and person.role != Role.PRIMARY_OWNER:
        raise GivenByGroup(
            f"{person.user_name} is in a group that gives {entitlement.wants}. Change the mapping "
            "or the group instead"
        )


def _change(  # noqa: PLR0913 - the person and what the event says
    write: Write,
    before: Person,
    after: Person,
    event: type[Manual],
    reason: str,
    deltas: SeatDeltas,
    number: int | None = None,
    *,
    override: bool = True,
) -> Person:
    """Write a changed person with its event, which is marked as an override if an admin decided it."""
    about = event(
        person=before.id,
        reason=reason,
        seats=deltas,
        override=override,
        waited_for=before.wants,
        personal={"userName": before.user_name},
    )
    number = events.append(write, about, number)
    if after.tier is not None or not after.active:
        # The person got a seat, or should not get one any more, so an open refusal is closed.
        refusals.close(write, after.user_name_key, after.id, number)
    return people.change(write, before, after)
