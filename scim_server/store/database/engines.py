"""Connections: SQLite as a file on this machine, PostgreSQL by URL."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from urllib.parse import quote

import orjson
from sqlalchemy import URL, Connection, Engine, PoolProxiedConnection, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection

from scim_server.store.errors import DatabaseGone, DatabaseMissing, StoreError

try:
    import pysqlite3.dbapi2 as _sqlite
except ImportError:
    # There is no wheel for this platform. The system's SQLite is used if it has no defect.
    _sqlite = sqlite3
sqlite: Final[ModuleType] = _sqlite

BUSY_TIMEOUT_MS: Final = 10_000
READERS: Final = 32
PREPARED_AFTER: Final = 2
"""How often a statement runs on one connection before it is prepared there."""
OWNER_ONLY: Final = 0o600
BESIDE: Final = ("-wal", "-shm", "-turn", "-lane", "-rates")
"""The endings of the names of the files next to a SQLite database."""


def sqlite_is_sound(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the WAL defect that can corrupt a file with two writers.

    The defect was corrected in 3.51.3 and, for older release lines, in 3.50.7 and 3.44.6.
    """
    mended = {(3, 50): 7, (3, 44): 6}
    major, minor, patch = version[:3]
    return version >= (3, 51, 3) or patch >= mended.get((major, minor), 1_000)


def dumps(value: object) -> str:
    """JSON text of a value for a database column."""
    return orjson.dumps(value).decode()


def database_url(text: str) -> URL:
    """Read a database URL. A plain `postgresql://` uses psycopg.

    Raises:
        StoreError: the text is not a URL of SQLite or PostgreSQL.
    """
    try:
        url = make_url(text)
    except Exception as error:  # SQLAlchemy raises several kinds of errors for a malformed URL.
        raise StoreError("SCIM_SEATS_DATABASE_URL is not a URL such as sqlite:///data/seats.db") from error
    backend = url.get_backend_name()
    if backend == "postgres":  # This is an older spelling that some database providers still use.
        url, backend = url.set(drivername="postgresql"), "postgresql"
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and url.database:
        return url
    raise StoreError(
        "SCIM_SEATS_DATABASE_URL must be the URL of a SQLite file (sqlite:///path/to/file.db) or a "
        f"PostgreSQL database (postgresql://user@host/name), not '{backend}'"
    )


def private(path: str, flags: int) -> int:
    """Open a file that only its owner can read, because it contains people and secrets."""
    return os.open(path, flags, OWNER_ONLY)


def keep_private(database: Path) -> None:
    """Allow only the owner to read a database file and the files next to it; skip other users' files."""
    for suffix in ("", *BESIDE):
        with suppress(OSError):
            database.with_name(database.name + suffix).chmod(OWNER_ONLY)


def sqlite_engines(url: URL) -> tuple[Engine, Engine]:
    """The connections to one existing SQLite file: one for writes and a pool for reads.

    Raises:
        StoreError: this SQLite is not safe to use.
    """
    if not sqlite_is_sound(sqlite.sqlite_version_info):
        raise StoreError(
            f"SQLite {sqlite.sqlite_version} can corrupt a database that two processes write. "
            "Install a corrected version (pip install 'pysqlite3>=0.6.1') or use PostgreSQL."
        )
    writer = _sqlite_engine(url, begin="BEGIN IMMEDIATE", pool_size=1)
    return writer, _sqlite_engine(url, begin="BEGIN", pool_size=READERS)


def reach(path: Path, *, creates: bool, anew: bool) -> None:
    """Make sure that the file exists and can be written. SQLite gives the files next to it the same mode.

    Args:
        creates: whether a missing file is created, with its folder.
        anew: whether a missing file is created even if the database held data.

    Raises:
        DatabaseMissing: the file does not exist, and is not created.
        DatabaseGone: the file does not exist, but it held data.
        StoreError: the file cannot be written.
    """
    if not anew:
        _require_not_gone(path)
    try:
        if creates:
            path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "ab" if creates else "rb+", opener=private) as file:
            empty = os.fstat(file.fileno()).st_size == 0
    except FileNotFoundError as error:
        raise DatabaseMissing(f"the database file {path} does not exist") from error
    except OSError as error:
        raise StoreError(
            f"cannot write the database file {path}: {error.strerror}. "
            "Make its folder writable, or set SCIM_SEATS_DATABASE_URL to another file."
        ) from error
    # A connection to an empty file would create a database in it.
    if empty and not creates:
        raise DatabaseMissing(f"the database file {path} is empty")


def _require_not_gone(path: Path) -> None:
    """Refuse a missing or empty file that held data.

    The files with which processes take turns are created by the first write, and stay.
    """
    if path.exists() and path.stat().st_size > 0:
        return
    kept = [one for one in (path.with_name(path.name + suffix) for suffix in BESIDE) if one.exists()]
    state = "is empty" if path.exists() else "does not exist"
    if kept:
        raise DatabaseGone(f"the database file {path} {state}, but {kept[0]} shows that it held data")


def _sqlite_engine(url: URL, *, begin: str, pool_size: int) -> Engine:
    # Without this mode, SQLite would create a file that is missing.
    file = f"file:{quote(str(Path(url.database or '').absolute()))}?mode=rw"
    engine = create_engine(
        url,
        creator=lambda: sqlite.connect(file, uri=True, check_same_thread=False),
        module=sqlite,
        json_serializer=dumps,
        json_deserializer=orjson.loads,
        pool_size=pool_size,
        # Parameters are values of people, so error messages must not contain them.
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def configure(connection: DBAPIConnection, _record: object) -> None:
        # The driver must not begin transactions, because `begin` below chooses the kind of transaction.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {BUSY_TIMEOUT_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "mmap_size = 0",
        ):
            connection.cursor().execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def postgresql_engines(
    url: URL, pool_size: int, *, prepared: bool, lock_seconds: int | None = None
) -> tuple[Engine, Engine]:
    """A pool of connections to PostgreSQL for writes, and the same pool for read-only snapshots.

    Args:
        lock_seconds: how long a statement may wait for a lock; None for the limit of the database. It is
            session state too.
        prepared: whether statements are prepared once for each connection. Prepared statements are session
            state, so they are used only on a direct connection to PostgreSQL.
    """
    writer = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        json_serializer=dumps,
        json_deserializer=orjson.loads,
        hide_parameters=True,
        connect_args={"prepare_threshold": None, "connect_timeout": 5},
        isolation_level="READ COMMITTED",
    )
    if prepared or lock_seconds is not None:
        event.listen(writer, "connect", partial(_prepare, prepared=prepared, lock_seconds=lock_seconds))
    reader = writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return writer, reader


def _prepare(
    connection: DBAPIConnection, _record: object, *, prepared: bool, lock_seconds: int | None
) -> None:
    """Allow prepared statements and set the limit for locks on a new connection, unless a pooler is between.

    Behind a pooler in transaction mode, another process may prepare a different statement with the same name.
    The next execution would then run the wrong statement, and no error would show it. A pooler is recognised
    because it gives its clients a process id that PostgreSQL does not know.
    """
    driver: Any = connection
    driver.autocommit = True
    (process,) = driver.execute("SELECT pg_backend_pid()").fetchone()
    direct = process == driver.info.backend_pid
    if direct and lock_seconds is not None:
        driver.execute(f"SET lock_timeout = '{lock_seconds}s'")
    driver.autocommit = False
    driver.prepare_threshold = PREPARED_AFTER if direct and prepared else None


@contextmanager
def alone(driver: PoolProxiedConnection, dialect: str) -> Iterator[None]:
    """A connection of the pool for statements without a transaction.

    SQLite's connections begin none themselves.
    """
    if dialect == "sqlite":
        yield
        return
    connection: Any = driver.driver_connection
    connection.autocommit = True
    try:
        yield
    finally:
        if not connection.closed:
            connection.autocommit = False


def driver_lost(engine: Engine, driver: PoolProxiedConnection, error: Any) -> bool:  # noqa: ANN401 - the driver's
    """Whether an error means that the connection cannot be used any more."""
    connection: Any = driver.driver_connection
    return engine.dialect.is_disconnect(error, connection, None)
