"""What Owners should hear of: tiers that fill, refusals that begin, forecasts that are short (SEATS 33).

Each is an event, once per crossing, with mail to the Owners. They are told last in a unit of work, so that
the numbers of its own events, which are places in the queue, stay as the work knew them.
"""

from dataclasses import dataclass
from datetime import datetime

from scim_server.history import SeatsForecastShort, SeatsRefusalsBegan, SeatsThreshold
from scim_server.services.notifications import forecast
from scim_server.services.notifications import owner_mail as owners
from scim_server.store.database import clock
from scim_server.store.database.session import Actor, Database, Write, timestamp
from scim_server.store.rows import departures, mails, standings
from scim_server.store.rows import organizations as organization_store
from scim_server.store.rows.organizations import Organization
from seat_policy.admission import Reject
from seat_policy.removal import VALUES_KEPT, WINDOW
from seat_policy.thresholds import BURST_ENDS_AFTER, FORECAST_WITHIN, Told, step

HOUSEKEEPING = Actor("housekeeping", "worker")


def conclude(write: Write) -> None:
    """Tell of every tier that the work took across a threshold, and arm those it took well below one.

    A tier that crosses several at once is told of once, with the highest.
    """
    for tier, standing in sorted(write.moved.items()):
        after = step(standing)
        if after.told == standing.told:
            continue
        standings.tell(write, tier, after.told)
        if after.crossed is not None:
            event = SeatsThreshold(
                tier=tier,
                percent=after.crossed,
                in_use=standing.in_use,
                purchased=standing.purchased,
            )
            owners.tell(write, event)


def refused(write: Write, reject: Reject) -> None:
    """Somebody was left out: told of if nobody was in the last 24 hours."""
    last, write.clock.refused = write.clock.refused, write.at
    if last is None or write.moment - datetime.fromisoformat(last) >= BURST_ENDS_AFTER:
        owners.tell(write, SeatsRefusalsBegan(reason=reject.reason, wants=reject.wants))


@dataclass(frozen=True, slots=True)
class Short:
    """A tier that is expected to run out soon, told of just now."""

    organization: Organization
    tier: forecast.TierForecast


def keep_house(database: Database) -> list[Short]:
    """The daily job: apply what is due everywhere, and tell of forecasts that have become short.

    A tier is told of once, until its forecast is longer again. One that is full already is not: its
    threshold was told of. Nor is one of an organization in which no seat is given now.
    """
    with database.snapshot() as connection:
        organizations = organization_store.every(connection)
    return [
        Short(organization, tier)
        for organization in organizations
        for tier in keep_house_of(database, organization.id)
    ]


def houses(database: Database) -> list[str]:
    """The organizations in which house is kept."""
    with database.snapshot() as connection:
        return [one.id for one in organization_store.every(connection)]


def keep_house_of(database: Database, organization: str) -> list[forecast.TierForecast]:
    """The daily job in one organization: the tiers whose forecast has become short."""
    # What is due is applied at the head of any write.
    database.write(organization, HOUSEKEEPING, _forget)
    with database.read(organization) as read:
        standstill = clock.read(read.connection, read.organization).standstill
    found = forecast.of_tiers(database, organization)
    if standstill(found.at) is not None:
        return []
    limit = found.today + FORECAST_WITHIN
    short = {one.tier: one.forecast.within(limit) for one in found.tiers if one.in_use < one.purchased}
    told = database.write(organization, HOUSEKEEPING, lambda write: _tell(write, found, short))
    return [one for one in found.tiers if one.tier in told]


def _forget(write: Write) -> None:
    """What is of no more use: mail that would come too late, what was kept of people who left (SEATS 34)."""
    mails.drop_expired(write)
    departures.forget_alone(write, timestamp(write.moment - WINDOW))
    departures.forget_values(write, timestamp(write.moment - VALUES_KEPT))


def _tell(write: Write, found: forecast.Forecasts, short: dict[str, bool]) -> list[str]:
    """Tell of those tiers that are short now and were not; arm those that are not; which were told of."""
    now, told = standings.by_tier(write), []
    for one in found.tiers:
        before = now[one.tier].told
        if one.tier not in short or short[one.tier] == (Told.FORECAST_SHORT in before):
            continue
        standings.tell(write, one.tier, before ^ Told.FORECAST_SHORT)
        if short[one.tier]:
            owners.tell(write, SeatsForecastShort.read(forecast.described(one)))
            told.append(one.tier)
    return told
