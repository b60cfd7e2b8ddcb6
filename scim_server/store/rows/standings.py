"""The counts of tiers whose seats changed, and the alerts that were already sent for them (SEATS 33)."""

from dataclasses import replace
from typing import Final

from sqlalchemy import select, update

from scim_server.store.database.pool import TierCounters
from scim_server.store.database.session import Read, Write
from scim_server.store.tables import seat_pool
from seat_policy.thresholds import Notified, Standing

_COLUMNS: Final = (
    seat_pool.c.tier,
    seat_pool.c.purchased,
    seat_pool.c.assigned,
    seat_pool.c.held,
    seat_pool.c.alerted,
)


def note(write: Write, moved: TierCounters) -> None:
    """Remember the counts of the tier whose counters changed."""
    in_use = moved.assigned + moved.held
    write.moved[moved.tier] = Standing(moved.purchased, in_use, Notified(moved.alerted))


def record(write: Write, tier: str, notified: Notified) -> None:
    """Store which alerts of a tier were sent."""
    here = (seat_pool.c.organization == write.organization) & (seat_pool.c.tier == tier)
    write.connection.execute(update(seat_pool).where(here).values(alerted=int(notified)))
    if tier in write.moved:
        write.moved[tier] = replace(write.moved[tier], notified=notified)


def by_tier(read: Read) -> dict[str, Standing]:
    """The counts of every tier, lowest tier first."""
    query = select(*_COLUMNS).where(seat_pool.c.organization == read.organization).order_by(seat_pool.c.rank)
    return {
        row.tier: Standing(row.purchased, row.assigned + row.held, Notified(row.alerted))
        for row in read.connection.execute(query)
    }
