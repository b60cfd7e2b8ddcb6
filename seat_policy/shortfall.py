"""How many seats are missing until everyone has the wanted seat (SEATS 32, 35)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from seat_policy.availability import Availability
from seat_policy.contract import ANY


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A person without the wanted seat.

    Attributes:
        wants: the name of a tier, or `any`.
        keeps: the tier of the present seat, which becomes free when the person gets the wanted seat.
    """

    wants: str
    keeps: str | None = None


def missing_seats(
    availability: Availability, left_out: Mapping[LeftOut, int], cheapest: str
) -> dict[str, int]:
    """The seats to add, by tier, lowest tier first, so that everyone who is left out gets a seat.

    People who want `any` get seats that nobody else wants, as in `waitlist.next_promotion_of_all`. The next
    person gets a seat that a person leaves. People who wait for each other's seats exchange them
    (`rearrangement.change_places`).

    Args:
        left_out: how many people of each kind are left out, including waiting people.
        cheapest: the tier to buy for people who want `any`.
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
