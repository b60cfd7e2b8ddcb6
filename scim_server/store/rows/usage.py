"""Seats in use by day, computed from the history, and people who do not use their seat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select, text

from scim_server.history import PersonPromoted, PersonProvisioned
from scim_server.store.database.session import Read
from scim_server.store.rows.people import COLUMNS, Person, person_of
from scim_server.store.tables import events, people
from seat_policy.ways_in import WayIn

_SEATED: Final = (PersonProvisioned.type, PersonPromoted.type)
"""The types of events by which people get a seat."""

_CHANGES: Final = {
    # Assigned and held seats by tier and day. A day is the first ten letters of a timestamp, in UTC.
    "sqlite": """
        SELECT d.key AS tier, substr(e.at, 1, 10) AS day,
               SUM(json_extract(d.value, '$[1]') + json_extract(d.value, '$[2]')) AS change
        FROM events e, json_each(e.seats) d
        WHERE e.organization = :org AND e.at >= :since GROUP BY d.key, substr(e.at, 1, 10)""",
    "postgresql": """
        SELECT d.key AS tier, substr(e.at, 1, 10) AS day,
               SUM((d.value->>1)::bigint + (d.value->>2)::bigint)::bigint AS change
        FROM events e, jsonb_each(e.seats) d
        WHERE e.organization = :org AND e.at >= :since GROUP BY d.key, substr(e.at, 1, 10)""",
}


def changes_by_day(read: Read, since: date) -> dict[str, dict[date, int]]:
    """The change of the number of seats in use on each day (UTC) since a day, by tier.

    Days without a change are left out. The query reads all events since that day, so it is suitable for a job
    or a report, but not for a request of a provider.
    """
    found: dict[str, dict[date, int]] = {}
    values = {"org": read.organization, "since": since.isoformat()}
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
    seated_later = exists().where(
        events.c.organization == people.c.organization,
        events.c.person == people.c.id,
        events.c.type.in_(_SEATED),
        events.c.at > until,
    )
    last = func.coalesce(people.c.signed_in, people.c.created)
    condition = and_(people.c.tier.is_not(None), last <= until, ~seated_later)
    rows = _page(read, select(*COLUMNS, people.c.signed_in), condition, after, limit)
    return [Idle(person_of(row), row[len(COLUMNS)]) for row in rows]


def untouched(read: Read, since: str, *, after: Person | None, limit: int) -> list[Person]:
    """Active people that no provider has sent since a time, in the order of creation.

    Creation by a provider counts as sent, even if the time was not recorded then.
    """
    created = case((people.c.way_in == WayIn.SCIM, people.c.created))
    last = func.coalesce(people.c.touched, created)
    condition = and_(people.c.active, last.is_(None) | (last < since))
    return [person_of(row) for row in _page(read, select(*COLUMNS), condition, after, limit)]


def _page(
    read: Read, query: Select[Any], condition: ColumnElement[bool], after: Person | None, limit: int
) -> Sequence[Any]:
    query = query.where(people.c.organization == read.organization, condition)
    if after is not None:
        query = query.where(people.c.sequence > after.sequence)
    return read.connection.execute(query.order_by(people.c.sequence).limit(limit)).all()
