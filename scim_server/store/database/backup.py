"""Copies of a database, and the restoration of a database from a copy.

A copy is one SQLite file, whichever database it was made of. So one command restores every copy, a copy can
be checked like any database, and a copy moves an installation from SQLite to PostgreSQL or back.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Text,
    column,
    func,
    insert,
    select,
    table,
    type_coerce,
)
from sqlalchemy import Table as SqlTable
from sqlalchemy import cast as sql_cast

from scim_server.store.database import schema
from scim_server.store.database.check import Problem, problems
from scim_server.store.database.engines import private, sqlite
from scim_server.store.database.session import Database, timestamp
from scim_server.store.errors import StoreError
from scim_server.store.tables import feed_head, metadata, organizations, sessions, sign_in_links

_ROWS: Final = 2_000
"""How many rows are copied at a time."""
_ENDED: Final = frozenset({sessions.name, sign_in_links.name})
"""Tables that a restored database has empty. A session that ended after the copy must not come back."""

Opener = Callable[[str], Database]
"""A function that opens the database with a URL."""
Progress = Callable[[str, int], None]
"""A function that gets the name of a table and the number of its rows that have been copied so far."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy or a restored database, as it was counted and checked after the work.

    Attributes:
        place: the database that was copied or restored.
        rows: the number of rows by table.
        problems: the faults that `db check` finds.
    """

    place: str
    rows: Mapping[str, int]
    problems: list[Problem]


def back_up(source: Database, file: Path, opened: Opener, progress: Progress) -> Copied:
    """Write a consistent copy of a database in use. The file gets its name when it is complete.

    Raises:
        StoreError: the file exists or cannot be written.
        StoreUnavailable: the database does not answer.
    """
    with _new_file(file) as partial:
        if source.dialect == "sqlite":
            _vacuum_into(source, partial)
        with closing(opened(f"sqlite:///{partial}")) as copy:
            if source.dialect != "sqlite":
                schema.upgrade(copy)
                with source.snapshot() as connection, copy.writer.begin() as target:
                    _copy_rows(connection, target, metadata.sorted_tables, progress)
            copied = _checked(copy, source.place)
        _one_file(partial)
    return copied


def restore(file: Path, url: str, opened: Opener, progress: Progress) -> Copied:
    """Fill an empty database from a copy. A copy of an older version is upgraded first, in a second file.

    Everything is one transaction, so an interrupted restoration leaves an empty database.

    Args:
        url: the database to fill; a missing SQLite file is created.

    Raises:
        StoreError: the file is no copy, or of a newer version, or the database has organizations.
        StoreUnavailable: the database does not answer.
    """
    tables = [one for one in metadata.sorted_tables if one.name not in _ENDED]
    with _opened_copy(file, opened) as copy, closing(opened(url)) as target:
        schema.upgrade(target)
        with copy.snapshot() as connection, target.writer.begin() as written:
            if written.execute(select(func.count()).select_from(organizations)).scalar_one():
                raise StoreError(
                    f"the database {target.place} has organizations already; restore into an empty database"
                )
            _copy_rows(connection, written, tables, progress)
        return _checked(target, target.place)


def _vacuum_into(source: Database, file: Path) -> None:
    """Copy a SQLite database with one statement, which reads one state and lets others write."""
    driver = source.reader.raw_connection()
    try:
        driver.cursor().execute("VACUUM INTO ?", (str(file),))
    except sqlite.DatabaseError as error:
        raise StoreError(f"the database {source.place} cannot be copied to {file}: {error}") from error
    finally:
        driver.close()


@contextmanager
def _new_file(file: Path) -> Iterator[Path]:
    """A file beside the wanted one, which gets the wanted name at the end of the block."""
    if file.exists():
        raise StoreError(f"the file {file} exists already; give the name of a new file")
    partial = file.with_name(f"{file.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        os.close(private(str(partial), os.O_CREAT | os.O_WRONLY))
        yield partial
        partial.rename(file)
        _sync(file.parent)
    except OSError as error:
        raise StoreError(f"cannot write the file {file}: {error.strerror}") from error
    finally:
        for suffix in ("", "-wal", "-shm"):
            with suppress(OSError):
                partial.with_name(partial.name + suffix).unlink()


def _one_file(file: Path) -> None:
    """Merge the files of a closed SQLite database into one, and sync it."""
    with closing(sqlite.connect(str(file))) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    _sync(file)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _opened_copy(file: Path, opened: Opener) -> Iterator[Database]:
    """A copy with the tables of this version, as a second file, because opening a file changes it."""
    if not file.is_file():
        raise StoreError(f"the file {file} does not exist")
    with TemporaryDirectory(prefix="scim-seats-") as folder:
        second = Path(folder) / "copy.db"
        shutil.copyfile(file, second)
        second.chmod(0o600)
        with closing(opened(f"sqlite:///{second}")) as copy:
            if schema.current(copy) is None:
                raise StoreError(f"the file {file} is no copy of a database of scim-seats")
            schema.upgrade(copy)
            yield copy


def _copy_rows(source: Connection, target: Connection, tables: list[SqlTable], progress: Progress) -> None:
    """Copy all rows of some tables.

    Raises:
        StoreError: other rows arrived than there are.
    """
    # The migrations create this row, which the source has too.
    target.execute(feed_head.delete())
    for one in tables:
        there = source.execute(select(func.count()).select_from(one)).scalar_one()
        copied = 0
        # The driver's own values are written. A conversion would make JSON's null of SQL's NULL.
        plain = table(one.name, *(column(each.name) for each in one.columns))
        read = select(*(_plain(each, source.dialect.name) for each in one.columns))
        booleans = [each.name for each in one.columns if isinstance(each.type, Boolean)]
        result = source.execution_options(yield_per=_ROWS).execute(read)
        for rows in result.mappings().partitions():
            values = [_as_booleans(dict(row), booleans) for row in rows]
            target.execute(insert(plain), values)
            copied += len(values)
            progress(one.name, copied)
        if copied != there:
            raise StoreError(f"{copied} of {there} rows of {one.name} were copied; try again")


def _plain(one: Column[Any], dialect: str) -> Any:  # noqa: ANN401 - a column of any type
    """A column as the driver returns it, and documents as text."""
    if not isinstance(one.type, JSON):
        return one
    return (sql_cast if dialect == "postgresql" else type_coerce)(one, Text()).label(one.name)


def _as_booleans(row: dict[str, Any], names: list[str]) -> dict[str, Any]:
    for name in names:
        row[name] = None if row[name] is None else bool(row[name])
    return row


def _checked(database: Database, place: str) -> Copied:
    with database.snapshot() as connection:
        rows = {
            str(one.name): connection.execute(select(func.count()).select_from(one)).scalar_one()
            for one in metadata.sorted_tables
        }
        return Copied(place, rows, problems(connection, timestamp(database.now())))
