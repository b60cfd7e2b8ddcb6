"""The chart of the seats in use: the last 90 days, the forecast as a band, and the purchased seats."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from scim_server.console import filters
from scim_server.console.visit import gettext, ngettext
from scim_server.services.notifications.queries import TierForecast
from seat_policy.forecast import FEWEST_DAYS, WEEK

_AHEAD: Final = 45
"""How many days the band reaches into the future."""
_WIDTH: Final = 340
_HEIGHT: Final = 150
_LEFT: Final = 36
_TOP: Final = 14
_BOTTOM: Final = 24
_AIR: Final = 1.25
"""How much higher the chart is than its highest number."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A text at a place of an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The shapes of a chart, in units of its view box, and the same numbers for a table.

    Attributes:
        use, band: points, as SVG lists them; the band is empty without a forecast.
        plan: the height of the line of the purchased seats.
        today: the place of the present day.
        rows: the seats in use at the end of a day, one day of each week.
        drawn: whether there is a curve; a single day is none.
    """

    tier: str
    use: str
    band: str
    plan: float
    today: float
    days: tuple[Mark, ...]
    numbers: tuple[Mark, ...]
    rows: tuple[tuple[date, int], ...]
    purchased: int
    said: str
    drawn: bool
    left: int = _LEFT
    width: int = _WIDTH
    height: int = _HEIGHT
    floor: int = _HEIGHT - _BOTTOM


def chart(found: TierForecast, days_known: int) -> Chart:
    """The chart of a tier."""
    daily, ahead = found.daily, found.forecast
    # A tier without a free seat has no future to show.
    foreseen = ahead.enough_history and found.in_use < found.purchased
    highest = max(found.purchased, *(number for _, number in daily), 1) * _AIR
    days = len(daily) - 1 + (_AHEAD if foreseen else 0)

    def across(day: int) -> float:
        return round(_LEFT + (_WIDTH - _LEFT) * day / max(days, 1), 1)

    def up(number: float) -> float:
        within = min(max(number, 0), highest)
        return round(_HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * within / highest, 1)

    now = len(daily) - 1
    use = [(across(place), up(number)) for place, (_, number) in enumerate(daily)]
    band: list[tuple[float, float]] = []
    if foreseen:
        growths = ((ahead.fastest, range(_AHEAD + 1)), (ahead.slowest, range(_AHEAD, -1, -1)))
        band = [
            (across(now + day), up(found.in_use + float(growth) * day))
            for growth, days_ahead in growths
            for day in days_ahead
        ]
    first, today = daily[0][0], daily[-1][0]
    return Chart(
        tier=found.tier,
        use=_points(use),
        band=_points(band),
        plan=up(found.purchased),
        today=across(now),
        days=(Mark(across(0), filters.short_day(first)), Mark(across(now), filters.short_day(today))),
        numbers=(Mark(up(0), filters.number(0)), Mark(up(found.purchased), filters.number(found.purchased))),
        rows=tuple(daily[::-WEEK]),
        purchased=found.purchased,
        said=forecast_words(found, days_known),
        drawn=len(daily) > 1,
    )


def _points(places: list[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)


def forecast_words(found: TierForecast, days_known: int) -> str:
    """When no seat is free any more, or why this is not known."""
    ahead = found.forecast
    if found.in_use >= found.purchased:
        return gettext("All seats are in use.")
    if not ahead.enough_history:
        return ngettext(
            "No forecast yet: it needs %(needed)s days of history, and there is %(known)s.",
            "No forecast yet: it needs %(needed)s days of history, and there are %(known)s.",
            days_known,
            needed=FEWEST_DAYS,
            known=days_known,
        )
    if ahead.earliest is None:
        return gettext("At this pace the seats last: use has not grown in any of the last weeks.")
    if ahead.latest is None:
        return gettext(
            "At the pace of the fastest week, no seat is free from %(day)s. "
            "At the pace of the slowest, the seats last.",
            day=filters.day(ahead.earliest),
        )
    if ahead.earliest == ahead.latest:
        return gettext("At this pace: no seat is free from %(day)s.", day=filters.day(ahead.earliest))
    return gettext(
        "At this pace: no seat is free from a day between %(first)s and %(last)s.",
        first=filters.day(ahead.earliest),
        last=filters.day(ahead.latest),
    )
