"""Counts the requests of the present second for all processes that use one database.

PostgreSQL has one table for all nodes, without a log. SQLite has a file of its own next to the database,
because a write to the database would wait for the disk, and for the writes of organizations.
"""

from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Engine,
    bindparam,
    case,
    cast,
    create_engine,
    event,
    extract,
    func,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.sql.dml import ReturningInsert

from scim_server.store.database import engines
from scim_server.store.database.session import Database
from scim_server.store.tables import rate_windows
from scim_server.telemetry import log

SUFFIX: Final = "-rates"
"""The end of the name of the file next to a SQLite database."""
PATIENCE_MS: Final = 100
"""How long a request may wait for the file."""


class RateWindows:
    """Reserves requests of the present second."""

    def __init__(self, database: Database) -> None:
        self._reserve = _reservation(database.dialect)
        self._file = Path(database.place + SUFFIX) if database.dialect == "sqlite" else None
        self._engine = (
            database.single.execution_options(isolation_level="AUTOCOMMIT")
            if self._file is None
            else _engine(self._file)
        )

    def reserve(self, caller: str, wanted: int, most: int) -> int:
        """Reserve some of the requests that a caller may send in this second.

        Args:
            caller: the id of an organization or of an API key.
            wanted: the number to reserve.
            most: the number that all processes together may accept.

        Returns:
            The number that this process may accept. It is the wanted number if the counters cannot be used,
            because a limit protects the service and must not stop it.
        """
        try:
            with self._engine.connect() as connection:
                reserved = connection.execute(self._reserve, {"caller": caller, "wanted": wanted})
                taken = int(reserved.scalar_one())
        except (DBAPIError, PoolTimeout) as error:
            log.warning("requests not counted", cause=str(error))
            self._begin_again()
            return wanted
        return max(0, min(wanted, most - taken + wanted))

    def _begin_again(self) -> None:
        """Remove a file that cannot be used; the next connection creates it again."""
        if self._file is not None:
            self._engine.dispose()
            with suppress(OSError):
                self._file.unlink()


def _reservation(dialect: str) -> ReturningInsert[Any]:
    """The statement that adds to the count of this second, or begins a new count, and returns the count."""
    insert: sqlite.Insert | postgresql.Insert
    second: ColumnElement[int]
    if dialect == "sqlite":
        insert, second = sqlite.insert(rate_windows), func.unixepoch()
    else:
        insert = postgresql.insert(rate_windows)
        second = cast(func.floor(extract("epoch", func.now())), BigInteger)
    new = insert.values(caller=bindparam("caller"), second=second, taken=bindparam("wanted"))
    continued = rate_windows.c.second == new.excluded.second
    taken = case((continued, rate_windows.c.taken + new.excluded.taken), else_=new.excluded.taken)
    return new.on_conflict_do_update(
        index_elements=[rate_windows.c.caller], set_={"second": new.excluded.second, "taken": taken}
    ).returning(rate_windows.c.taken)


def _engine(file: Path) -> Engine:
    """Connections to the file. Its values are worth nothing after a second, so it is never synced."""
    engine = create_engine(
        f"sqlite:///{file}",
        module=engines.sqlite,
        pool_size=engines.READERS,
        isolation_level="AUTOCOMMIT",
    )

    @event.listens_for(engine, "connect")
    def configure(connection: DBAPIConnection, _record: object) -> None:
        for pragma in (f"busy_timeout = {PATIENCE_MS}", "journal_mode = MEMORY", "synchronous = OFF"):
            connection.cursor().execute(f"PRAGMA {pragma}")
        file.chmod(engines.OWNER_ONLY)

    @event.listens_for(engine, "first_connect")
    def create(connection: DBAPIConnection, _record: object) -> None:
        connection.cursor().execute(
            "CREATE TABLE IF NOT EXISTS rate_windows "
            "(caller TEXT PRIMARY KEY, second INTEGER NOT NULL, taken INTEGER NOT NULL) WITHOUT ROWID"
        )

    return engine
