"""Checks whether the database has the tables of this version, and upgrades them."""

from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DatabaseError, OperationalError

from scim_server.store.database.session import Database
from scim_server.store.errors import DatabaseMissing, StoreError, StoreUnavailable

_FOLDER: Final = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config


@cache
def _migrations() -> ScriptDirectory:
    """The migrations of this installation; the files do not change, so they are read once."""
    return ScriptDirectory.from_config(_config())


def newest() -> str:
    """The revision that this version works with."""
    head = _migrations().get_current_head()
    if head is None:
        raise StoreError("this installation has no migrations; install it again")
    return head


def current(database: Database) -> str | None:
    """The revision of the database; None if it has no tables yet.

    Raises:
        StoreError: the URL names something else, such as a file that is not a database.
        StoreUnavailable: the database does not answer.
    """
    try:
        with database.snapshot() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DatabaseError as error:
        raise StoreError(
            f"the database {database.place} cannot be read: {error.orig}; "
            "name another database in SCIM_SEATS_DATABASE_URL"
        ) from error


def upgrade(database: Database) -> tuple[str | None, str]:
    """Upgrade the database to the newest revision, and make its files readable by their owner only.

    Returns:
        The revision before, None for a database without tables, and the revision now.

    Raises:
        StoreError: the database is newer than this version.
        StoreUnavailable: the database does not answer.
    """
    before = current(database)
    _not_newer(before)
    config = _config()
    try:
        with database.writer.begin() as connection:
            if database.dialect == "postgresql":
                # It is better to fail than to make every request wait behind a waiting change of a table.
                connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except OperationalError as error:
        raise StoreUnavailable(
            f"the database cannot be upgraded now, nothing was changed: {error.orig}; try again"
        ) from error
    database.keep_private()
    return before, newest()


def ensure(database: Database) -> None:
    """Refuse a database with tables of another version; create the tables in a new SQLite file.

    Raises:
        DatabaseMissing: the database has no tables, and `creates` is false.
        StoreError: the database must be upgraded, or is newer than this version.
    """
    found = current(database)
    if found is None and database.dialect == "sqlite" and database.creates:
        upgrade(database)
        return
    if found is None:
        raise DatabaseMissing(f"the database {database.place} has no tables of scim-seats yet")
    _not_newer(found)
    if found != newest():
        raise StoreError(
            "the tables of the database are older than this version: run 'scim-seats db upgrade'"
        )


def _not_newer(found: str | None) -> None:
    known = {script.revision for script in _migrations().walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"the database was created by a newer version of scim-seats (revision {found}): "
            "install that version"
        )
