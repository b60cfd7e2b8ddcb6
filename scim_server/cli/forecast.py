"""`scim-seats seats forecast` and `scim-seats housekeeping`: show when tiers will be full."""

from collections.abc import Iterator
from datetime import date

import click

from scim_server.cli.output import emit, in_organization, json_option, opened, say, table
from scim_server.documents import formats
from scim_server.representations import forecasts as shapes
from scim_server.representations.base import dump
from scim_server.services.notifications import commands, queries
from scim_server.services.notifications.commands import Short
from scim_server.services.notifications.queries import Forecasts
from seat_policy.forecast import FEWEST_DAYS, Forecast

COLUMNS = ("tier", "seats", "in use", "a day", "earliest", "expected", "latest")


@click.command()
@click.argument("slug")
@json_option
def forecast(*, slug: str, as_json: bool) -> None:
    """Show when each tier will be full if it continues to grow as in the last four weeks.

    Example: scim-seats seats forecast acme
    """
    with in_organization(slug) as context:
        found = queries.forecasts(context)
    emit(shapes.forecasts(slug, found), as_json=as_json, text=lambda: _print(found))


def _print(found: Forecasts) -> None:
    table(COLUMNS, _rows(found), empty="No seats yet.")
    short = [one for one in found.tiers if not one.forecast.enough_history]
    if short:
        days = formats.counted("day", found.days_known)
        say(f"The history ({days}) is too short for a forecast. At least {FEWEST_DAYS} days are needed.")
    elif found.tiers:
        say(found.tiers[0].forecast.method)


def _rows(found: Forecasts) -> Iterator[tuple[object, ...]]:
    for one in found.tiers:
        ahead = one.forecast
        pace = f"{float(ahead.per_day):.2f}" if ahead.enough_history else None
        dates = (_words(ahead, day) for day in (ahead.earliest, ahead.expected, ahead.latest))
        yield one.tier, one.purchased, one.in_use, pace, *dates


def _words(ahead: Forecast, day: date | None) -> str:
    if day is not None:
        return formats.day(day)
    return "not at this pace" if ahead.enough_history else "unknown"


@click.command()
@json_option
def housekeeping(*, as_json: bool) -> None:
    """Apply due changes in every organization, and notify Owners of tiers that will be full within 30 days.

    A change is due if its time has come (a contract begins, a term ends, an invitation expires). Every worker
    does this work once a day. This command does it now.
    """
    with opened() as (_, database):
        found = commands.do_daily_work(database)
    short = [{"organization": one.organization, **dump(shapes.TierForecast(), one.tier)} for one in found]
    emit({"forecast_short": short}, as_json=as_json, text=lambda: _print_short(found))


def _print_short(found: list[Short]) -> None:
    rows = [
        (
            one.organization,
            one.tier.tier,
            one.tier.purchased,
            one.tier.in_use,
            one.tier.forecast.expected,
        )
        for one in found
    ]
    table(
        ("organization", "tier", "seats", "in use", "runs out"),
        rows,
        empty="No other tier will be full within 30 days.",
    )
