"""What Admins and Owners do to people by hand: seats given, taken, passed on and swapped, access and roles.

Every function is one transaction. What is done by hand passes the queue, and says so in its event; only who
is activated goes through the gate.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from scim_server.protocol.normalise import user_name_key
from scim_server.services import roles
from scim_server.services.entitlements import apply as wishes
from scim_server.services.errors import OperatorError
from scim_server.services.holds import removal as departures
from scim_server.services.people.provision import Outcome, activate_in
from scim_server.services.seats import gate
from scim_server.store.database.session import Actor, Database, Read, Write
from scim_server.store.rows import events, former, organizations, people, refusals, seats
from scim_server.store.rows import members as members_store
from scim_server.store.rows.events import Entry, Event, SeatDeltas
from scim_server.store.rows.people import Person
from seat_policy.roles import Role


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change by hand did.

    Attributes:
        people: those it was about, as they are now.
        promoted: how many who waited got a seat by it.
    """

    people: tuple[Person, ...]
    promoted: int


@dataclass(frozen=True, slots=True)
class History:
    """A member and what happened to them, the newest first; under other ids too, if they were deleted."""

    person: Person
    entries: tuple[Entry, ...]


def every(  # noqa: PLR0913 - each argument is one of the list's filters
    database: Database,
    organization: str,
    *,
    status: str | None = None,
    role: str | None = None,
    unconfirmed: bool = False,
    after: str | None = None,
    limit: int = 100,
) -> list[Person]:
    """Members in the order in which they came; `after` is the id with which a page ended.

    Args:
        unconfirmed: only those let in from the log whom no provider has named since (SEATS 32).

    Raises:
        OperatorError: there is nobody of that id.
    """
    with database.read(organization) as read:
        last = None if after is None else named(read, after)
        return members_store.members(
            read, status=status, role=role, unconfirmed=unconfirmed, after=last, limit=limit
        )


def history(database: Database, organization: str, name: str) -> History:
    """One member with their history.

    Raises:
        OperatorError: there is nobody of that name.
    """
    with database.read(organization) as read:
        person = named(read, name)
        ids = [person.id, *former.ids_of(read, person.user_name_key)]
        return History(person, tuple(events.of_people(read, ids)))


def named(read: Read, name: str) -> Person:
    """The person with an id or a userName.

    Raises:
        OperatorError: there is nobody of that name.
    """
    person = people.get(read, name) or people.by_key(read, user_name_key(name))
    if person is None:
        raise OperatorError(f"there is nobody called '{name}' in this organization")
    return person


def assign(
    database: Database, organization: str, actor: Actor, name: str, tier: str | None = None
) -> Changed:
    """Give somebody a free seat, or move them to another tier that has one.

    Args:
        tier: None for the highest that has a free seat.

    Raises:
        OperatorError: there is no free seat, or nothing to do.
    """
    return _by_hand(database, organization, actor, lambda write: (_assign(write, name, tier),))


def unassign(database: Database, organization: str, actor: Actor, name: str) -> Changed:
    """Take somebody's seat, or their place in the queue; they stay a member without access (SEATS 17).

    Raises:
        OperatorError: they have neither, or are the Primary Owner.
    """
    return _by_hand(database, organization, actor, lambda write: (_unassign(write, name),))


def deactivate(database: Database, organization: str, actor: Actor, name: str) -> Changed:
    """End somebody's access: their seat or place in the queue is free, id and history stay (SEATS 13).

    Raises:
        OperatorError: they are inactive, the Primary Owner or the last Owner.
    """
    return _by_hand(database, organization, actor, lambda write: (_deactivate(write, name),))


def activate(database: Database, organization: str, actor: Actor, name: str) -> Outcome:
    """Let an inactive member in again, through the gate as everybody: no act that passes the queue.

    Returns:
        The person, or the refusal, which the log keeps.

    Raises:
        OperatorError: they are active.
    """

    def unit(write: Write) -> Outcome:
        person = named(write, name)
        if person.active:
            raise OperatorError(f"{person.user_name} is active already")
        return activate_in(write, organizations.get(write), person)

    return database.write(organization, actor, unit)


def reassign(database: Database, organization: str, actor: Actor, giver: str, taker: str) -> Changed:
    """Pass one person's seat on to another, past the queue (SEATS 30).

    Raises:
        OperatorError: the one has no seat, or the other has one or is inactive.
    """
    return _by_hand(database, organization, actor, lambda write: _reassign(write, giver, taker))


def swap(database: Database, organization: str, actor: Actor, one: str, other: str) -> Changed:
    """Exchange the tiers of two seated people; no seat need be free (SEATS 30).

    Raises:
        OperatorError: one of them has no seat, or both sit on the same tier.
    """
    return _by_hand(database, organization, actor, lambda write: _swap(write, one, other))


def set_role(database: Database, organization: str, actor: Actor, name: str, role: Role) -> Changed:
    """Make somebody a User, Admin or Owner.

    Raises:
        OperatorError: they are the Primary Owner or the last Owner, or the role is the Primary Owner's.
    """
    return _by_hand(database, organization, actor, lambda write: (_set_role(write, name, role),))


def transfer(database: Database, organization: str, actor: Actor, name: str) -> Changed:
    """Make a seated, active person the Primary Owner; the present one becomes an Owner (SEATS 18).

    Raises:
        OperatorError: they have no seat, or are it already.
    """
    return _by_hand(database, organization, actor, lambda write: _transfer(write, name))


def _by_hand(
    database: Database, organization: str, actor: Actor, work: Callable[[Write], tuple[Person, ...]]
) -> Changed:
    def unit(write: Write) -> Changed:
        changed = work(write)
        return Changed(changed, gate.move_queue(write))

    return database.write(organization, actor, unit)


def _assign(write: Write, name: str, tier: str | None) -> Person:
    person = named(write, name)
    _require_active(person)
    gate.require_grants(write)
    chosen = _free_tier(write, person, tier)
    _require_own_choice(write, person, chosen)
    deltas = {**gate.held_by(person, -1), chosen: (0, 1, 0)}
    gate.release(write, person)
    seats.move(write, chosen, assigned=1)
    type_ = "person.provisioned" if person.tier is None else "person.moved"
    return _change(write, person, replace(person.without_seat(), tier=chosen), type_, "assigned", deltas)


def _free_tier(write: Write, person: Person, tier: str | None) -> str:
    availability = seats.availability(write)
    tried = availability.tiers if tier is None else (availability.of(tier),)
    if person.tier is not None and tier in (None, person.tier):
        raise OperatorError(f"{person.user_name} has a {person.tier} seat already")
    for one in tried:
        if one.free:
            return one.tier.name
    wanted = "seat" if tier is None else f"{tier} seat"
    raise OperatorError(f"no {wanted} is free: add seats, or pass one on with 'people reassign'")


def _unassign(write: Write, name: str) -> Person:
    person = named(write, name)
    _require_not_primary(person)
    _require_owner_stays(write, person)
    if person.tier is None and person.wants is None:
        raise OperatorError(f"{person.user_name} has no seat and waits for none")
    deltas = gate.held_by(person, -1)
    gate.release(write, person)
    after = replace(person.without_seat(), unseated="unassigned")
    return _change(write, person, after, "person.unassigned", "by_hand", deltas)


def _deactivate(write: Write, name: str) -> Person:
    person = named(write, name)
    _require_not_primary(person)
    _require_owner_stays(write, person)
    if not person.active:
        raise OperatorError(f"{person.user_name} is inactive already")
    leaving = departures.leave(write, person)
    after = replace(person.without_seat(), active=False)
    return _change(write, person, after, "person.deprovisioned", "by_hand", leaving.seats)


def _reassign(write: Write, giver: str, taker: str) -> tuple[Person, Person]:
    one, other = named(write, giver), named(write, taker)
    _require_not_primary(one)
    _require_active(other)
    gate.require_grants(write)
    _require_owner_stays(write, one)
    if one.tier is None:
        raise OperatorError(f"{one.user_name} has no seat that could be passed on")
    if other.tier is not None:
        raise OperatorError(f"{other.user_name} has a {other.tier} seat; 'people swap' exchanges seats")
    tier = one.tier
    _require_own_choice(write, other, tier)
    gate.release(write, one)
    after = replace(one.without_seat(), unseated="unassigned")
    left = _change(write, one, after, "person.unassigned", "reassigned", {tier: (0, -1, 0)})
    gate.release(write, other)
    seats.move(write, tier, assigned=1)
    seated = replace(other.without_seat(), tier=tier)
    return left, _change(write, other, seated, "person.provisioned", "reassigned", {tier: (0, 1, 0)})


def _swap(write: Write, first: str, second: str) -> tuple[Person, Person]:
    one, other = named(write, first), named(write, second)
    gate.require_grants(write)
    for person in (one, other):
        if person.tier is None:
            raise OperatorError(f"{person.user_name} has no seat to swap")
    if one.tier == other.tier:
        raise OperatorError(f"both have a {one.tier} seat: there is nothing to swap")
    _require_own_choice(write, one, str(other.tier))
    _require_own_choice(write, other, str(one.tier))
    return _exchanged(write, one, str(other.tier)), _exchanged(write, other, str(one.tier))


def _exchanged(write: Write, person: Person, tier: str) -> Person:
    """One half of a swap: the counters stay, because the other half is done too."""
    deltas = {**gate.held_by(person, -1), tier: (0, 1, 0)}
    if person.wants is not None:
        seats.count_waiting(write, person.wants, -1)
    return _change(
        write, person, replace(person.without_seat(), tier=tier), "person.moved", "swapped", deltas
    )


def _set_role(write: Write, name: str, role: Role) -> Person:
    person = named(write, name)
    if role is Role.PRIMARY_OWNER:
        raise OperatorError("the role of the Primary Owner is transferred: 'people transfer'")
    _require_not_primary(person)
    if person.role_mapped:
        raise OperatorError(f"{person.user_name} has the role {person.role} by a group: change the mapping")
    _require_owner_stays(write, person, role)
    return roles.give(write, person, role, "by_hand")


def _transfer(write: Write, name: str) -> tuple[Person, ...]:
    person = named(write, name)
    if person.role == Role.PRIMARY_OWNER:
        raise OperatorError(f"{person.user_name} is the Primary Owner already")
    if person.tier is None:
        raise OperatorError(f"{person.user_name} has no seat; the Primary Owner needs one")
    present = members_store.primary_owner(write)
    former = () if present is None else (roles.give(write, present, Role.OWNER, "transferred"),)
    return (roles.give(write, person, Role.PRIMARY_OWNER, "transferred"), *former)


def _require_active(person: Person) -> None:
    if not person.active:
        raise OperatorError(f"{person.user_name} is inactive: activate them first")


def _require_not_primary(person: Person) -> None:
    if person.role == Role.PRIMARY_OWNER:
        raise OperatorError(f"{person.user_name} is the Primary Owner: transfer the role first")


def _require_owner_stays(write: Write, person: Person, role: Role | None = None) -> None:
    """The last Owner keeps role and access (SEATS 18); without a role, they are to lose their seat."""
    refused = roles.refusal(write, person, role)
    if refused is not None:
        raise OperatorError(refused)


def _require_own_choice(write: Write, person: Person, tier: str) -> None:
    """What a group gives cannot be overridden by hand while the mapping is on (SEATS 21).

    Mappings skip the Primary Owner (SEATS 18).
    """
    wish = wishes.of_people(write, [person.id])[person.id]
    if wish.mapped and wish.wants != tier and person.role != Role.PRIMARY_OWNER:
        raise OperatorError(
            f"{person.user_name} is in a group that gives {wish.wants}: change the mapping or the group"
        )


def _change(
    write: Write, before: Person, after: Person, type_: str, reason: str, deltas: SeatDeltas
) -> Person:
    """Write a changed person with the event of it, which names the override."""
    payload = {"override": True, "waited_for": before.wants} if before.wants else {"override": True}
    event = Event(
        type_,
        person=before.id,
        reason=reason,
        seats=deltas,
        payload=payload,
        personal={"userName": before.user_name},
    )
    number = events.append(write, event)
    if after.tier is not None or not after.active:
        # In by now, or not to come in any more.
        refusals.close(write, after.user_name_key, after.id, number)
    return people.change(write, before, after)
