"""Mass removals: so many people lose access at once that it may be a mistake (SEATS 34)."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Final

from seat_policy.availability import Availability

WINDOW: Final = timedelta(minutes=10)
LEAST: Final = 20
"""The minimum number of people in a mass removal, even in a small organization."""
SHARE: Final = 20
"""The minimum percentage: more than this part of the people with access must be removed."""
VALUES_KEPT: Final = timedelta(days=90)
"""How long the values of deleted people are kept for a restore."""


def is_mass(left: int, had_access: int) -> bool:
    """Whether the people who lost access within the window are a mass removal.

    Args:
        left: how many people lost access.
        had_access: how many people had access before, including the people who lost it.
    """
    return left >= LEAST and left * 100 > had_access * SHARE


class Source(StrEnum):
    """Where the seat of a restored person comes from."""

    NOT_NEEDED = "not_needed"
    HELD = "held"
    FREE = "free"
    MISSING = "missing"


def sources(leavers: Sequence[tuple[str | None, bool]], availability: Availability) -> list[Source]:
    """Where the seat of each restored person comes from, in the order in which they were removed.

    Args:
        leavers: for each person, the tier of the seat (None for no seat), and whether such a seat is held for
            the person.
        availability: the seats now; seats that other people wait for are not free.
    """
    free = {seats.tier.name: max(seats.free - availability.wanting(seats), 0) for seats in availability.tiers}
    found = []
    for tier, held in leavers:
        if tier is None:
            found.append(Source.NOT_NEEDED)
        elif held:
            found.append(Source.HELD)
        elif free[tier] > 0:
            free[tier] -= 1
            found.append(Source.FREE)
        else:
            found.append(Source.MISSING)
    return found
