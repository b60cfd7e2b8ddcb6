"""Sums over all organizations, for the operator's metrics. They contain no names."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select

from scim_server.store.tables import mails, organization_clock, people, refusals, seat_pool

_COUNTS: Final = ("purchased", "assigned", "held", "waiting")


@dataclass(frozen=True, slots=True)
class Figures:
    """The sums.

    Attributes:
        seats: the seats of each tier: purchased, assigned and held, and the people who wait for the tier.
        waiting_any: people who wait for a seat of any tier.
        oldest_wait: since when the person waits who waits longest; None if nobody waits.
        refusals: open refusals by reason.
        mails: mails that wait; oldest_mail: since when.
    """

    organizations: int
    people: int
    groups: int
    seats: dict[str, dict[str, int]]
    waiting_any: int
    oldest_wait: str | None
    refusals: dict[str, int]
    mails: int
    oldest_mail: str | None


def read(connection: Connection) -> Figures:
    """Compute the sums. Only rows that wait or are open are read, and the counters of organizations."""
    clock = organization_clock.c
    sums = [func.coalesce(func.sum(one), 0) for one in (clock.people, clock.groups, clock.waiting_any)]
    organizations, persons, groups, waiting_any = connection.execute(select(func.count(), *sums)).one()
    seats = connection.execute(
        select(seat_pool.c.tier, *(func.sum(seat_pool.c[one]) for one in _COUNTS)).group_by(seat_pool.c.tier)
    )
    open_ = refusals.c.closed.is_(None)
    reasons = connection.execute(
        select(refusals.c.reason, func.count()).where(open_).group_by(refusals.c.reason)
    )
    waiting = mails.c.next_attempt.is_not(None)
    count, oldest = connection.execute(select(func.count(), func.min(mails.c.created)).where(waiting)).one()
    return Figures(
        organizations=organizations,
        people=int(persons),
        groups=int(groups),
        seats={tier: dict(zip(_COUNTS, map(int, row), strict=True)) for tier, *row in seats},
        waiting_any=int(waiting_any),
        oldest_wait=connection.execute(
            select(func.min(people.c.waiting_since)).where(people.c.wants.is_not(None))
        ).scalar_one(),
        refusals={reason: int(number) for reason, number in reasons},
        mails=count,
        oldest_mail=oldest,
    )
