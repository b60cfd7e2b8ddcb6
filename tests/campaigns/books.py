"""An organization's rows, read by separate SQL of the tests, independent of the server's `db check`."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from scim_server.store.database.engines import sqlite  # only the driver: the machine's own may be unsound


@dataclass(frozen=True, slots=True)
class Event:
    """A row of the history; `seats` is [purchased, assigned, held] by tier, `at` that of its transaction."""

    sequence: int
    type: str
    person: str | None
    seats: Mapping[str, Sequence[int]]
    at: str = ""


@dataclass(frozen=True, slots=True)
class Pool:
    """The counters of a tier."""

    tier: str
    purchased: int
    assigned: int
    held: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Person:
    """A row of people; `values` counts their rows in person_values."""

    id: str
    name: str
    active: bool
    tier: str | None
    wants: str | None
    arrival: int | None
    sequence: int
    document: str
    values: int


@dataclass(frozen=True, slots=True)
class Books:
    """The whole state, in one snapshot.

    Attributes:
        sequence, people_counted, waiting_any: the organization's clock.
        refused: userName keys of open refusals.
    """

    sequence: int
    people_counted: int
    waiting_any: int
    pools: Sequence[Pool]
    people: Sequence[Person]
    events: Sequence[Event]
    refused: Sequence[str]


@contextmanager
def cursor(database_url: str) -> Iterator[Any]:
    """A cursor in one read-only snapshot."""
    if database_url.startswith("sqlite:///"):
        file = Path(database_url.removeprefix("sqlite:///"))
        connection = sqlite.connect(f"file:{file}?mode=ro", uri=True, timeout=30, isolation_level=None)
        begin = "BEGIN"
    else:
        connection = psycopg.connect(database_url, autocommit=True)
        begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    try:
        one = connection.cursor()
        one.execute(begin)
        yield one
    finally:
        connection.close()


def read(database_url: str, slug: str) -> Books:
    """The books of one organization."""
    with cursor(database_url) as one:
        # The slug is the test's own, of hexadecimal digits; the two drivers spell parameters differently.
        one.execute(f"SELECT id FROM organizations WHERE slug = '{slug}'")
        here = f"organization = '{one.fetchone()[0]}'"
        one.execute(f"SELECT sequence, people, waiting_any FROM organization_clock WHERE {here}")
        sequence, people, waiting_any = one.fetchone()
        one.execute(f"SELECT tier, purchased, assigned, held, waiting FROM seat_pool WHERE {here}")
        pools = [Pool(*row) for row in one.fetchall()]
        one.execute(f"SELECT sequence, type, person, seats, at FROM events WHERE {here} ORDER BY sequence")
        events = [Event(row[0], row[1], row[2], _json(row[3]), row[4]) for row in one.fetchall()]
        one.execute(f"SELECT user_name_key FROM refusals WHERE {here} AND closed IS NULL")
        refused = [row[0] for row in one.fetchall()]
        return Books(sequence, people, waiting_any, pools, _people(one, here), events, refused)


def rows(database_url: str, slug: str, tables: Iterable[str]) -> dict[str, list[Any]]:
    """All rows of an organization in these tables, and the slugs of all organizations."""
    with cursor(database_url) as one:
        one.execute("SELECT slug, id FROM organizations ORDER BY slug")
        ids = dict(one.fetchall())
        found: dict[str, list[Any]] = {"organizations": list(ids)}
        for table in tables:
            one.execute(f"SELECT * FROM \"{table}\" WHERE organization = '{ids[slug]}'")
            found[table] = sorted(one.fetchall(), key=repr)
        return found


def _people(one: Any, here: str) -> list[Person]:  # noqa: ANN401 - two drivers, one protocol
    one.execute(f"SELECT person, COUNT(*) FROM person_values WHERE {here} GROUP BY person")
    values = dict(one.fetchall())
    one.execute(
        "SELECT id, user_name_key, active, tier, wants, arrival, sequence, document "
        f"FROM people WHERE {here} ORDER BY sequence"
    )
    return [
        Person(key, name, bool(active), tier, wants, arrival, sequence, document, values.get(key, 0))
        for key, name, active, tier, wants, arrival, sequence, document in one.fetchall()
    ]


def _json(value: Any) -> dict[str, list[int]]:  # noqa: ANN401 - text on SQLite, parsed on PostgreSQL
    parsed: dict[str, list[int]] = json.loads(value) if isinstance(value, str) else value
    return parsed
