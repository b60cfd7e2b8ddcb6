"""How many seats are missing until everybody has the one they want (SEATS 32, 35)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from seat_policy.availability import Availability
from seat_policy.contract import ANY


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody without the seat they want.

    Attributes:
        wants: a tier's name, or `any`.
        keeps: the tier they sit on, and give back when they have the one they want.
    """

    wants: str
    keeps: str | None = None


def missing_seats(
    availability: Availability, left_out: Mapping[LeftOut, int], cheapest: str
) -> dict[str, int]:
    """The seats by tier, the lowest first, that are enough for everybody who is left out.

    Who takes any gets a seat that nobody else wants: `waitlist.next_promotion_of_all` gives them so. A seat
    that somebody leaves for the one they want goes on to the next; those who wait for each other's change
    places (`rearrangement.change_places`).

    Args:
        left_out: how many of each kind, those who wait among them.
        cheapest: the tier that is bought for who takes any.
    """
    free = {seats.tier.name: seats.free for seats in availability.tiers}
    wanted = Counter[str]()
    for one, number in left_out.items():
        wanted[one.wants] += number
        if one.keeps is not None:
            free[one.keeps] += number
    missing = {tier: max(wanted[tier] - free[tier], 0) for tier in reversed(free)}
    to_spare = sum(max(free[tier] - wanted[tier], 0) for tier in free)
    missing[cheapest] += max(wanted[ANY] - to_spare, 0)
    return {tier: number for tier, number in missing.items() if number}
