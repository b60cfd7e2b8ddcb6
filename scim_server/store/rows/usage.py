"""Seats in use by day, computed from the history, and people who do not use their seat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, insert, select, text

from scim_server.history import PersonPromoted, PersonProvisioned
from scim_server.store.database.session import Read, Write, timestamp
from scim_server.store.rows.people import COLUMNS, Person, person_of
from scim_server.store.tables import events, idle_counts, people, usage_days, usage_marks
from seat_policy.ways_in import WayIn

_SEATED: Final = (PersonProvisioned.type, PersonPromoted.type)
"""The types of events by which people get a seat."""

_CHANGES: Final = {
    # Assigned and held seats by tier and day. A day is the first ten letters of a timestamp, in UTC. Equal
    # changes of a day are counted before their JSON is read, because reading JSON is slow.
    "sqlite": """
        SELECT d.key AS tier, e.day,
               SUM(e.times * (json_extract(d.value, '$[1]') + json_extract(d.value, '$[2]'))) AS change
        FROM (SELECT substr(at, 1, 10) AS day, seats, COUNT(*) AS times FROM events
              WHERE organization = :org AND sequence > :mark GROUP BY substr(at, 1, 10), seats) e,
             json_each(e.seats) d
        GROUP BY d.key, e.day""",
    "postgresql": """
        SELECT d.key AS tier, e.day,
               SUM(e.times * ((d.value->>1)::bigint + (d.value->>2)::bigint))::bigint AS change
        FROM (SELECT substr(at, 1, 10) AS day, seats, COUNT(*) AS times FROM events
              WHERE organization = :org AND sequence > :mark GROUP BY substr(at, 1, 10), seats) e,
             jsonb_each(e.seats) d
        GROUP BY d.key, e.day""",
}
_COUNT: Final = text("""
    INSERT INTO usage_days (organization, tier, day, change) VALUES (:org, :tier, :day, :change)
    ON CONFLICT (organization, tier, day) DO UPDATE SET change = usage_days.change + excluded.change""")
_STORE_IDLE: Final = text("""
    INSERT INTO idle_counts (organization, people, at) VALUES (:organization, :people, :at)
    ON CONFLICT (organization) DO UPDATE SET people = excluded.people, at = excluded.at""")
_SKEW: Final = timedelta(hours=1)
"""More than the clocks of two servers differ."""

Changes = dict[str, dict[date, int]]


def changes_by_day(read: Read, since: date) -> Changes:
    """The change of the number of seats in use on each day (UTC) since a day, by tier.

    Days without a change are left out. Only the events after the last mark are read.
    """
    found = _uncounted(read)
    counted = select(usage_days).where(
        usage_days.c.organization == read.organization, usage_days.c.day >= since.isoformat()
    )
    for row in read.connection.execute(counted):
        of_tier, day = found.setdefault(row.tier, {}), date.fromisoformat(row.day)
        of_tier[day] = of_tier.get(day, 0) + row.change
    return {
        tier: {day: change for day, change in days.items() if day >= since} for tier, days in found.items()
    }


def count_days(write: Write) -> None:
    """Count the events since the last mark into their days, and set a new mark."""
    if write.last_number == _last_mark(write):
        return
    rows = [
        {"org": write.organization, "tier": tier, "day": day.isoformat(), "change": change}
        for tier, days in _uncounted(write).items()
        for day, change in days.items()
    ]
    if rows:
        write.connection.execute(_COUNT, rows)
    mark = {"organization": write.organization, "sequence": write.last_number, "at": write.at}
    write.connection.execute(insert(usage_marks).values(mark))


def mark_before(read: Read, moment: datetime) -> int:
    """The number of an event after which all events since a time come; 0 if there is no mark so old."""
    query = select(func.max(usage_marks.c.sequence)).where(
        usage_marks.c.organization == read.organization, usage_marks.c.at <= timestamp(moment - _SKEW)
    )
    return read.connection.execute(query).scalar() or 0


def _last_mark(read: Read) -> int:
    query = select(func.max(usage_marks.c.sequence)).where(usage_marks.c.organization == read.organization)
    return read.connection.execute(query).scalar() or 0


def _uncounted(read: Read) -> Changes:
    found: Changes = {}
    values = {"org": read.organization, "mark": _last_mark(read)}
    for row in read.connection.execute(text(_CHANGES[read.connection.dialect.name]), values):
        found.setdefault(row.tier, {})[date.fromisoformat(row.day)] = int(row.change)
    return found


@dataclass(frozen=True, slots=True)
class Idle:
    """A person who does not use the seat.

    Attributes:
        signed_in: when the person last signed in; None if the person never signed in.
    """

    person: Person
    signed_in: str | None


def idle(read: Read, until: str, *, after: Person | None, limit: int) -> list[Idle]:
    """People with a seat who have not signed in since a time, in the order of creation.

    For people who never signed in, the time of their creation counts. People who got their seat after the
    given time are left out.
    """
    rows = _page(read, select(*COLUMNS, people.c.signed_in), is_idle(until), after, limit)
    return [Idle(person_of(row), row[len(COLUMNS)]) for row in rows]


def is_idle(until: str) -> ColumnElement[bool]:
    """The condition of `idle`."""
    seated_later = exists().where(
        events.c.organization == people.c.organization,
        events.c.person == people.c.id,
        events.c.type.in_(_SEATED),
        events.c.at > until,
    )
    last = func.coalesce(people.c.signed_in, people.c.created)
    return and_(people.c.tier.is_not(None), last <= until, ~seated_later)


def idle_count(read: Read, until: datetime) -> int:
    """How many people `idle` finds."""
    at = timestamp(until)
    seated_later = select(events.c.person).where(
        events.c.organization == read.organization,
        events.c.type.in_(_SEATED),
        events.c.sequence > mark_before(read, until),
        events.c.at > at,
        events.c.person.is_not(None),
    )
    last = func.coalesce(people.c.signed_in, people.c.created)
    query = select(func.count()).where(
        people.c.organization == read.organization,
        people.c.tier.is_not(None),
        last <= at,
        people.c.id.not_in(seated_later),
    )
    return int(read.connection.execute(query).scalar_one())


def store_idle_count(write: Write, number: int) -> None:
    """Store how many people do not use their seat now."""
    values = {"organization": write.organization, "people": number, "at": write.at}
    write.connection.execute(_STORE_IDLE, values)


def stored_idle_count(read: Read) -> tuple[int, str] | None:
    """The number that was stored last, and when; None if none was stored."""
    query = select(idle_counts.c.people, idle_counts.c.at)
    row = read.connection.execute(query.where(idle_counts.c.organization == read.organization)).first()
    return None if row is None else (row.people, row.at)


def untouched(read: Read, since: str, *, after: Person | None, limit: int) -> list[Person]:
    """Active people that no provider has sent since a time, in the order of creation.

    Creation by a provider counts as sent, even if the time was not recorded then.
    """
    return [person_of(row) for row in _page(read, select(*COLUMNS), is_untouched(since), after, limit)]


def is_untouched(since: str) -> ColumnElement[bool]:
    """The condition of `untouched`."""
    created = case((people.c.way_in == WayIn.SCIM, people.c.created))
    last = func.coalesce(people.c.touched, created)
    return and_(people.c.active, last.is_(None) | (last < since))


def _page(
    read: Read, query: Select[Any], condition: ColumnElement[bool], after: Person | None, limit: int
) -> Sequence[Any]:
    query = query.where(people.c.organization == read.organization, condition)
    if after is not None:
        query = query.where(people.c.sequence > after.sequence)
    return read.connection.execute(query.order_by(people.c.sequence).limit(limit)).all()
