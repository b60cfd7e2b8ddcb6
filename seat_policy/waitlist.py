"""The order of the queue: priority first, then arrival (SEATS 25)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from seat_policy.availability import Availability
from seat_policy.contract import ANY

DEFAULT_PRIORITY: Final = 100
"""The priority of a person without one of their own. A smaller number is served first."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """The next step that moves the queue.

    Attributes:
        tier: the tier whose seats are given.
        wants: people who want one of these may take them.
        seats: how many seats are given, to the first people by (priority, arrival).
    """

    tier: str
    wants: tuple[str, ...]
    seats: int


def next_promotion(availability: Availability) -> Promotion | None:
    """The next seats that go to waiting people, from the highest tier down; None if nobody can be served.

    Repeated with the availability after each step, it gives away every seat that a person waits for.
    A step never gives more seats than are free or than people want.
    """
    for seats in availability.tiers:
        count = min(seats.free, availability.wanting(seats))
        if count > 0:
            return Promotion(seats.tier.name, (seats.tier.name, ANY), count)
    return None


def next_promotion_of_all(availability: Availability, kept_free: Mapping[str, int]) -> Promotion | None:
    """The next seats to give after enough were bought for everyone waiting; None when all have one.

    People who want `any` get seats that nobody else wants. In plain queue order they would take better
    seats that were bought for others, and leave those waiting next to seats that they do not want.

    Args:
        reserved: seats by tier that stay free for people outside the queue.
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
