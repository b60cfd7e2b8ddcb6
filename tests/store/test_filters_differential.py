"""The same filter on SQLite, on PostgreSQL and in plain Python finds the same people and groups.

A run of the tests takes a slice of the filters. All of them, from the project's folder:

    python -m tests.store.test_filters_differential --size 100000 --seed 1

It prints the progress and stops at the first filter on which they differ. The seed also makes the people.
"""

import argparse
import itertools
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from unittest.mock import patch
from uuid import UUID

import pytest
from sqlalchemy import Connection, select

from scim_server.protocol import patch as patches
from scim_server.protocol.dialects import TOLERANT
from scim_server.protocol.filters import parse
from scim_server.protocol.group import parse_group, render_group
from scim_server.protocol.resources import GROUP, user_type
from scim_server.protocol.schemas import ResourceSchema
from scim_server.protocol.user import parse_user, render_user
from scim_server.services.billing import due
from scim_server.services.groups import provision as groups
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.create import NewOrganization
from scim_server.services.people import provision as people
from scim_server.services.scim import search
from scim_server.services.scim.search import Query
from scim_server.store.database import schema
from scim_server.store.database.session import OPERATOR, Database
from scim_server.store.query import fields
from scim_server.store.query.filters import Compiler
from tests.conftest import DIALECTS
from tests.store.filter_makers import Body, FilterMaker, Maker
from tests.store.filter_oracle import GROUP_ROWS, USER_ROWS, Resource, Row, Tree, holds
from tests.support.servers import postgresql

SEED = 1
PEOPLE, TEAMS = 60, 25
SLICE = 20_000
READER = ResourceSchema(user_type(seat_extension=True), TOLERANT)
TEAM_READER = ResourceSchema(GROUP, TOLERANT)


@dataclass(frozen=True)
class Directory:
    """One organization, on one database."""

    database: Database
    organization: str

    def people(self) -> list[Resource]:
        page = search.find_people(
            self.database, self.organization, Query(count=1000), READER.resource_type, seats=True
        )
        return [render_user(one, "https://scim.example") for one in page.resources]

    def teams(self) -> list[Resource]:
        page = search.find_groups(self.database, self.organization, Query(count=1000), GROUP)
        return [render_group(one, "https://scim.example") for one in page.resources]

    def found(self, connection: Connection, text: str, *, teams: bool) -> set[str]:
        """The ids of those who meet a filter."""
        resource_type, searchable = (GROUP, fields.GROUPS) if teams else (READER.resource_type, fields.USERS)
        table = searchable.table
        condition = Compiler(resource_type, searchable, self.database.dialect).compile(parse(text))
        query = select(table.c.id).where(table.c.organization == self.organization, condition)
        # No filter comes twice: keeping their statements costs more than it saves.
        return set(connection.execute(query, execution_options={"compiled_cache": None}).scalars())


def settle(url: str, seed: int) -> Directory:
    """Fill a new database; the same seed gives the same ids, times and values on each."""
    rng = Random(seed)
    moments = (
        datetime(2026, 3, 1, 8, 30, tzinfo=UTC) + n * timedelta(hours=7.013) for n in itertools.count()
    )
    database = due.opened(url, now=lambda: next(moments))
    schema.upgrade(database)

    def next_id() -> UUID:
        return UUID(int=rng.getrandbits(128), version=4)

    with patch.object(people, "uuid4", next_id), patch.object(groups, "uuid4", next_id):
        founded = organizations.create(
            database,
            OPERATOR,
            NewOrganization(f"filters-{seed}", {"standard": 15, "premium": 5}, overflow="queue"),
        )
        directory = Directory(database, founded.organization.id)
        fill(directory, Maker(Random(seed)))
    return directory


def fill(directory: Directory, maker: Maker) -> None:
    """People and groups, some of them changed after they came."""
    there = (directory.database, directory.organization, OPERATOR)
    persons: list[str] = []
    for number in range(PEOPLE):
        user = parse_user(maker.person(number, USER_ROWS, persons), READER)
        outcome = people.create(*there, user)
        assert isinstance(outcome, people.Saved)
        persons.append(outcome.person.id)
    for person in maker.rng.sample(persons, PEOPLE // 3):
        body: Body = {"Operations": [{"op": "replace", "value": {"nickName": maker.word()}}]}
        people.patch_person(*there, person, patches.changes(body, READER), READER)
    for _ in range(TEAMS):
        group, members = parse_group(maker.group(persons), TEAM_READER)
        groups.create(*there, group, members)


@dataclass(frozen=True)
class Sample:
    """One filter: as a tree, as text, and whom it should find."""

    tree: Tree
    text: str
    expected: set[str]


def samples(
    rng: Random, rows: Mapping[str, Row], resources: Sequence[Resource], size: int
) -> Iterator[Sample]:
    """Filters with the answers of the oracle."""
    maker = FilterMaker(rng, rows, resources)
    for _ in range(size):
        tree = maker.tree()
        expected = {resource["id"] for resource in resources if holds(tree, resource, rows)}
        yield Sample(tree, maker.text(tree), expected)


def compare(
    directories: Sequence[Directory], size: int, seed: int, report: Callable[[int], None] = lambda _: None
) -> None:
    """Ask that many filters, one in four on groups; AssertionError on the first that finds others."""
    rng = Random(seed)
    of_people = samples(rng, USER_ROWS, directories[0].people(), size)
    of_teams = samples(rng, GROUP_ROWS, directories[0].teams(), size)
    with ExitStack() as stack:
        connections = [stack.enter_context(one.database.snapshot()) for one in directories]
        for number in range(size):
            teams = number % 4 == 0
            sample = next(of_teams if teams else of_people)
            for directory, connection in zip(directories, connections, strict=True):
                found = directory.found(connection, sample.text, teams=teams)
                assert found == sample.expected, _difference(directory, sample, found)
            report(number + 1)


def _difference(directory: Directory, sample: Sample, found: set[str]) -> str:
    missing, extra = sorted(sample.expected - found), sorted(found - sample.expected)
    return f"{directory.database.dialect}: {sample.text}\n{sample.tree}\nmissing {missing}\nextra {extra}"


@contextmanager
def settled(urls: Sequence[str], seed: int) -> Iterator[list[Directory]]:
    """The same organization on each of some new databases."""
    directories = [settle(url, seed) for url in urls]
    try:
        yield directories
    finally:
        for directory in directories:
            directory.database.close()


@pytest.fixture(scope="module")
def directories(new_url: Callable[[str], str]) -> Iterator[list[Directory]]:
    with settled([new_url(dialect) for dialect in DIALECTS], SEED) as there:
        yield there


def test_both_databases_show_the_same_people_and_groups(directories: list[Directory]) -> None:
    on_sqlite, on_postgresql = directories

    assert on_sqlite.people() == on_postgresql.people()
    assert on_sqlite.teams() == on_postgresql.teams()
    assert (len(on_sqlite.people()), len(on_sqlite.teams())) == (PEOPLE, TEAMS)


def test_most_filters_find_some_and_not_all_so_that_they_tell_something(
    directories: list[Directory],
) -> None:
    made = list(samples(Random(SEED), USER_ROWS, directories[0].people(), 500))

    telling = [sample for sample in made if 0 < len(sample.expected) < PEOPLE]

    assert len(telling) > len(made) / 2


def test_every_filter_finds_the_same_on_both_databases_and_in_plain_python(
    directories: list[Directory],
) -> None:
    compare(directories, SLICE, SEED)


def main() -> None:
    """Compare as many filters as the command line says."""
    parser = argparse.ArgumentParser(description="Compare filters on both databases with an oracle.")
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    begun = time.monotonic()

    def report(number: int) -> None:
        if number % 1000 == 0 or number == asked.size:
            print(f"{number} filters agree, {time.monotonic() - begun:.0f} s", flush=True)  # noqa: T201

    with tempfile.TemporaryDirectory() as folder, postgresql.started() as cluster:
        urls = [f"sqlite:///{folder}/seats.db", cluster.new_database()]
        with settled(urls, asked.seed) as there:
            compare(there, asked.size, asked.seed, report)


if __name__ == "__main__":
    main()
