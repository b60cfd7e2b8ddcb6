"""The migrations create the tables that the code uses."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateIndex

from scim_server.services.billing import commands, due
from scim_server.services.billing.purchases import Request
from scim_server.services.context import Context
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations import queries as organization_queries
from scim_server.services.organizations.create import NewOrganization
from scim_server.store.database import check, schema
from scim_server.store.database.session import OPERATOR, Database, timestamp
from scim_server.store.errors import DatabaseMissing, StoreError
from scim_server.store.rows import mails
from scim_server.store.tables import SEARCHED, metadata
from seat_policy.bill import Order
from tests.conftest import DIALECTS
from tests.support.builders.customer import done
from tests.support.servers.postgresql import OLDEST_SERVED, Cluster

SEARCH = {f"ix_{name}_search" for name in ("people", "groups", "resources")}


# A warning of SQLAlchemy and Alembic about each index of an expression; the next test compares those.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_the_migrations_create_the_tables_that_the_code_declares(database: Database) -> None:
    with database.snapshot() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)

    # Alembic does not compare indexes of functions. The indexes of single values exist on SQLite alone, and
    # are written as text, which it takes as missing on PostgreSQL.
    expected = set(SEARCHED) if database.dialect == "postgresql" else set()
    assert {operation[1].name for operation in differences} == expected


def test_the_values_by_which_people_are_searched_are_indexed_on_sqlite(
    new_url: Callable[[str], str],
) -> None:
    """The expressions equal those in the code exactly: SQLite would not use others."""
    opened = due.opened(new_url("sqlite"))
    schema.upgrade(opened)
    declared = {
        str(index.name): str(CreateIndex(index).compile(opened.writer))
        for index in metadata.tables["people"].indexes
        if index.name in SEARCHED
    }

    with opened.snapshot() as connection:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'index'"))
        made = {row.name: row.sql for row in rows if row.name in SEARCHED}

    opened.close()
    assert made == declared
    assert set(made) == set(SEARCHED)


def test_the_values_of_search_documents_are_indexed_by_organization_on_postgresql(
    new_url: Callable[[str], str],
) -> None:
    """The expressions equal those in the code exactly: PostgreSQL would not use others."""
    opened = due.opened(new_url("postgresql"))
    schema.upgrade(opened)
    declared = {
        str(index.name): str(CreateIndex(index).compile(opened.writer))
        for table in metadata.sorted_tables
        for index in table.indexes
        if index.name in SEARCH
    }

    with opened.snapshot() as connection:
        rows = connection.execute(text("SELECT indexname, indexdef FROM pg_indexes"))
        made = {row.indexname: row.indexdef.replace("public.", "") for row in rows if row.indexname in SEARCH}

    opened.close()
    assert made == declared
    assert set(made) == SEARCH


@pytest.mark.parametrize("dialect", DIALECTS)
def test_upgrading_twice_changes_nothing(dialect: str, new_url: Callable[[str], str]) -> None:
    opened = due.opened(new_url(dialect))

    first, second = schema.upgrade(opened), schema.upgrade(opened)

    opened.close()
    assert (first, second) == ((None, schema.newest()), (schema.newest(), schema.newest()))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_database_of_a_newer_version_is_refused_and_not_changed(
    dialect: str, new_url: Callable[[str], str]
) -> None:
    opened = due.opened(new_url(dialect))
    schema.upgrade(opened)
    with opened.writer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StoreError, match="newer version"):
        schema.ensure(opened)
    with pytest.raises(StoreError, match="newer version"):
        schema.upgrade(opened)

    opened.close()


def test_a_new_postgresql_database_requires_db_upgrade(new_url: Callable[[str], str]) -> None:
    opened = due.opened(new_url("postgresql"))

    with pytest.raises(DatabaseMissing, match="has no tables"):
        schema.ensure(opened)

    opened.close()


def test_a_new_sqlite_file_gets_its_tables_at_once(new_url: Callable[[str], str]) -> None:
    opened = due.opened(new_url("sqlite"))

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
    founded = organizations.create(
        database, OPERATOR, NewOrganization(f"history-{uuid4().hex}", {"standard": 1})
    )

    with pytest.raises(DBAPIError, match="append-only"), database.writer.begin() as connection:
        connection.execute(text(f"{statement} WHERE organization = :org"), {"org": founded.organization.id})


def test_personal_values_in_the_history_can_be_erased(database: Database) -> None:
    founded = organizations.create(database, OPERATOR, NewOrganization("erasure", {"standard": 1}))

    with database.writer.begin() as connection:
        erased = connection.execute(
            text("UPDATE events SET personal = NULL WHERE organization = :org"),
            {"org": founded.organization.id},
        )

    assert erased.rowcount > 0


def test_the_tests_run_on_a_supported_version_of_postgresql(postgresql_server: Cluster) -> None:
    assert postgresql_server.version() >= OLDEST_SERVED


def test_the_database_itself_refuses_an_oversold_tier(database: Database) -> None:
    founded = organizations.create(database, OPERATOR, NewOrganization("oversold", {"standard": 1}))

    with pytest.raises(DBAPIError, match="not_oversold"), database.writer.begin() as connection:
        connection.execute(
            text("UPDATE seat_pool SET assigned = 2 WHERE organization = :org AND tier = 'standard'"),
            {"org": founded.organization.id},
        )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_upgrading_a_database_of_the_first_version_keeps_its_contents(
    dialect: str, new_url: Callable[[str], str]
) -> None:
    opened = due.opened(new_url(dialect))
    config = schema._config()
    with opened.writer.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    with opened.writer.begin() as connection:
        for statement in FIRST_VERSION:
            connection.exec_driver_sql(statement)

    schema.upgrade(opened)

    organization = organization_queries.find(opened, "acme")
    with opened.snapshot() as connection:
        assert check.problems(connection, timestamp(opened.now())) == []
    context = Context(opened, organization.id, OPERATOR)
    bought = done(commands.buy(context, Request(Order({"standard": 1})))).result
    assert [seats.purchased for seats in bought.after.tiers] == [2]
    opened.close()


FIRST_VERSION = (
    "INSERT INTO organizations (id, slug, mode, overflow, strict, require_if_match, schemas_version, "
    "cursor_key, created) VALUES ('o1', 'acme', 'scim', 'reject', false, false, 0, 'key', '2026-01-01')",
    "INSERT INTO organization_clock (organization, sequence, people, groups, waiting_any) "
    "VALUES ('o1', 1, 0, 0, 0)",
    "INSERT INTO seat_pool (organization, tier, rank, purchased, assigned, held, waiting) "
    "VALUES ('o1', 'standard', 1, 1, 0, 0, 0)",
    "INSERT INTO events (organization, sequence, at, type, way_in, actor, seats, payload) VALUES "
    "('o1', 1, '2026-01-01', 'organization.created', 'cli', 'operator', '{\"standard\": [1, 0, 0]}', '{}')",
)
"""An organization with one granted seat, as the first tables had it."""


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_upgrade_to_several_mails_per_event_keeps_waiting_mail(
    dialect: str, new_url: Callable[[str], str]
) -> None:
    opened = due.opened(new_url(dialect))
    config = schema._config()
    with opened.writer.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0008")
    with opened.writer.begin() as connection:
        for statement in (*FIRST_VERSION, MAIL):
            connection.exec_driver_sql(statement)

    schema.upgrade(opened)

    with opened.snapshot() as connection:
        (mail,) = mails.due(connection, "2026-02-01", 10)
        sound = dialect != "sqlite" or connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
    assert (mail.id, mail.recipient, mail.facts, mail.expires) == (1, "a@x.example", {"role": "user"}, None)
    assert sound in (True, "ok")
    for recipient in ("b@x.example", "c@x.example"):
        with opened.writer.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO mails "
                    "(organization, id, recipient, kind, language, facts, created, attempts) "
                    "SELECT organization, id, :r, kind, language, facts, created, attempts FROM mails "
                    "WHERE recipient = 'a@x.example'"
                ),
                {"r": recipient},
            )
    opened.close()


MAIL = (
    "INSERT INTO mails (organization, id, recipient, kind, language, facts, created, attempts, next_attempt) "
    "VALUES ('o1', 1, 'a@x.example', 'invitation', 'en', '{\"role\": \"user\"}', '2026-01-01', 0, "
    "'2026-01-01')"
)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_upgrade_to_unique_names_renames_active_tokens_and_keys_with_one_name(
    dialect: str, new_url: Callable[[str], str]
) -> None:
    opened = due.opened(new_url(dialect))
    config = schema._config()
    with opened.writer.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0013")
    with opened.writer.begin() as connection:
        for statement in FIRST_VERSION:
            connection.exec_driver_sql(statement)
        for number, (name, revoked) in enumerate(CREDENTIALS):
            values = {
                "id": str(number),
                "name": name,
                "created": f"2026-01-0{number + 1}",
                "revoked": revoked,
            }
            for statement in (TOKEN, API_KEY):
                connection.execute(text(statement), values)

    schema.upgrade(opened)

    with opened.snapshot() as connection:
        found = [
            list(connection.execute(text(f"SELECT name FROM {table} ORDER BY id")).scalars())
            for table in ("tokens", "api_keys")
        ]
    opened.close()
    assert found == [["okta", "okta-3", "okta-2", "okta", "okta-4"]] * 2


CREDENTIALS = (("okta", None), ("okta", None), ("okta-2", None), ("okta", "2026-02-01"), ("okta", None))
TOKEN = (
    "INSERT INTO tokens (organization, id, name, digest, created, revoked) "
    "VALUES ('o1', :id, :name, :id, :created, :revoked)"
)
API_KEY = (
    "INSERT INTO api_keys (id, name, digest, scopes, created, revoked) "
    "VALUES (:id, :name, :id, 'sign-ins', :created, :revoked)"
)
