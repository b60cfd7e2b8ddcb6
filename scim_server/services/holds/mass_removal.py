"""People who lose access through a provider. After a mass removal, the Owners decide (SEATS 34)."""

from dataclasses import dataclass, replace

import orjson

from scim_server.history import PersonProvisioned, RemovalDetected, SeatDeltas
from scim_server.services.notifications import owner_mail as owners
from scim_server.services.seats import gate
from scim_server.store.database.session import Write, timestamp
from scim_server.store.rows import former, members, person_groups, removals, seats
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.people import Person
from scim_server.store.rows.removals import Removal, RemovalState, RemovedPerson
from seat_policy.mass_removal import LEAST, WINDOW, is_mass
from seat_policy.seat_state import seated
from seat_policy.ways_in import WayIn

REASON = "seat_held"


@dataclass(frozen=True, slots=True)
class Release:
    """The effect of a person's removal on the seats, for its event.

    Attributes:
        number: the number that is reserved for the event.
        removal: the mass removal to which the person belongs, if one is in progress.
        lately: how many people were removed within the window, if no mass removal is in progress; some of
            them may be back.
    """

    seats: SeatDeltas
    number: int
    removal: int | None = None
    lately: int = 0


def release(write: Write, person: Person, *, deletes: bool = False) -> Release:
    """Take away a person's seat and place in the queue. The seat is freed, or held after a mass removal.

    The caller appends the event with the number, and then calls `detect`.

    Args:
        person: the stored person.
        deletes: whether the person is deleted, not only deactivated.
    """
    number = write.reserve()
    if not person.active:
        if deletes:
            removals.store_values(write, person.id, _values(write, person))
        return Release({}, number)
    gate.release(write, person)
    if write.actor.way_in is not WayIn.SCIM:
        return Release(gate.held_by(person, -1), number)
    since = _since(write)
    last = removals.latest(write, since)
    lately = 0 if last is None else last.lately
    removal = last if last is not None and last.at >= since and last.state is RemovalState.OPEN else None
    held = person.tier if removal is not None and removal.holds else None
    if held is not None:
        seats.move(write, held, held=1)
    if last is not None and last.at < since:
        removals.forget_ungrouped(write, since)
    under_way = None if removal is None else removal.removal
    removals.add(write, _removed_person(write, person, number, under_way, held, deletes=deletes))
    return Release(
        seats={} if person.tier is None else {person.tier: (0, -1, int(held is not None))},
        number=number,
        removal=under_way,
        lately=0 if removal is not None else lately + 1,
    )


def _removed_person(
    write: Write, person: Person, number: int, removal: int | None, held: str | None, *, deletes: bool
) -> RemovedPerson:
    known = former.before_soft_deletion(write, person)
    return RemovedPerson(
        sequence=number,
        person=person.id,
        user_name=known.user_name,
        user_name_key=known.user_name_key,
        at=write.at,
        deleted=_values(write, person) if deletes else None,
        removal=removal,
        held=held,
        seat=person.seat,
    )


def _values(write: Write, person: Person) -> str:
    """The values from which a deleted person is restored, including the groups of the person."""
    groups = [
        one.id for one in person_groups.of_people(write, [person.id])[person.id] if one.type == "direct"
    ]
    kept = {name: getattr(person, name) for name in KEPT}
    return orjson.dumps({**kept, "groups": groups}).decode()


KEPT = ("document", "role", "role_mapped", "priority", "prioritised", "way_in", "created")
"""Values stored for a deleted person, in addition to the columns of the removed person."""


def detect(write: Write, organization: Organization, released: Release) -> None:
    """Detect a mass removal. Called after the event of the last removed person was appended.

    If the organization holds removals, seats that are still free are then held. People who waited and have
    already got one of these seats keep it.
    """
    # Every person with a seat has access, so this minimum is known without counting people.
    seated = sum(tier.assigned for tier in seats.availability(write).tiers) if released.lately >= LEAST else 0
    if not is_mass(released.lately, released.lately + seated):
        return
    left = removals.count_away(write, _since(write))
    had_access = members.count_active(write) + left
    if not is_mass(left, had_access):
        return
    number = write.reserve()
    removal = Removal(number, write.at, had_access, organization.hold_removals, RemovalState.OPEN, None)
    removals.open_removal(write, removal, _since(write))
    held = _hold_free_seats(write, number) if removal.holds else {}
    event = RemovalDetected(
        seats={tier: (0, 0, count) for tier, count in held.items()},
        people=left,
        of=had_access,
        minutes=int(WINDOW.total_seconds() // 60),
        holds=removal.holds,
    )
    owners.notify(write, event, number)


def _hold_free_seats(write: Write, removal: int) -> dict[str, int]:
    held = {}
    for tier in seats.availability(write).tiers:
        count = removals.hold(write, removal, tier.tier.name, tier.free) if tier.free else 0
        if count:
            seats.move(write, tier.tier.name, held=count)
            held[tier.tier.name] = count
    return held


def find_hold(write: Write, organization: Organization, person: Person) -> RemovedPerson | None:
    """The removed person whose held seat this person gets; None while no seats are assigned."""
    if not organization.holds_seats or write.clock.standstill(write.at) is not None:
        return None
    return removals.held_for(write, person.id, person.user_name_key)


def seat(write: Write, kept: RemovedPerson, person: Person) -> tuple[Person, PersonProvisioned]:
    """Give a person the seat that was held for the person. The caller appends the event."""
    if kept.held is None:
        raise AssertionError("a seat is held for this removed person")
    seats.move(write, kept.held, assigned=1, held=-1)
    removals.end_hold(write, kept.sequence)
    event = PersonProvisioned(
        reason=REASON,
        seats={kept.held: (0, 1, -1)},
        removal=kept.removal,
    )
    return replace(person, active=True, seat=seated(kept.held)), event


def _since(write: Write) -> str:
    return timestamp(write.moment - WINDOW)
