"""The order of the queue: priority first, then arrival (SEATS 25)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from seat_policy.availability import Availability
from seat_policy.contract import ANY

DEFAULT_PRIORITY: Final = 100
"""The priority of a person to whom no group gives one. A smaller number is served first."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """The next step that moves the queue.

    Attributes:
        tier: the tier of the seats.
        wants: what a person must want to get one of these seats.
        seats: how many seats are assigned, to the first people by (priority, arrival).
    """

    tier: str
    wants: tuple[str, ...]
    seats: int


def next_promotion(availability: Availability) -> Promotion | None:
    """The next seats that waiting people get, highest tier first; None if nobody can get a seat.

    The caller repeats this with the availability after each step, until no seat is left for which a person
    waits. A step never assigns more seats than are free or than people want.
    """
    for seats in availability.tiers:
        count = min(seats.free, availability.wanting(seats))
        if count > 0:
            return Promotion(seats.tier.name, (seats.tier.name, ANY), count)
    return None


def next_promotion_of_all(availability: Availability, kept_free: Mapping[str, int]) -> Promotion | None:
    """The next seats to assign after enough seats were bought for everyone; None when all have one.

    People who want `any` get seats that nobody else wants. In plain queue order, they would take better seats
    that were bought for other people. These people would then wait although seats of other tiers are free.

    Args:
        reserved: the seats, by tier, that stay free for people outside the queue.
    """
    for seats in availability.tiers:
        spare = seats.free - seats.waiting - kept_free.get(seats.tier.name, 0)
        count = min(spare, availability.waiting_any)
        if count > 0:
            return Promotion(seats.tier.name, (ANY,), count)
    for seats in availability.tiers:
        count = min(seats.free, seats.waiting)
        if count > 0:
            return Promotion(seats.tier.name, (seats.tier.name,), count)
    return None
