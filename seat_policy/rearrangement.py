"""Many people who are to sit elsewhere at once: who moves, who waits, who is refused (SEATS 22, 23).

Everything is released first, then taken, so that two who are to change places do. Nobody who sits loses
a seat: whoever finds none keeps the one they have.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from seat_policy.admission import Admit, Decision, Policy, Queue, Request, decide
from seat_policy.availability import Availability, TierSeats
from seat_policy.contract import ANY


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who is to get a seat, or another one.

    Attributes:
        id: whose.
        wants: a tier's name, or `any`.
        keeps: the tier they sit on; None without a seat.
    """

    id: str
    wants: str
    keeps: str | None = None


def rearrange(
    availability: Availability, policy: Policy, candidates: Sequence[Candidate]
) -> dict[str, Decision]:
    """Decide for all of them, in their order.

    Args:
        candidates: who comes first, comes first; none of them waits for what they want.

    Returns:
        A decision for each. Applied together they never oversell: who moves gives their seat back.
    """
    movers = [one for one in candidates if one.keeps is not None and policy.standstill is None]
    moving = _who_can_move(availability, movers)
    decisions: dict[str, Decision] = {one.id: Admit(one.wants) for one in movers if one.id in moving}
    for one in movers:
        if one.id in moving:
            availability = _taken(availability, one, decisions[one.id])
    for one in candidates:
        if one.id not in decisions:
            decisions[one.id] = decide(Request(one.wants, one.keeps), availability, policy)
            availability = _taken(availability, one, decisions[one.id])
    return decisions


def _who_can_move(availability: Availability, movers: Sequence[Candidate]) -> set[str]:
    """The most who can move at once: all, less the last of those for whom there is no seat, until it fits.

    A seat of the wanted tier is one that is free and that nobody waits for, or one that a mover gives back.
    """
    moving = {one.id for one in movers}
    while True:
        staying = _without_seat(availability, [one for one in movers if one.id in moving])
        if not staying:
            return moving
        moving -= staying


def _without_seat(availability: Availability, movers: Sequence[Candidate]) -> set[str]:
    given_back = Counter(one.keeps for one in movers)
    found: set[str] = set()
    for seats in availability.tiers:
        there = seats.free - availability.wanting(seats) + given_back[seats.tier.name]
        coming = [one.id for one in movers if one.wants == seats.tier.name]
        found.update(coming[max(there, 0) :])
    return found


def _taken(availability: Availability, one: Candidate, decision: Decision) -> Availability:
    """The seats after a decision."""
    match decision:
        case Admit(tier, waits_for, bought):
            changed = _with(availability, tier, purchased=int(bought), assigned=1, buyable=-int(bought))
            if one.keeps is not None:
                changed = _with(changed, one.keeps, assigned=-1)
            return changed if waits_for is None else _waits(changed, waits_for)
        case Queue(wants):
            return _waits(availability, wants)
        case _:
            return availability


def _waits(availability: Availability, wants: str) -> Availability:
    if wants == ANY:
        return replace(availability, waiting_any=availability.waiting_any + 1)
    return _with(availability, wants, waiting=1)


def _with(availability: Availability, tier: str, **changes: int) -> Availability:
    def changed(seats: TierSeats) -> TierSeats:
        if seats.tier.name != tier:
            return seats
        return replace(seats, **{name: getattr(seats, name) + change for name, change in changes.items()})

    return replace(availability, tiers=tuple(changed(seats) for seats in availability.tiers))
