"""Statements are prepared on PostgreSQL's own connections, and never where a pooler stands between."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, text

from scim_server.services.billing import due
from scim_server.store.database import schema
from scim_server.store.database.engines import PREPARED_AFTER
from scim_server.store.database.session import Database

NUMBER = text("SELECT CAST(:number AS integer)")
PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT CAST(%'")


@pytest.fixture
def opened(new_url: Callable[[str], str]) -> Iterator[Callable[[bool], Database]]:
    """Opens PostgreSQL with or without prepared statements."""
    databases = []

    def open_one(prepared: bool) -> Database:  # noqa: FBT001 - the fixture's only parameter
        databases.append(due.opened(new_url("postgresql"), prepared=prepared))
        schema.upgrade(databases[-1])
        return databases[-1]

    yield open_one
    for database in databases:
        database.close()


def prepared(connection: Connection) -> int:
    """The number of prepared statements on a connection after one was executed often."""
    for number in range(PREPARED_AFTER + 2):
        assert connection.execute(NUMBER, {"number": number}).scalar_one() == number
    count: int = connection.execute(PREPARED).scalar_one()
    return count


def test_a_statement_is_prepared_on_a_direct_connection_to_postgresql_only(
    opened: Callable[[bool], Database], pytestconfig: pytest.Config
) -> None:
    through_pgbouncer = pytestconfig.getoption("pgbouncer")

    with opened(True).snapshot() as connection:
        assert prepared(connection) == (0 if through_pgbouncer else 1)


def test_no_statement_is_prepared_if_the_setting_forbids_it(opened: Callable[[bool], Database]) -> None:
    with opened(False).snapshot() as connection:
        assert prepared(connection) == 0
