"""How many seats are missing until everybody has the one they want (SEATS 32, 35)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from seat_policy.availability import Availability
from seat_policy.contract import ANY


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody without the seat they want.

    Attributes:
        wants: a tier's name, or `any`.
        keeps: the tier they sit on, and give back when they have the one they want.
        counts: whether they are to be let in; who does not count only comes before others.
    """

    wants: str
    keeps: str | None = None
    counts: bool = True


def missing_seats(availability: Availability, left_out: Sequence[LeftOut], cheapest: str) -> dict[str, int]:
    """The seats by tier, the lowest first, that let everybody in who counts, in the order of `left_out`.

    Seats are taken as they are given: from the highest tier down, each by the first who wants that tier or
    any. So whoever takes any, and is first, takes a seat of a tier that another wants, and one more of it
    is missing: the sum of those who want each tier would not be enough.

    Args:
        left_out: those who wait, in the order in which they are served, before those who were refused.
        cheapest: the tier that is bought for who takes any.
    """
    waiting, missing = list(left_out), dict[str, int]()
    given_back = Counter[str | None]()
    for seats in availability.tiers:
        tier = seats.tier.name
        free = seats.free + given_back[tier]
        needed = _place_of_last(waiting, tier, cheapest)
        if needed > free:
            missing[tier] = needed - free
        takers = [place for place, one in enumerate(waiting) if one.wants in (tier, ANY)][: max(needed, free)]
        given_back.update(waiting[place].keeps for place in takers)
        seated = set(takers)
        waiting = [one for place, one in enumerate(waiting) if place not in seated]
    return dict(reversed(missing.items()))


def _place_of_last(waiting: Sequence[LeftOut], tier: str, cheapest: str) -> int:
    """How many take a seat of this tier until the last has one who must have it; 0 if nobody must."""
    enough = {tier, ANY} if tier == cheapest else {tier}
    takers = [one for one in waiting if one.wants in (tier, ANY)]
    places = (place for place, one in enumerate(takers, 1) if one.counts and one.wants in enough)
    return max(places, default=0)
