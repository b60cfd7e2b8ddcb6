"""Computes when a tier has no free seat any more, from the growth of the last four weeks (SEATS 33).

The expected date uses the mean net growth per day over the last four whole weeks, or fewer if the history is
shorter. The earliest and latest dates use the fastest and the slowest of those weeks. There is no growth
model, because seats are taken and freed in batches. An Owner can recompute these dates on paper.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Final

WEEK: Final = 7
MOST_WEEKS: Final = 4
FEWEST_DAYS: Final = 14
"""The shortest history, in days, from which a date is forecast."""
HORIZON: Final = timedelta(days=5 * 365)
"""A date after this number of days counts as never."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The forecast of when a tier will be full. A date is None if the tier does not fill at that growth.

    Attributes:
        earliest: the date if growth continues as in the fastest week.
        expected: the date if growth continues at the mean.
        latest: the date if growth continues as in the slowest week.
        per_day: the mean growth in seats per day; negative if more seats are freed than taken.
        days: the number of days of history used, in whole weeks; 0 if the history is too short.
        enough_history: whether there are at least 14 days of history; if not, only a tier that is already
            full has a date.
        fastest, slowest: the growth of the fastest and of the slowest week in seats per day.
    """

    earliest: date | None
    expected: date | None
    latest: date | None
    per_day: Fraction
    days: int
    enough_history: bool
    fastest: Fraction = Fraction(0)
    slowest: Fraction = Fraction(0)

    @property
    def method(self) -> str:
        """A sentence that explains how the dates were computed."""
        if not self.enough_history:
            return f"No forecast: {FEWEST_DAYS} days of history are needed."
        return (
            f"The expected date uses the mean net growth of the last {self.days} days. The "
            "earliest and latest dates use the growth of the fastest and the slowest of those weeks."
        )

    def within(self, day: date) -> bool:
        """Whether the tier is expected to be full by a day."""
        return self.expected is not None and self.expected <= day


def forecast(history: Iterable[tuple[date, int]], purchased: int, today: date) -> Forecast:
    """Forecast when a tier has no free seat any more.

    Args:
        history: the seats in use at the end of each day, in any order; a missing day has the same number as
            the day before; today has the present number.
        purchased: all seats of the tier.
        today: the present day.
    """
    known = sorted((day, in_use) for day, in_use in history if day <= today)
    span = (today - known[0][0]).days if known else 0
    in_use = known[-1][1] if known else 0
    full = today if in_use >= purchased else None
    if span < FEWEST_DAYS:
        return Forecast(full, full, full, Fraction(0), 0, enough_history=False)
    weeks = min(span // WEEK, MOST_WEEKS)
    ends = [_on(known, today - timedelta(weeks=ago)) for ago in range(weeks, -1, -1)]
    growths = [Fraction(after - before, WEEK) for before, after in pairwise(ends)]
    mean = Fraction(sum(growths), weeks)
    free = purchased - in_use
    return Forecast(
        earliest=_full(free, max(growths), today),
        expected=_full(free, mean, today),
        latest=_full(free, min(growths), today),
        per_day=mean,
        days=weeks * WEEK,
        enough_history=True,
        fastest=max(growths),
        slowest=min(growths),
    )


def _on(known: list[tuple[date, int]], day: date) -> int:
    """The seats in use at the end of a day. The day must not be before the first known day."""
    return next(in_use for known_day, in_use in reversed(known) if known_day <= day)


def _full(free: int, per_day: Fraction, today: date) -> date | None:
    """The first day that ends without a free seat; None if it is after the horizon."""
    if free <= 0:
        return today
    if per_day <= 0:
        return None
    days = -(-free // per_day)
    return today + timedelta(days=days) if days <= HORIZON.days else None
