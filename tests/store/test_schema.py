"""The migrations make the tables that the code works with."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from scim_server.services import organizations
from scim_server.store import schema
from scim_server.store.errors import StoreError
from scim_server.store.session import OPERATOR, Database
from scim_server.store.tables import metadata
from tests.conftest import DIALECTS
from tests.postgresql import OLDEST_SERVED, Cluster


def test_the_migrations_make_what_the_code_declares(database: Database) -> None:
    with database.snapshot() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)

    # A GIN index exists on PostgreSQL alone; reflection of the other shows it as missing.
    gin = {f"ix_{name}_search" for name in ("people", "groups", "resources")}
    expected = set() if database.dialect == "postgresql" else gin
    assert {operation[1].name for operation in differences} == expected


@pytest.mark.parametrize("dialect", DIALECTS)
def test_upgrading_twice_changes_nothing(dialect: str, new_url: Callable[[str], str]) -> None:
    opened = Database(new_url(dialect))

    first, second = schema.upgrade(opened), schema.upgrade(opened)

    opened.close()
    assert (first, second) == ((None, schema.newest()), (schema.newest(), schema.newest()))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_database_of_a_newer_version_is_refused_and_left_alone(
    dialect: str, new_url: Callable[[str], str]
) -> None:
    opened = Database(new_url(dialect))
    schema.upgrade(opened)
    with opened.writer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StoreError, match="newer version"):
        schema.ensure(opened)
    with pytest.raises(StoreError, match="newer version"):
        schema.upgrade(opened)

    opened.close()


def test_a_new_postgresql_database_asks_for_its_upgrade(new_url: Callable[[str], str]) -> None:
    opened = Database(new_url("postgresql"))

    with pytest.raises(StoreError, match="scim-seats db upgrade"):
        schema.ensure(opened)

    opened.close()


def test_a_new_sqlite_file_gets_its_tables_at_once(new_url: Callable[[str], str]) -> None:
    opened = Database(new_url("sqlite"))

    schema.ensure(opened)

    assert schema.current(opened) == schema.newest()
    opened.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET type = 'other'",
        "UPDATE events SET seats = '{}'",
        "UPDATE events SET sequence = sequence + 1000",
        "DELETE FROM events",
    ],
)
def test_history_cannot_be_changed(database: Database, statement: str) -> None:
    founded = organizations.create(database, OPERATOR, f"history-{uuid4().hex}", {"standard": 1})

    with pytest.raises(DBAPIError, match="append-only"), database.writer.begin() as connection:
        connection.execute(text(f"{statement} WHERE organization = :org"), {"org": founded.organization.id})


def test_personal_values_of_history_can_be_erased(database: Database) -> None:
    founded = organizations.create(database, OPERATOR, "erasure", {"standard": 1})

    with database.writer.begin() as connection:
        erased = connection.execute(
            text("UPDATE events SET personal = NULL WHERE organization = :org"),
            {"org": founded.organization.id},
        )

    assert erased.rowcount > 0


def test_the_tests_run_on_a_postgresql_that_is_served(postgresql_server: Cluster) -> None:
    assert postgresql_server.version() >= OLDEST_SERVED


def test_the_database_itself_refuses_to_oversell(database: Database) -> None:
    founded = organizations.create(database, OPERATOR, "oversold", {"standard": 1})

    with pytest.raises(DBAPIError, match="not_oversold"), database.writer.begin() as connection:
        connection.execute(
            text("UPDATE seat_pool SET assigned = 2 WHERE organization = :org AND tier = 'standard'"),
            {"org": founded.organization.id},
        )
