"""PostgreSQL as the tests start it. Its data is kept between runs, and commits are synced to disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.support.servers import postgresql


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running PostgreSQL.

    Attributes:
        url: the URL of its administrative database.
        pid: the id of its first process.
    """

    url: str
    pid: int

    def create(self, name: str, *, template: str = "template0") -> str:
        """Create a database, empty or as a copy of another one, and return its URL."""
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        self._run("CHECKPOINT")
        return self.url.replace("/postgres?", f"/{name}?")

    def has(self, name: str) -> bool:
        with psycopg.connect(self.url) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return found.fetchone() is not None

    def drop(self, name: str) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def started(folder: Path) -> Iterator[Cluster]:
    """Start PostgreSQL with its data in a folder; it stops at the end of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    with postgresql.started_in(folder) as cluster:
        pid = int((folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        with psycopg.connect(cluster.url) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                row = connection.execute(f"SHOW {setting}".encode()).fetchone()
                if row != ("on",):
                    raise RuntimeError(f"PostgreSQL must be durable: {setting} is {row}")
        yield Cluster(cluster.url, pid)
