"""The daily work of one organization: due changes, deletion of old data, and forecasts under 30 days."""

from scim_server.history import SeatRequestsOverdue, SeatsForecastShort
from scim_server.services.context import Context
from scim_server.services.notifications import forecast, idle_seats
from scim_server.services.notifications import owner_mail as owners
from scim_server.store.database import clock
from scim_server.store.database.session import Actor, Write, timestamp
from scim_server.store.rows import mails, removals, seat_requests, standings, usage
from seat_policy.mass_removal import VALUES_KEPT, WINDOW
from seat_policy.requests import REMIND_AFTER
from seat_policy.thresholds import FORECAST_WITHIN, Notified
from seat_policy.ways_in import WayIn

HOUSEKEEPING = Actor("housekeeping", WayIn.WORKER)


def do_daily_work(context: Context) -> list[forecast.TierForecast]:
    """Do the daily work; return the tiers that are newly expected to be full in 30 days.

    Owners are notified of a tier once, and again only after its forecast was longer. They are not notified of
    a full tier, because they already got the threshold alert. While no seats are assigned, nobody is
    notified.
    """
    # Every write applies due changes at its beginning.
    context.write(_tidy)
    idle_seats.count_daily(context)
    with context.read() as read:
        standstill = clock.read(read.connection, read.organization).standstill
    found = forecast.of_tiers(context.database, context.organization)
    if standstill(found.at) is not None:
        return []
    limit = found.today + FORECAST_WITHIN
    short = {one.tier: one.forecast.within(limit) for one in found.tiers if one.in_use < one.purchased}
    notified = context.write(lambda write: _notify(write, found, short))
    return [one for one in found.tiers if one.tier in notified]


def _tidy(write: Write) -> None:
    """Remind Owners of old requests. Delete late mail, and the stored values of removed people (SEATS 34).

    The changes of seats are counted by day, so that a long history is not read again.
    """
    usage.count_days(write)
    _remind(write)
    mails.drop_expired(write)
    removals.forget_ungrouped(write, timestamp(write.moment - WINDOW))
    removals.forget_values(write, timestamp(write.moment - VALUES_KEPT))


def _remind(write: Write) -> None:
    """Remind Owners once of the requests for seats that are open for days."""
    if not write.clock.asking:
        return
    overdue = seat_requests.remind(write, timestamp(write.moment - REMIND_AFTER))
    if overdue:
        owners.notify(write, SeatRequestsOverdue(requests=overdue, days=REMIND_AFTER.days))


def _notify(write: Write, found: forecast.Forecasts, short: dict[str, bool]) -> list[str]:
    """Notify Owners of tiers with a new short forecast; reset the alert of tiers with a long forecast."""
    now, notified = standings.by_tier(write), []
    for one in found.tiers:
        before = now[one.tier].notified
        if one.tier not in short or short[one.tier] == (Notified.FORECAST_SHORT in before):
            continue
        standings.record(write, one.tier, before ^ Notified.FORECAST_SHORT)
        if short[one.tier]:
            owners.notify(write, SeatsForecastShort.read(forecast.described(one)))
            notified.append(one.tier)
    return notified
