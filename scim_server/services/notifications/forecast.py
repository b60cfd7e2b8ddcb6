"""Forecasts when tiers will be full, computed from the organization's history (SEATS 33)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from scim_server.store.database.session import Database, timestamp
from scim_server.store.rows import organizations, standings, usage
from seat_policy.forecast import Forecast, forecast

LONGEST_BACK: Final = timedelta(days=90)
"""How many days of history the forecast uses."""


@dataclass(frozen=True, slots=True)
class TierForecast:
    """One tier: its seats, its history, and its forecast.

    Attributes:
        in_use: the number of assigned and held seats.
        daily: the seats in use at the end of each day (UTC); the last entry is the present number.
    """

    tier: str
    purchased: int
    in_use: int
    daily: tuple[tuple[date, int], ...]
    forecast: Forecast


@dataclass(frozen=True, slots=True)
class Forecasts:
    """The forecasts of the tiers with seats, lowest tier first.

    Attributes:
        at: the time of the query, as a timestamp.
        days_known: the number of days of history, at most 90.
    """

    at: str
    days_known: int
    tiers: tuple[TierForecast, ...]

    @property
    def today(self) -> date:
        """The day (UTC) of the query."""
        return date.fromisoformat(self.at[:10])


def of_tiers(database: Database, organization: str) -> Forecasts:
    """Compute when every tier of an organization will be full. Nothing is written."""
    at = timestamp(database.now())
    today = date.fromisoformat(at[:10])
    with database.read(organization) as read:
        created = date.fromisoformat(organizations.get(read).created[:10])
        since = min(max(created, today - LONGEST_BACK), today)
        now = standings.by_tier(read)
        changes = usage.changes_by_day(read, since)
    days = [since + timedelta(days=number) for number in range((today - since).days + 1)]
    found = []
    for tier, standing in now.items():
        if standing.purchased:
            daily = _daily(standing.in_use, changes.get(tier, {}), days)
            looked_ahead = forecast(daily, standing.purchased, today)
            found.append(TierForecast(tier, standing.purchased, standing.in_use, tuple(daily), looked_ahead))
    return Forecasts(at, (today - since).days, tuple(found))


def _daily(in_use: int, changes: dict[date, int], days: list[date]) -> list[tuple[date, int]]:
    """Seats in use at the end of each day, computed backwards from the seats in use now."""
    found = []
    for day in reversed(days):
        found.append((day, in_use))
        in_use -= changes.get(day, 0)
    return found[::-1]


def described(one: TierForecast) -> dict[str, object]:
    """A tier's forecast as JSON."""
    looked_ahead = one.forecast
    return {
        "tier": one.tier,
        "purchased": one.purchased,
        "in_use": one.in_use,
        "per_day": round(float(looked_ahead.per_day), 2),
        "earliest": _text(looked_ahead.earliest),
        "expected": _text(looked_ahead.expected),
        "latest": _text(looked_ahead.latest),
        "enough_history": looked_ahead.enough_history,
        "method": looked_ahead.method,
    }


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
