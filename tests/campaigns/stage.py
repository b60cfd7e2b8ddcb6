"""A database with a server on it that can be killed and started again at the same address."""

import itertools
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg

from tests.campaigns import books, checks
from tests.support.servers import postgresql
from tests.support.servers.running import Organization, Server, free_port, start, wait_until_healthy

OTHERS: Final = (b"resource_tracker", b"scim_server.cli")
"""Children of the server that serve nobody."""

MOST_ROUNDS: Final = 10
"""So many times the planned rounds, for something that is to happen."""


@dataclass
class Result:
    """The measurements and the faults of a campaign."""

    figures: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def rounds(size: float, seconds: float, figures: Mapping[str, int], until: Collection[str]) -> Iterator[int]:
    """The numbers of the rounds that take `size` seconds, and of more until each of these has happened.

    Args:
        seconds: the length of a round.
        until: names of figures.
    """
    enough = max(round(size / seconds), 1)
    for number in itertools.count():
        if number >= enough and (all(map(figures.get, until)) or number >= MOST_ROUNDS * enough):
            return
        yield number


def log(text: str) -> None:
    """Print progress."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


@dataclass
class Stage:
    """A database and, while `up`, its server.

    Attributes:
        direct_url: of the same database, for recounts, where the server reaches it through a pooler.
        settings: further ones of the server.
    """

    database_url: str
    folder: Path
    port: int = field(default_factory=free_port)
    direct_url: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    _running: ExitStack = field(default_factory=ExitStack)
    _server: Server | None = None

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.database_url.partition(":")[0]

    @property
    def server(self) -> Server:
        """The server that runs now."""
        assert self._server is not None
        return self._server

    @property
    def is_up(self) -> bool:
        """Whether a server was started and has not ended."""
        return self._server is not None and self._server.process.poll() is None

    def up(self) -> Server:
        """Start the server; an earlier one is stopped, or reaped if it was killed."""
        self.down()
        self._server = self._running.enter_context(
            start(self.database_url, self.folder, port=self.port, settings=self.settings)
        )
        return self._server

    def down(self) -> None:
        """Stop the server."""
        self._running.close()
        self._server = None

    def workers(self) -> list[int]:
        """The process ids of the server's web workers."""
        master = self.server.process.pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        lines = {int(child): _command_line(int(child)) for child in children}
        return [child for child, line in lines.items() if not any(other in line for other in OTHERS)]

    def backend(self) -> int:
        """The process id of a PostgreSQL backend of this database, one at work if there is any."""
        query = (
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "ORDER BY (state = 'idle'), backend_start LIMIT 1"
        )
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            row = connection.execute(query).fetchone()
        assert row is not None
        return int(row[0])

    def recount(self, organization: Organization) -> tuple[books.Books, list[str]]:
        """The books of an organization and their faults."""
        found = books.read(self.direct_url or self.database_url, organization.slug)
        return found, checks.recount(found)

    def db_check(self) -> list[str]:
        """The faults that the server's own check finds, in every organization."""
        said = self.server.command("db", "check", "--json", check=False)
        return [] if said.returncode == 0 else [f"db check: {said.stdout}{said.stderr}"]

    def wait_until_healthy(self) -> None:
        """Return once the server answers from its database."""
        wait_until_healthy(self.server)

    def wait_until_gone(self, pids: list[int], seconds: float) -> float | None:
        """The time until these processes have ended and the port is free; None if they do not end."""
        began = time.monotonic()
        return wait(lambda: not any(map(_lives, pids)) and _is_free(self.port), began, seconds)


def wait(until: Callable[[], bool], began: float, seconds: float) -> float | None:
    """The time from a moment until a condition holds; None if it does not in time."""
    while time.monotonic() < began + seconds:
        if until():
            return time.monotonic() - began
        time.sleep(0.02)
    return None


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _lives(pid: int) -> bool:
    """A zombie has no command line: it holds nothing any more."""
    return bool(_command_line(pid))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def kill(pid: int) -> None:
    """End one process at once, if it still exists."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@contextmanager
def stage(dialect: str, folder: Path) -> Iterator[Stage]:
    """A new database of a dialect, with a server."""
    with ExitStack() as stack:
        if dialect == "sqlite":
            url = f"sqlite:///{folder / 'seats.db'}"
        else:
            cluster = stack.enter_context(postgresql.started())
            url = cluster.new_database()
        (folder / "server").mkdir()
        built = Stage(url, folder / "server")
        stack.callback(built.down)
        built.up()
        yield built
