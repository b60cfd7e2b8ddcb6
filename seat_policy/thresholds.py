"""Thresholds of a tier that becomes full. Each alert is sent once until it is re-armed (SEATS 33)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import IntFlag
from typing import Final

REARMED_BELOW: Final = 5
"""How many percentage points below a threshold the alert is re-armed."""
FORECAST_WITHIN: Final = timedelta(days=30)
BURST_ENDS_AFTER: Final = timedelta(hours=24)
"""After this time without a refusal, a burst of refusals is over."""


class Notified(IntFlag):
    """The alerts already sent about a tier. Each is not sent again until it is re-armed."""

    NOTHING = 0
    AT_80 = 1
    AT_90 = 2
    AT_100 = 4
    FORECAST_SHORT = 8


PERCENT: Final = {Notified.AT_80: 80, Notified.AT_90: 90, Notified.AT_100: 100}


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a tier at one time, with the alerts already sent."""

    purchased: int
    in_use: int
    notified: Notified


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from the state of a tier.

    Attributes:
        told: the alerts sent, including this step.
        crossed: the highest threshold that was crossed, in percent; None if no threshold was crossed.
    """

    notified: Notified
    crossed: int | None


def step(standing: Standing) -> Step:
    """Find the thresholds that a tier has crossed since the last check, and the thresholds to re-arm.

    A tier without seats has no percentage, so all its thresholds are armed.
    """
    notified, crossed = standing.notified, None
    for threshold, percent in PERCENT.items():
        if standing.in_use * 100 <= (percent - REARMED_BELOW) * standing.purchased:
            notified &= ~threshold
        elif standing.in_use * 100 >= percent * standing.purchased and threshold not in notified:
            notified |= threshold
            crossed = percent
    return Step(notified, crossed)
