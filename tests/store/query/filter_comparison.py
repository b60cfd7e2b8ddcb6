"""The same organization on several databases, where each filter has to find the same people and groups."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from scim_server.protocol import patch as patches
from scim_server.protocol.dialects import TOLERANT
from scim_server.protocol.filters import parse
from scim_server.protocol.group import parse_group, render_group
from scim_server.protocol.resources import GROUP, user_type
from scim_server.protocol.schemas import ResourceSchema
from scim_server.protocol.user import parse_user, render_user
from scim_server.services.billing import due
from scim_server.services.context import Context
from scim_server.services.groups import commands as groups
from scim_server.services.groups import provision as group_provision
from scim_server.services.groups import queries as group_queries
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.create import NewOrganization
from scim_server.services.people import commands as people
from scim_server.services.people import provision
from scim_server.services.people import queries as people_queries
from scim_server.services.scim.search import Query
from scim_server.store.database import schema
from scim_server.store.database.session import OPERATOR, Database
from scim_server.store.query import fields
from scim_server.store.query.filters import Compiler
from seat_policy.overflow import Overflow
from tests.store.query.filter_makers import Body, FilterMaker, Maker
from tests.store.query.filter_oracle import GROUP_ROWS, USER_ROWS, Resource, Row, Tree, holds

PEOPLE, TEAMS = 60, 25
READER = ResourceSchema(user_type(seat_extension=True), TOLERANT)
TEAM_READER = ResourceSchema(GROUP, TOLERANT)


@dataclass(frozen=True)
class Directory:
    """One organization, on one database."""

    database: Database
    organization: str

    def people(self) -> list[Resource]:
        page = people_queries.find(
            Context(self.database, self.organization, OPERATOR),
            Query(count=1000),
            READER.resource_type,
            seats=True,
        )
        return [render_user(one, "https://scim.example") for one in page.resources]

    def teams(self) -> list[Resource]:
        page = group_queries.find(
            Context(self.database, self.organization, OPERATOR), Query(count=1000), GROUP
        )
        return [render_group(one, "https://scim.example") for one in page.resources]

    def found(self, connection: Connection, text: str, *, teams: bool) -> set[str]:
        """The ids of people who meet a filter."""
        resource_type, searchable = (GROUP, fields.GROUPS) if teams else (READER.resource_type, fields.USERS)
        table = searchable.table
        condition = Compiler(resource_type, searchable, self.database.dialect).compile(parse(text))
        query = select(table.c.id).where(table.c.organization == bindparam("org"), condition)
        # No filter comes twice: keeping their statements costs more than it saves.
        return set(
            connection.execute(
                query, {"org": self.organization}, execution_options={"compiled_cache": None}
            ).scalars()
        )


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

    with patch.object(provision, "uuid4", next_id), patch.object(group_provision, "uuid4", next_id):
        founded = organizations.create(
            database,
            OPERATOR,
            NewOrganization(f"filters-{seed}", {"standard": 15, "premium": 5}, overflow=Overflow.QUEUE),
        )
        directory = Directory(database, founded.organization.id)
        fill(directory, Maker(Random(seed)))
    return directory


def fill(directory: Directory, maker: Maker) -> None:
    """People and groups, some of them changed after they came."""
    there = Context(directory.database, directory.organization, OPERATOR)
    persons: list[str] = []
    for number in range(PEOPLE):
        user = parse_user(maker.person(number, USER_ROWS, persons), READER)
        outcome = people.create(there, user)
        assert isinstance(outcome, provision.Saved)
        persons.append(outcome.person.id)
    for person in maker.rng.sample(persons, PEOPLE // 3):
        body: Body = {"Operations": [{"op": "replace", "value": {"nickName": maker.word()}}]}
        people.patch(there, person, patches.changes(body, READER), READER)
    for _ in range(TEAMS):
        group, members = parse_group(maker.group(persons), TEAM_READER)
        groups.create(there, group, members)


@dataclass(frozen=True)
class Sample:
    """One filter: as a tree, as text, and the ids that it should find."""

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
    """Ask `size` filters, every fourth about groups. The first that finds other rows is an AssertionError."""
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
