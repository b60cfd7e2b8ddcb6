"""An organization of any size with a console, filled with copies of rows that the services wrote.

`python -m tests.console.crowd` prints a table for both databases: how long each page takes among 100,000
people, when 5,000 others are left out.
"""

import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx
from sqlalchemy import Connection, Table, Text, cast, select, text
from sqlalchemy.types import JSON

from benchmarks.corpus import mark, person, user_name
from benchmarks.filling.inserting import inserter
from benchmarks.filling.multiply import Template, multiply
from scim_server import telemetry
from scim_server.services.billing import due
from scim_server.services.billing.contracts import Terms
from scim_server.services.left_out import commands as left_out
from scim_server.services.notifications import commands as notifications
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.create import NewOrganization
from scim_server.store import tables
from scim_server.store.database import schema
from scim_server.store.database.session import Database
from seat_policy.contract import Per
from seat_policy.overflow import Overflow
from tests.api.in_process import PUBLIC_URL
from tests.console.addresses import by_name, walked
from tests.console.visiting import OWNER, Place, founded, new_slug
from tests.support.builders.customer import at
from tests.support.servers import postgresql

PURCHASE: Final = "the purchase for 5,000 people"
SEATED, WAITING, REFUSED = "s", "w", "r"
"""The series of marks of the people, by what became of them."""
PRICES: Final = {"standard": ("120", Per.TERM), "premium": ("240", Per.TERM)}


@dataclass(frozen=True)
class Size:
    """How many people have a seat, wait, and were refused."""

    seated: int
    waiting: int
    refused: int


SMALL = Size(12, 4, 4)
MIDDLE = Size(20_000, 1_500, 1_000)
LARGE = Size(100_000, 3_000, 2_000)


def crowd(database: Database, size: Size) -> Place:
    """An organization of this size; every seat is in use."""
    terms = Terms(start=at("2026-01-01").date(), months=12, currency="USD", prices=PRICES)
    seats = {"standard": size.seated + 1, "premium": 1}
    place = founded(
        database,
        NewOrganization(
            new_slug(), seats, overflow=Overflow.QUEUE, owner=OWNER, terms=terms, bill_opening=True
        ),
    )
    _arrive(place, SEATED, 201)
    _copy(place, SEATED, size.seated - 1)
    _arrive(place, "p", 201)
    _arrive(place, WAITING, 201)
    _copy(place, WAITING, size.waiting - 1)
    organizations.configure(place.context, organizations.Changes({"overflow": "reject"}))
    _arrive(place, REFUSED, 403)
    _copy_refused(place, size.refused - 1)
    with database.writer.begin() as connection:
        connection.execute(text("ANALYZE"))
    return place


def _arrive(place: Place, series: str, status: int) -> None:
    with place.provider() as provider:
        answer = provider.post("/Users", json=person(series, 0))
    assert answer.status_code == status, answer.text


def _copy(place: Place, series: str, count: int) -> None:
    organization = place.context.organization
    with place.context.database.writer.begin() as connection:
        first = connection.execute(
            select(tables.people).where(
                tables.people.c.organization == organization,
                tables.people.c.user_name == user_name(series, 0),
            )
        ).one()
        template = Template(organization, place.slug + series, series, first.id, first.sequence)
        multiply(connection, template, count, inserter(connection))
        values = {"added": count, "org": organization}
        _change(
            connection, "organization_clock", "sequence = sequence + :added, people = people + :added", values
        )
        if first.tier:
            grown = "assigned = assigned + :added"
            _change(connection, "seat_pool", grown, {**values, "tier": first.tier}, "AND tier = :tier")
        else:
            _change(connection, "organization_clock", "waiting_any = waiting_any + :added", values)


def _last(connection: Connection, organization: str) -> int:
    clock = tables.organization_clock
    found: int = connection.execute(
        select(clock.c.sequence).where(clock.c.organization == organization)
    ).scalar_one()
    return found


def _change(
    connection: Connection, table: str, change: str, values: dict[str, Any], further: str = ""
) -> None:
    connection.execute(text(f"UPDATE {table} SET {change} WHERE organization = :org {further}"), values)


def _copy_refused(place: Place, count: int) -> None:
    """Copy the one refusal with its event."""
    organization = place.context.organization
    with place.context.database.writer.begin() as connection:
        first = connection.execute(
            select(tables.refusals.c.sequence).where(tables.refusals.c.organization == organization)
        ).scalar_one()
        last = _last(connection, organization)
        for table in (tables.events, tables.refusals):
            row = _row(connection, table, organization, first)
            copies = (_copied(row, first, last, number) for number in range(1, count + 1))
            inserter(connection)(table, [column.name for column in table.columns], copies)
        _change(
            connection,
            "organization_clock",
            "sequence = sequence + :added",
            {"added": count, "org": organization},
        )


def _row(connection: Connection, table: Table, organization: str, sequence: int) -> tuple[Any, ...]:
    shown = [cast(one, Text).label(one.name) if isinstance(one.type, JSON) else one for one in table.columns]
    here = (table.c.organization == organization) & (table.c.sequence == sequence)
    return tuple(connection.execute(select(*shown).where(here)).one())


def _copied(row: Sequence[Any], first: int, last: int, number: int) -> tuple[Any, ...]:
    old, new = mark(REFUSED, 0), mark(REFUSED, number)
    return tuple(
        value.replace(old, new) if isinstance(value, str) else last + number if value == first else value
        for value in row
    )


def timed(place: Place, rounds: int = 5) -> Iterator[tuple[str, float]]:
    """The median time of each page, in milliseconds."""
    owner = place.enter()

    def get(path: str) -> httpx.Response:
        return owner.client.get(f"{PUBLIC_URL}{path}", follow_redirects=True)

    for name, address in by_name(walked(get, place.slug)).items():
        times = []
        for _ in range(rounds):
            start = time.perf_counter()
            get(address)
            times.append((time.perf_counter() - start) * 1000)
        yield name, statistics.median(times)


def measured(url: str) -> dict[str, float]:
    """Fill a database; the median time of each page, and the time of the purchase, in milliseconds."""
    database = due.opened(url)
    schema.upgrade(database)
    try:
        place = crowd(database, LARGE)
        # A server does this once a day. Before the first time, the overview reads the whole history.
        notifications.do_daily_work_of(database, place.context.organization)
        found = dict(timed(place))
        start = time.perf_counter()
        left_out.buy(place.context)
        return found | {PURCHASE: (time.perf_counter() - start) * 1000}
    finally:
        database.close()


def table(urls: Mapping[str, str]) -> Iterator[str]:
    """The times as a table, slowest page first, with a column for each database, given by its name."""
    found = {name: measured(url) for name, url in urls.items()}
    slowest = {page: max(times[page] for times in found.values()) for page in next(iter(found.values()))}
    yield f"| page | {' | '.join(found)} |"
    yield f"|---|{'---|' * len(found)}"
    for page in sorted(slowest, key=lambda one: -slowest[one]):
        yield f"| {page} | {' | '.join(f'{times[page]:,.0f} ms' for times in found.values())} |"


def main() -> None:
    """Print the times on a new database of each kind."""
    telemetry.configure("warning")
    with TemporaryDirectory() as folder, postgresql.started() as cluster:
        for line in table({"SQLite": f"sqlite:///{folder}/crowd.db", "PostgreSQL": cluster.new_database()}):
            print(line)  # noqa: T201 - a command


if __name__ == "__main__":
    main()
