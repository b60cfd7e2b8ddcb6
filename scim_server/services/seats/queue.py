"""Moves the queue: waiting people get free seats in the order of the queue (SEATS 21 to 23)."""

from typing import Final

from scim_server.history import PersonPromoted
from scim_server.services.seats import gate
from scim_server.store.database.session import Write
from scim_server.store.rows import events, members, people, seats
from scim_server.store.rows.people import Person
from seat_policy.admission import Admit
from seat_policy.availability import Availability
from seat_policy.rearrangement import Candidate, change_places, may_change_places
from seat_policy.seat_state import seated
from seat_policy.waitlist import next_promotion

_FEWEST_TIERS: Final = 2
"""People who wait for each other's seats have seats of at least two tiers."""


def move(write: Write, *, at: str | None = None) -> int:
    """Give every free seat to the first person who waits for it; return how many people got one.

    The queue does not move while the contract has no current term, or while the organization is suspended
    (SEATS 10).

    Args:
        at: the time at which the queue moves, if this differs from the time of the write.
    """
    if write.clock.standstill(at or write.at) is not None:
        return 0
    promoted = 0
    while (step := next_promotion(availability := seats.availability(write))) is not None:
        promoted += seats.promote(write, step)
    return promoted + _change_places(write, availability)


def _change_places(write: Write, availability: Availability) -> int:
    """Exchange the seats of people who wait for each other's seats. No seat is freed (SEATS 23).

    Returns:
        How many people got a seat.
    """
    if sum(one.waiting > 0 for one in availability.tiers) < _FEWEST_TIERS:
        return 0
    if not may_change_places(availability, members.waiting(write)):
        return 0
    sitting = {one.id: one for one in members.seated_and_waiting(write)}
    waiting = [Candidate(one.id, str(one.wants), one.tier, waits=True) for one in sitting.values()]
    moves = change_places(availability, waiting)
    gate.count(write, waiting, {id_: Admit(tier) for id_, tier in moves.items()})
    moved = [(sitting[id_], sitting[id_].having(seated(tier))) for id_, tier in moves.items()]
    events.append_all(write, [_moved(before, after) for before, after in moved])
    people.change_all(write, moved)
    return len(moved)


def _moved(before: Person, after: Person) -> PersonPromoted:
    return PersonPromoted(
        person=before.id,
        reason="places_changed",
        waited_for=before.wants,
        seats={**gate.held_by(before, -1), **gate.held_by(after, 1)},
        personal={"userName": before.user_name},
    )
