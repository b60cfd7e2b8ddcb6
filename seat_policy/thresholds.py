"""What Owners are told of a tier that fills, once until it is armed again (SEATS 33)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import IntFlag
from typing import Final

REARMED_BELOW: Final = 5
"""Percentage points below a threshold at which it is armed again."""
FORECAST_WITHIN: Final = timedelta(days=30)
BURST_ENDS_AFTER: Final = timedelta(hours=24)
"""A burst of refusals is over after so long without one."""


class Told(IntFlag):
    """What was told of a tier and is not told again until it is armed anew."""

    NOTHING = 0
    AT_80 = 1
    AT_90 = 2
    AT_100 = 4
    FORECAST_SHORT = 8


PERCENT: Final = {Told.AT_80: 80, Told.AT_90: 90, Told.AT_100: 100}


@dataclass(frozen=True, slots=True)
class Standing:
    """A tier at one moment, with what was told of it."""

    purchased: int
    in_use: int
    told: Told


@dataclass(frozen=True, slots=True)
class Step:
    """What a standing asks for.

    Attributes:
        told: what is told of the tier afterwards.
        crossed: the highest threshold that was crossed, in percent; None if none was.
    """

    told: Told
    crossed: int | None


def step(standing: Standing) -> Step:
    """Which thresholds a tier has crossed since it was last looked at, and which are armed again.

    A tier without seats is at no percentage: everything is armed.
    """
    told, crossed = standing.told, None
    for threshold, percent in PERCENT.items():
        if standing.in_use * 100 <= (percent - REARMED_BELOW) * standing.purchased:
            told &= ~threshold
        elif standing.in_use * 100 >= percent * standing.purchased and threshold not in told:
            told |= threshold
            crossed = percent
    return Step(told, crossed)
