"""Many people who are to sit elsewhere at once: who moves, who waits, who is refused (SEATS 22, 23).

Everything is released first, then taken, so that two who are to change places do. Nobody who sits loses
a seat: whoever finds none keeps the one they have.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seat_policy.admission import Admit, Decision, Policy, Request, after, decide
from seat_policy.availability import Availability
from seat_policy.shortfall import LeftOut


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who is to get a seat, or another one.

    Attributes:
        id: whose.
        wants: a tier's name, or `any`.
        keeps: the tier they sit on; None without a seat.
        waits: whether they are in the queue for it already; then they sit.
    """

    id: str
    wants: str
    keeps: str | None = None
    waits: bool = False


def rearrange(
    availability: Availability, policy: Policy, candidates: Sequence[Candidate]
) -> dict[str, Decision]:
    """Decide for all of them, in their order.

    Args:
        candidates: who comes first, comes first: those who wait already before those who do not.

    Returns:
        A decision for each but those who go on waiting. Applied together they never oversell: who moves
        gives their seat back.
    """
    movers = [one for one in candidates if one.keeps is not None and policy.standstill is None]
    moving = _who_can_move(availability, movers)
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
    """Who of those who sit and wait can give each other their seats now: the tier that each gets, by id.

    A seat that becomes free is given on by the queue (`waitlist.next_promotion`). In a circle none does.

    Args:
        waiting: in the order in which they are served.
    """
    moving = _who_can_move(availability, waiting)
    return {one.id: one.wants for one in waiting if one.id in moving}


def may_change_places(availability: Availability, waiting: Iterable[LeftOut]) -> bool:
    """Whether there may be a circle among those who sit and wait: somebody in it goes down."""
    rank = {seats.tier.name: seats.tier.rank for seats in availability.tiers}
    return any(one.keeps is not None and rank[one.keeps] > rank.get(one.wants, 0) for one in waiting)


def _who_can_move(availability: Availability, movers: Sequence[Candidate]) -> set[str]:
    """The most who can move at once: all, less the last of those for whom there is no seat, until it fits.

    A seat of the wanted tier is one that is free, or that a mover gives back, beyond those for whom people
    without a seat wait.
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
        coming = [one.id for one in movers if one.id in moving and one.wants == name]
        found.update(coming[max(there, 0) :])
    return found


def taken(availability: Availability, one: Candidate, decision: Decision) -> Availability:
    """The seats after a decision; who waited for what they get waits no more."""
    taken = after(availability, Request(one.wants, one.keeps), decision)
    return taken.changed(one.wants, waiting=-1) if one.waits else taken
