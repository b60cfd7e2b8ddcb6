"""Queries of forecasts, and the organizations with daily work."""

from scim_server.services.context import Context
from scim_server.services.notifications import forecast
from scim_server.services.notifications.forecast import Forecasts, TierForecast
from scim_server.store.database.session import Database
from scim_server.store.rows import mails, organizations

__all__ = [
    "Forecasts",
    "TierForecast",
    "forecasts",
    "organizations_with_daily_work",
    "waiting_mails",
]


def forecasts(context: Context) -> Forecasts:
    """When every tier of an organization will be full."""
    return forecast.of_tiers(context.database, context.organization)


def organizations_with_daily_work(database: Database) -> list[str]:
    """The ids of all organizations, because each has daily work."""
    with database.snapshot() as connection:
        return [one.id for one in organizations.every(connection)]


def waiting_mails(database: Database) -> int:
    """How many mails are not sent yet and will be tried."""
    with database.snapshot() as connection:
        return mails.waiting(connection)
