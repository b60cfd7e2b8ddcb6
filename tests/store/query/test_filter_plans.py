"""How the databases carry out the filters that providers send: by an index, never row by row.

Asserted of the statements of a list request, the page and the count, in an organization of 3,000 people
and 300 groups beside a smaller one: every table is entered by an index, and with more than the
organization, which alone would mean all of its people. PostgreSQL has statistics, as its autovacuum sees
to; SQLite is asked with its own and with those that the migration gives it. Values that most people have,
such as `active eq true`, are left out: to count them is to visit them.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from psycopg import Cursor, RawCursor
from sqlalchemy import delete, event, insert, select, text

from scim_server.protocol.dialects import TOLERANT
from scim_server.protocol.filters import parse
from scim_server.protocol.group import parse_group
from scim_server.protocol.resources import ENTERPRISE_SCHEMA, GROUP, USER
from scim_server.protocol.schemas import ResourceSchema
from scim_server.protocol.user import parse_user
from scim_server.services.billing import due
from scim_server.services.context import Context
from scim_server.services.groups import commands as groups
from scim_server.services.groups import queries as group_queries
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.create import NewOrganization
from scim_server.services.people import provision
from scim_server.services.people import queries as people_queries
from scim_server.services.scim.search import Query
from scim_server.store import tables
from scim_server.store.database import schema
from scim_server.store.database.session import OPERATOR, Database, Write
from scim_server.store.rows.organizations import Organization
from tests.conftest import DIALECTS

ENTERPRISE = ENTERPRISE_SCHEMA.id
PEOPLE, TEAMS = 3_000, 300
READER = ResourceSchema(USER, TOLERANT)
TEAM_READER = ResourceSchema(GROUP, TOLERANT)
Sent = tuple[str, Any]
"""A statement and its values."""


@dataclass(frozen=True)
class Crowd:
    """A large organization, and the ids that filters name."""

    database: Database
    organization: str
    person: str
    group: str


def settle(database: Database, slug: str, size: int = PEOPLE, teams: int = TEAMS) -> Crowd:
    founded = organizations.create(database, OPERATOR, NewOrganization(slug, {"standard": PEOPLE}))
    ids = database.write(
        founded.organization.id, OPERATOR, lambda write: fill(write, founded.organization, size)
    )
    for number in range(teams):
        body: dict[str, Any] = {
            "displayName": f"Team {number}",
            "members": [{"value": one} for one in ids[number * 10 : number * 10 + 15]],
        }
        group, members = parse_group(body, TEAM_READER)
        groups.create(Context(database, founded.organization.id, OPERATOR), group, members)
    with database.writer.connect() as connection, connection.begin():
        connection.execute(text(NESTED), {"org": founded.organization.id})
    first = group_queries.find(
        Context(database, founded.organization.id, OPERATOR), Query(count=1), GROUP
    ).resources[0]
    return Crowd(database, founded.organization.id, ids[7], first.id)


def fill(write: Write, organization: Organization, size: int) -> list[str]:
    ids = []
    for number in range(size):
        body: dict[str, Any] = {
            "userName": f"user{number}@example.com",
            "externalId": f"x{number}",
            "displayName": f"Person {number}",
            "active": number % 10 != 0,
            "name": {"familyName": f"Person {number}", "givenName": f"Given {number}"},
            ENTERPRISE: {"employeeNumber": f"e{number}", "department": f"Department {number // 10}"},
            "emails": [
                {"type": "work", "value": f"work{number}@example.com"},
                {"type": "home", "value": f"home{number}@example.com"},
            ],
        }
        saved = provision.create(write, organization, parse_user(body, READER))
        assert isinstance(saved, provision.Saved)
        ids.append(saved.person.id)
    return ids


# Each team in the one after it: a table of one page would be read whole, whatever its indexes.
NESTED = """
    INSERT INTO group_subgroups (organization, group_id, subgroup)
    SELECT a.organization, b.id, a.id FROM groups a JOIN groups b ON b.organization = a.organization
    AND b.sequence > a.sequence AND b.sequence <= a.sequence + 1 WHERE a.organization = :org"""
NO_STATISTICS = "sqlite as migrated"


def filled(url: str) -> Crowd:
    database = due.opened(url)
    schema.upgrade(database)
    settle(database, "neighbour", PEOPLE // 3, TEAMS // 3)
    return settle(database, "crowd")


@pytest.fixture(scope="module")
def crowd_without_statistics(new_url: Callable[[str], str]) -> Iterator[Crowd]:
    """On SQLite, as the services filled it."""
    crowd = filled(new_url("sqlite"))
    yield crowd
    crowd.database.close()


@pytest.fixture(scope="module", params=[*DIALECTS, NO_STATISTICS])
def crowd(
    request: pytest.FixtureRequest, new_url: Callable[[str], str], crowd_without_statistics: Crowd
) -> Iterator[Crowd]:
    if request.param == NO_STATISTICS:
        yield crowd_without_statistics
        return
    url = new_url(request.param)
    crowd = copied(crowd_without_statistics, url)
    with crowd.database.writer.connect() as connection, connection.begin():
        connection.execute(text("ANALYZE"))
    yield crowd
    crowd.database.close()


def copied(crowd: Crowd, url: str) -> Crowd:
    """The same rows in another database: to fill it again takes half a minute."""
    database = due.opened(url)
    schema.upgrade(database)
    with crowd.database.reader.connect() as source, database.writer.begin() as target:
        target.execute(delete(tables.feed_head))
        for table in tables.metadata.sorted_tables:
            if rows := [dict(row) for row in source.execute(select(table)).mappings()]:
                target.execute(insert(table), rows)
    return replace(crowd, database=database)


FILTERS = {
    "userName": 'userName eq "user7@example.com"',
    "externalId": 'externalId eq "x7"',
    "id": 'id eq "{person}"',
    "an e-mail address": 'emails.value eq "work7@example.com"',
    "a work e-mail address": 'emails[type eq "work"].value eq "work7@example.com"',
    "displayName": 'displayName eq "person 7"',
    "active false": "active eq false",
    "lastModified": 'meta.lastModified eq "2026-03-01T08:30:00Z"',
    "lastModified since": 'meta.lastModified gt "2126-03-01T08:30:00Z"',
    "groups": 'groups.value eq "{group}"',
    "the bare name of groups": 'groups eq "{group}"',
    "familyName": 'name.familyName eq "person 7"',
    "familyName in brackets": 'name[familyName eq "person 7" and givenName sw "a"]',
    "givenName": 'name.givenName eq "given 7"',
    "employeeNumber": 'employeeNumber eq "e7"',
    "department": 'department eq "department 7"',
    "the people of a manager": 'manager eq "{person}"',
    "a manager and an id": 'id eq "{person}" and manager eq "nobody"',
}
TEAM_FILTERS = {
    "id of a group": 'id eq "{group}"',
    "displayName of a group": 'displayName eq "team 7"',
    "externalId of a group": 'externalId eq "x7"',
    "members": 'members.value eq "{person}"',
    "the bare name of members": 'members eq "{person}"',
    "a member and a group": 'id eq "{group}" and members eq "{person}"',
}


@pytest.mark.parametrize("asked", FILTERS.values(), ids=FILTERS.keys())
def test_filters_on_people_use_an_index(crowd: Crowd, asked: str) -> None:
    assert entries(crowd, asked, teams=False), "no table is entered at all"
    assert [entry for entry in entries(crowd, asked, teams=False) if not by_index(entry)] == []


@pytest.mark.parametrize("asked", TEAM_FILTERS.values(), ids=TEAM_FILTERS.keys())
def test_filters_on_groups_use_an_index(crowd: Crowd, asked: str) -> None:
    assert entries(crowd, asked, teams=True), "no table is entered at all"
    assert [entry for entry in entries(crowd, asked, teams=True) if not by_index(entry)] == []


def test_a_filter_without_an_index_would_be_detected(crowd: Crowd) -> None:
    """Proof that these tests can fail."""
    found = entries(crowd, 'nickName co "x"', teams=False)

    assert [entry for entry in found if not by_index(entry)] != []


def entries(crowd: Crowd, asked: str, *, teams: bool) -> list[str]:
    """Each way in which the statements of a list request enter a table, in the database's words."""
    asked = asked.format(person=crowd.person, group=crowd.group)
    explain = _on_sqlite if crowd.database.dialect == "sqlite" else _on_postgresql
    return [
        entry for sent in statements(crowd, asked, teams=teams) for entry in explain(crowd.database, sent)
    ]


INSIDE = "jsonb_set('{}'::jsonb, ARRAY[organization], search"


def by_index(entry: str) -> bool:
    """Whether an entry is by the organization and something more, or by values in it."""
    return ("organization" in entry and " AND " in entry) or INSIDE in entry


def statements(crowd: Crowd, asked: str, *, teams: bool) -> list[Sent]:
    """The reads of the filtered table by a list request: a page, and without a page the count."""
    sent: list[Sent] = []

    def note(*given: Any) -> None:  # noqa: ANN401 - SQLAlchemy's arguments: see ConnectionEvents
        sent.append((given[2], given[3]))

    engines = {crowd.database.reader, crowd.database.single}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        for count in (100, 0):
            query = Query(filter=parse(asked), count=count)
            if teams:
                group_queries.find(Context(crowd.database, crowd.organization, OPERATOR), query, GROUP)
            else:
                people_queries.find(
                    Context(crowd.database, crowd.organization, OPERATOR), query, USER, seats=False
                )
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
    filtered = re.compile(rf"\nFROM {'groups' if teams else 'people'} \nWHERE")
    kept = [one for one in sent if filtered.search(one[0])]
    assert any("count(" in statement for statement, _ in kept)
    assert any("LIMIT" in statement for statement, _ in kept)
    return kept


def _on_sqlite(database: Database, sent: Sent) -> list[str]:
    with database.snapshot() as connection:
        lines = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sent[0]}", sent[1])
        details = [str(line.detail) for line in lines]
    return [one for one in details if one.startswith(("SCAN", "SEARCH")) and "VIRTUAL TABLE" not in one]


def _on_postgresql(database: Database, sent: Sent) -> list[str]:
    # The statements of hot paths have numbered parameters, which only a raw cursor of the driver reads.
    kind = RawCursor if "$1" in sent[0] else Cursor
    with database.snapshot() as connection:
        driver: Any = connection.connection.driver_connection
        with kind(driver) as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sent[0]}", sent[1])
            [[plan]] = cursor.fetchall()
    return list(_entries_of(plan[0]["Plan"]))


def _entries_of(node: dict[str, Any]) -> Iterator[str]:
    if "Relation Name" in node:
        condition = node.get("Index Cond") or node.get("Recheck Cond") or ""
        yield f"{node['Node Type']} {node['Relation Name']} {condition}"
    for child in node.get("Plans", []):
        yield from _entries_of(child)
