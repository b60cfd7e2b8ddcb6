"""Many people change tiers at once. Decides which people move, wait or are refused (SEATS 22, 23).

All seats are released first and taken afterwards, so that two people can exchange seats. Nobody loses a seat.
If the new tier has no seat for a person, the person keeps the present seat.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seat_policy.admission import Admit, Decision, Policy, Request, after, decide
from seat_policy.availability import Availability
from seat_policy.shortfall import LeftOut


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who should get a seat or a different seat.

    Attributes:
        id: the person's id.
        wants: the name of a tier, or `any`.
        keeps: the tier of the present seat; None without a seat.
        waits: whether a person with a seat already waits in the queue for the wanted tier.
    """

    id: str
    wants: str
    keeps: str | None = None
    waits: bool = False


def rearrange(
    availability: Availability, policy: Policy, candidates: Sequence[Candidate]
) -> dict[str, Decision]:
    """Decide for all candidates, in their order.

    Args:
        candidates: the people; people who already wait must be first.

    Returns:
        The decisions by id, except for candidates who only continue to wait. All decisions together never
            oversell, because every person who moves gives a seat back.
    """
    movers = [one for one in candidates if one.keeps is not None and policy.standstill is None]
    moving = _movable(availability, movers)
    decisions: dict[str, Decision] = {one.id: Admit(one.wants) for one in movers if one.id in moving}
    for one in movers:
        if one.id in moving:
            availability = taken(availability, one, decisions[one.id])
    for one in candidates:
        if one.id not in decisions and not one.waits:
            decisions[one.id] = decide(Request(one.wants, one.keeps), availability, policy)
            availability = taken(availability, one, decisions[one.id])
    return decisions


def change_places(availability: Availability, waiting: Sequence[Candidate]) -> dict[str, str]:
    """Find people with seats who wait for each other's tiers and can exchange seats now.

    The queue only assigns seats that become free (`waitlist.next_promotion`). In a cycle of people, no seat
    becomes free.

    Args:
        waiting: people with a seat in the queue, in the order of the queue.

    Returns:
        The tier that each of these people gets, by id.
    """
    moving = _movable(availability, waiting)
    return {one.id: one.wants for one in waiting if one.id in moving}


def may_change_places(availability: Availability, waiting: Iterable[LeftOut]) -> bool:
    """Whether waiting people with seats may form a cycle. In every cycle, a person moves to a lower tier."""
    rank = {seats.tier.name: seats.tier.rank for seats in availability.tiers}
    return any(one.keeps is not None and rank[one.keeps] > rank.get(one.wants, 0) for one in waiting)


def _movable(availability: Availability, movers: Sequence[Candidate]) -> set[str]:
    """The largest set of people who can move at once.

    Start with all people. While a tier has too few seats, remove the last people who want it. The seats of a
    tier are its free seats and the seats of people who move, minus the seats for which people without a seat
    wait.
    """
    moving = {one.id for one in movers}
    while True:
        staying = _without_seat(availability, movers, moving)
        if not staying:
            return moving
        moving -= staying


def _without_seat(availability: Availability, movers: Sequence[Candidate], moving: set[str]) -> set[str]:
    given_back = Counter(one.keeps for one in movers if one.id in moving)
    seated_waiting = Counter(one.wants for one in movers if one.waits)
    found: set[str] = set()
    for seats in availability.tiers:
        name = seats.tier.name
        there = seats.free - availability.wanting(seats) + seated_waiting[name] + given_back[name]
        entering = [one.id for one in movers if one.id in moving and one.wants == name]
        found.update(entering[max(there, 0) :])
    return found


def taken(availability: Availability, one: Candidate, decision: Decision) -> Availability:
    """The seats after a decision. A candidate who waited leaves the queue."""
    taken = after(availability, Request(one.wants, one.keeps), decision)
    return taken.changed(one.wants, waiting=-1) if one.waits else taken
