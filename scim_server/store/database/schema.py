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
    """The migrations of this installation. They are read once, because the files do not change."""
    return ScriptDirectory.from_config(_config())


def newest() -> str:
    """The revision of the database that this version needs."""
    head = _migrations().get_current_head()
    if head is None:
        raise StoreError("this installation has no migrations; install it again")
    return head


def current(database: Database) -> str | None:
    """The revision of the database; None if it has no tables yet.

    Raises:
        StoreError: the URL is not a database, for example a file with other contents.
        StoreUnavailable: the database does not answer.
    """
    try:
        with database.snapshot() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except StoreUnavailable as error:
        if type(error.__cause__) is not DatabaseError:
            raise
        raise StoreError(
            f"the database {database.place} cannot be read: {error.__cause__.orig}; set "
            "SCIM_SEATS_DATABASE_URL to another database"
        ) from error


def upgrade(database: Database) -> tuple[str | None, str]:
    """Upgrade the database to the newest revision, and allow only the owner to read its files.

    Returns:
        The revision before the upgrade (None if there were no tables), and the revision after it.

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
                # The upgrade fails if it must wait longer, because all requests would wait behind it.
                connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except OperationalError as error:
        raise StoreUnavailable(
            f"the database cannot be upgraded now: {error.orig}; nothing was changed, try again"
        ) from error
    database.keep_private()
    return before, newest()


def ensure(database: Database) -> None:
    """Refuse a database with tables of another version. In a new SQLite file, create the tables.

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
            "the tables of the database are older than this version; run 'scim-seats db upgrade'"
        )


def _not_newer(found: str | None) -> None:
    known = {script.revision for script in _migrations().walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"the database was created by a newer version of scim-seats (revision {found}); "
            "install that version"
        )
