"""When so many people leave at once that it may be a mistake (SEATS 34)."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Final

from seat_policy.availability import Availability

WINDOW: Final = timedelta(minutes=10)
LEAST: Final = 20
"""Fewer people are nobody's mistake, however small the organization."""
SHARE: Final = 20
"""Per cent of those who had access: more than that is a mass removal."""
VALUES_KEPT: Final = timedelta(days=90)
"""How long the values of deleted people are kept to bring them back."""


def is_mass(left: int, had_access: int) -> bool:
    """Whether the people who left within the window are so many that their Owners should look at it.

    Args:
        left: how many left.
        had_access: how many there were before they did, those who left included.
    """
    return left >= LEAST and left * 100 > had_access * SHARE


class Source(StrEnum):
    """Where the seat of somebody who is brought back comes from."""

    NOT_NEEDED = "not_needed"
    HELD = "held"
    FREE = "free"
    MISSING = "missing"


def sources(leavers: Sequence[tuple[str | None, bool]], availability: Availability) -> list[Source]:
    """The seat of each who is to come back: who left first, comes first.

    Args:
        leavers: the tier that each sat on, None for none, and whether a seat of it is held for them.
        availability: the seats now; those that others wait for are theirs.
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
