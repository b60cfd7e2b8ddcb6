"""Mass removals: so many people lose access at once that it may be a mistake (SEATS 34)."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Final

from seat_policy.availability import Availability

WINDOW: Final = timedelta(minutes=10)
LEAST: Final = 20
"""Fewer people are never a mass removal, however small the organization."""
SHARE: Final = 20
"""A mass removal is more than this percentage of the people who had access."""
VALUES_KEPT: Final = timedelta(days=90)
"""How long the values of deleted people are kept for a restore."""


def is_mass(left: int, had_access: int) -> bool:
    """Whether the people who lost access within the window are a mass removal.

    Args:
        left: how many lost access.
        had_access: how many had access before, including those.
    """
    return left >= LEAST and left * 100 > had_access * SHARE


class Source(StrEnum):
    """Where the seat of a restored person comes from."""

    NOT_NEEDED = "not_needed"
    HELD = "held"
    FREE = "free"
    MISSING = "missing"


def sources(leavers: Sequence[tuple[str | None, bool]], availability: Availability) -> list[Source]:
    """The source of each restored person's seat, in the order in which they were removed.

    Args:
        leavers: for each person the tier of their seat, None for no seat, and whether a seat of it is held.
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
