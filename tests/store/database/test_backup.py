"""Copies of a database, and databases restored from them."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, select

from scim_server.services.billing import due
from scim_server.store.database import backup, schema
from scim_server.store.database.engines import sqlite
from scim_server.store.database.session import Database
from scim_server.store.errors import StoreError
from scim_server.store.tables import metadata, sessions, sign_in_links
from tests.conftest import DIALECTS
from tests.machine import histories
from tests.store.database.test_schema import FIRST_VERSION
from tests.support.oracles.recount import recount
from tests.support.servers import forking

NewUrl = Callable[[str], str]
SIGNED_IN = (
    "INSERT INTO sessions (organization, digest, id, person, way, browser, language, created, expires, "
    "last_used) SELECT id, 'd', 's', 'p', 'link', 'Chrome', 'en', '2026', '2027', '2026' FROM organizations"
)
RUNS, STEPS, SEED = 3, 60, 44


@pytest.fixture(scope="module", params=DIALECTS)
def source(request: pytest.FixtureRequest, new_url: NewUrl) -> Iterator[Database]:
    """A database with organizations after random histories of every kind of act, and a session in each."""
    database = due.opened(new_url(request.param))
    schema.upgrade(database)
    histories.run(database, RUNS, STEPS, SEED)
    with database.writer.begin() as connection:
        connection.exec_driver_sql(SIGNED_IN)
    yield database
    database.close()


def silent(_table: str, _rows: int) -> None:
    """Show no progress."""


def contents(connection: Connection) -> dict[str, list[str]]:
    """Every row of every table, in one order and as text; documents by their values."""
    return {
        table.name: sorted(
            json.dumps([*row], sort_keys=True, default=str) for row in connection.execute(select(table))
        )
        for table in metadata.sorted_tables
    }


def kept(rows: dict[str, list[str]]) -> dict[str, list[str]]:
    return rows | {sessions.name: [], sign_in_links.name: []}


def organizations_of(rows: dict[str, list[str]]) -> list[str]:
    return [json.loads(row)[0] for row in rows["organizations"]]


@pytest.mark.parametrize("target", DIALECTS)
def test_a_restored_database_equals_the_copied_one_and_nobody_is_signed_in(
    source: Database, target: str, new_url: NewUrl, tmp_path: Path
) -> None:
    url, file = new_url(target), tmp_path / "copy.db"
    with source.snapshot() as connection:
        before = contents(connection)

    copied = backup.back_up(source, file, due.opened, silent)
    restored = backup.restore(file, url, due.opened, silent)

    with closing(due.opened(url)) as database, database.snapshot() as connection:
        after = contents(connection)
        for organization in organizations_of(after):
            recount(connection, organization)
    assert (after, before["sessions"] != []) == (kept(before), True)
    assert copied.rows == {table: len(rows) for table, rows in before.items()}
    assert restored.rows == {table: len(rows) for table, rows in after.items()}
    assert (copied.problems, restored.problems) == ([], [])
    assert min(len(before[table]) for table in ("people", "events", "groups", "invoices", "refusals")) > 0
    assert (file.stat().st_mode & 0o777, [one.name for one in tmp_path.iterdir()]) == (0o600, ["copy.db"])


def test_a_faulty_counter_is_found_in_the_copy(new_url: NewUrl, tmp_path: Path) -> None:
    with closing(due.opened(new_url("postgresql"))) as database:
        schema.upgrade(database)
        with database.writer.begin() as connection:
            for statement in FIRST_VERSION:
                connection.exec_driver_sql(statement.replace("'o1', 1, 0, 0, 0)", "'o1', 1, 7, 0, 0)"))

        copied = backup.back_up(database, tmp_path / "copy.db", due.opened, silent)

    assert [(one.what, one.organization, one.found) for one in copied.problems] == [
        ("the counter of people is wrong", "acme", "7")
    ]


@pytest.mark.parametrize("target", DIALECTS)
def test_a_copy_of_an_older_version_is_upgraded_and_stays_as_it_was(
    target: str, new_url: NewUrl, tmp_path: Path
) -> None:
    file = tmp_path / "old.db"
    with closing(due.opened(f"sqlite:///{file}")) as old, old.writer.begin() as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in FIRST_VERSION:
            connection.exec_driver_sql(statement)
    before, url = file.read_bytes(), new_url(target)

    restored = backup.restore(file, url, due.opened, silent)

    assert (restored.rows["organizations"], restored.rows["events"], restored.problems) == (1, 1, [])
    assert file.read_bytes() == before
    with closing(due.opened(url)) as database:
        assert schema.current(database) == schema.newest()


def test_a_database_with_organizations_is_not_overwritten(source: Database, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    backup.back_up(source, file, due.opened, silent)
    with source.snapshot() as connection:
        before = contents(connection)

    with pytest.raises(StoreError, match="has organizations already; restore into an empty database"):
        backup.restore(file, source.url, due.opened, silent)

    with source.snapshot() as connection:
        assert contents(connection) == before


def _text_file(file: Path) -> None:
    file.write_text("not a database " * 100)


def _of_another_product(file: Path) -> None:
    with closing(sqlite.connect(str(file))) as connection:
        connection.execute("CREATE TABLE notes (text TEXT)")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda _file: None, "does not exist"),
        (_text_file, "cannot be read"),
        (_of_another_product, "is no copy of a database of scim-seats"),
    ],
    ids=["missing", "text", "other"],
)
def test_a_file_that_is_no_copy_is_refused_and_creates_nothing(
    make: Callable[[Path], None], message: str, tmp_path: Path
) -> None:
    file, target = tmp_path / "copy.db", tmp_path / "data" / "seats.db"
    make(file)

    with pytest.raises(StoreError, match=message):
        backup.restore(file, f"sqlite:///{target}", due.opened, silent)

    assert not target.parent.exists()


def test_a_copy_never_replaces_a_file_and_a_failed_one_leaves_nothing(
    source: Database, tmp_path: Path
) -> None:
    there = tmp_path / "copy.db"
    there.write_text("precious")

    with pytest.raises(StoreError, match="exists already; give the name of a new file"):
        backup.back_up(source, there, due.opened, silent)
    with pytest.raises(StoreError, match="cannot write the file"):
        backup.back_up(source, tmp_path / "nowhere" / "copy.db", due.opened, silent)

    assert ([one.name for one in tmp_path.iterdir()], there.read_text()) == (["copy.db"], "precious")


def killed_at(table: str) -> Callable[[str, int], None]:
    def progress(name: str, _rows: int) -> None:
        if name == table:
            os.kill(os.getpid(), signal.SIGKILL)

    return progress


def _restore_and_die(file: Path, url: str) -> None:
    backup.restore(file, url, due.opened, killed_at("people"))


@pytest.mark.parametrize("target", DIALECTS)
def test_a_killed_restoration_leaves_an_empty_database_that_can_be_restored(
    source: Database, target: str, new_url: NewUrl, tmp_path: Path
) -> None:
    file, url = tmp_path / "copy.db", new_url(target)
    copied = backup.back_up(source, file, due.opened, silent)
    process: Any = forking.context().Process(target=_restore_and_die, args=(file, url))
    process.start()
    process.join()

    restored = backup.restore(file, url, due.opened, silent)

    assert process.exitcode == -signal.SIGKILL
    assert restored.rows == {**copied.rows, sessions.name: 0}
