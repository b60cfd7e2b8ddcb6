"""`scim-seats seats forecast`, and `scim-seats housekeeping`, which tells when one has become short."""

from collections.abc import Iterator
from datetime import date

import click

from scim_server.cli.output import emit, json_option, opened, table
from scim_server.services.notifications import forecast as service
from scim_server.services.notifications import thresholds as alerts
from scim_server.services.notifications.forecast import Forecasts
from scim_server.services.notifications.thresholds import Short
from scim_server.services.organizations import settings as organizations
from seat_policy.forecast import FEWEST_DAYS, Forecast

COLUMNS = ("tier", "seats", "in use", "a day", "earliest", "expected", "latest")


@click.command()
@click.argument("slug")
@json_option
def forecast(*, slug: str, as_json: bool) -> None:
    """Show when each tier runs out of seats at the pace of the last four weeks.

    Example: scim-seats seats forecast acme
    """
    with opened() as (_, database):
        found = service.of_tiers(database, organizations.find(database, slug).id)
    result = {"days_known": found.days_known, "tiers": [service.described(one) for one in found.tiers]}
    emit(result, as_json=as_json, text=lambda: _print(found))


def _print(found: Forecasts) -> None:
    table(COLUMNS, _rows(found), empty="There are no seats.")
    short = [one for one in found.tiers if not one.forecast.enough_history]
    if short:
        days = "1 day" if found.days_known == 1 else f"{found.days_known} days"
        click.echo(f"The history is too short for a forecast: {days}, of at least {FEWEST_DAYS}.")
    elif found.tiers:
        click.echo(found.tiers[0].forecast.method)


def _rows(found: Forecasts) -> Iterator[tuple[object, ...]]:
    for one in found.tiers:
        ahead = one.forecast
        pace = f"{float(ahead.per_day):.2f}" if ahead.enough_history else None
        dates = (_words(ahead, day) for day in (ahead.earliest, ahead.expected, ahead.latest))
        yield one.tier, one.purchased, one.in_use, pace, *dates


def _words(ahead: Forecast, day: date | None) -> str:
    if day is not None:
        return day.isoformat()
    return "not at this pace" if ahead.enough_history else "unknown"


@click.command()
@json_option
def housekeeping(*, as_json: bool) -> None:
    """Apply what is due in every organization, and tell of forecasts that have become short.

    Every worker does so once a day; this does it now.
    """
    with opened() as (_, database):
        told = alerts.keep_house(database)
    short = [{"org": one.organization.slug, **service.described(one.tier)} for one in told]
    emit({"forecast_short": short}, as_json=as_json, text=lambda: _print_told(told))


def _print_told(told: list[Short]) -> None:
    rows = [
        (
            one.organization.slug,
            one.tier.tier,
            one.tier.purchased,
            one.tier.in_use,
            one.tier.forecast.expected,
        )
        for one in told
    ]
    table(("organization", "tier", "seats", "in use", "runs out"), rows, empty="No forecast became short.")
