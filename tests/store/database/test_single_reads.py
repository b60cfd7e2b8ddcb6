"""Reads of one statement: on pooled connections without a transaction, whose state they do not change."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from sqlalchemy import bindparam, func, select, text

from scim_server.protocol.dialects import TOLERANT
from scim_server.protocol.resources import USER
from scim_server.protocol.schemas import ResourceSchema
from scim_server.protocol.user import parse_user
from scim_server.services.billing import due
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.create import NewOrganization
from scim_server.services.people import provision
from scim_server.store.database import schema
from scim_server.store.database.compiled import Compiled
from scim_server.store.database.session import OPERATOR, Database, Write
from scim_server.store.errors import StoreUnavailable
from scim_server.store.rows.organizations import Organization
from scim_server.store.tables import people
from tests.conftest import DIALECTS

COUNT = Compiled(select(func.count()).select_from(people).where(people.c.organization == bindparam("org")))
READER = ResourceSchema(USER, TOLERANT)
CONNECTIONS = 4


class Undone(Exception):
    """The error that a unit of work raises here."""


@pytest.fixture(params=DIALECTS)
def database(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> Iterator[Database]:
    opened = due.opened(new_url(request.param), pool_size=1)
    schema.upgrade(opened)
    yield opened
    opened.close()


def founded(database: Database) -> Organization:
    new = NewOrganization(f"o{uuid4().hex}", {"standard": 10})
    return organizations.create(database, OPERATOR, new).organization


def counted(database: Database, organization: Organization) -> int:
    return int(database.ask(organization.id, COUNT, {})[0][0])


def test_a_failed_write_after_a_single_read_on_its_connection_is_undone(database: Database) -> None:
    organization = founded(database)

    def create_and_fail(write: Write) -> None:
        provision.create(write, organization, parse_user({"userName": "ada"}, READER))
        raise Undone

    assert counted(database, organization) == 0
    with pytest.raises(Undone):
        database.write(organization.id, OPERATOR, create_and_fail)

    assert counted(database, organization) == 0


def test_a_snapshot_after_a_single_read_still_sees_one_state(database: Database) -> None:
    organization = founded(database)
    assert counted(database, organization) == 0
    other = due.opened(database.url)

    with database.read(organization.id) as read:
        before = read.rows(COUNT, {})
        other.write(
            organization.id,
            OPERATOR,
            lambda write: provision.create(write, organization, parse_user({"userName": "ada"}, READER)),
        )
        after = read.rows(COUNT, {})

    other.close()
    assert before == after == [(0,)]
    assert counted(database, organization) == 1


def test_lost_connections_cause_one_failed_read(new_url: Callable[[str], str]) -> None:
    database = due.opened(new_url("postgresql"), pool_size=CONNECTIONS)
    schema.upgrade(database)
    organization = founded(database)
    met = Barrier(CONNECTIONS)

    def hold() -> None:
        with database.snapshot() as connection:
            connection.execute(select(1))
            met.wait()

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        for one in [threads.submit(hold) for _ in range(CONNECTIONS)]:
            one.result()
    other = due.opened(database.url)
    with other.writer.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    other.close()

    with pytest.raises(StoreUnavailable):
        counted(database, organization)
    found = [counted(database, organization) for _ in range(CONNECTIONS)]

    database.close()
    assert found == [0] * CONNECTIONS
