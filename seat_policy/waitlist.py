"""Who gets the next free seat: priority first, then the order of arrival (SEATS 25)."""

from dataclasses import dataclass
from typing import Final

from seat_policy.availability import Availability
from seat_policy.contract import ANY

DEFAULT_PRIORITY: Final = 100
"""Where nothing says otherwise. A smaller number is served first."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """The next step that moves the queue.

    Attributes:
        tier: whose seats are given.
        wants: the people who may take them want one of these.
        seats: how many are given, to the first that many by (priority, arrival).
    """

    tier: str
    wants: tuple[str, ...]
    seats: int


def next_promotion(availability: Availability) -> Promotion | None:
    """The next seats that go to waiting people, from the highest tier down; None when the queue rests.

    Repeated until None, with the availability that each step leaves, it empties every seat that
    somebody waits for. A step never gives more seats than there are free seats or people who want them.
    """
    for seats in availability.tiers:
        count = min(seats.free, availability.wanting(seats))
        if count > 0:
            return Promotion(seats.tier.name, (seats.tier.name, ANY), count)
    return None


def next_exact_promotion(availability: Availability) -> Promotion | None:
    """The next seats that go to people who wait for exactly that tier, before those who take any."""
    for seats in availability.tiers:
        count = min(seats.free, seats.waiting)
        if count > 0:
            return Promotion(seats.tier.name, (seats.tier.name,), count)
    return None
