"""A server started by the CLI, and the operator's commands against it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from click.testing import CliRunner

SCIM_SEATS = str(Path(sys.executable).with_name("scim-seats"))
START_SECONDS = 90
ESTABLISHED = "01"
"""A state of a connection, as Linux lists it."""


@dataclass(frozen=True)
class Organization:
    """An organization made by `org create --json`."""

    slug: str
    base_url: str
    token: str

    def client(self) -> httpx.Client:
        """An HTTP client of its provider; paths are relative to the SCIM base URL."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/scim+json"}
        # Plain HTTP needs no certificates, and to load them takes 30 ms: so it is in all tests.
        return httpx.Client(
            base_url=self.base_url, headers=headers, timeout=60, trust_env=False, verify=False
        )


@dataclass
class Server:
    """A running server.

    Attributes:
        url: where it answers.
        process: of the master.
        environment: with which commands reach its database.
        folder: its working folder, with stdout.txt and stderr.txt.
    """

    url: str
    process: subprocess.Popen[bytes]
    environment: Mapping[str, str]
    folder: Path

    def command(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command of the operator inside this process."""
        done = command(arguments, self.environment, self.folder)
        if check:
            done.check_returncode()
        return done

    def separately(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command of the operator in another process, as a shell does."""
        return subprocess.run(
            [SCIM_SEATS, *arguments],
            env=dict(self.environment),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=check,
        )

    def json(self, *arguments: str) -> dict[str, Any]:
        """The output of a command with --json."""
        result: dict[str, Any] = json.loads(self.command(*arguments, "--json").stdout)
        return result

    def organization(self, *, overflow: str = "reject", **seats: int) -> Organization:
        """A new organization with seats by tier."""
        given = [f"--seats={tier}={number}" for tier, number in (seats or {"standard": 1000}).items()]
        made = self.json("org", "create", f"o{uuid4().hex}", *given, "--overflow", overflow)
        return Organization(made["org"], made["base_url"], made["token"])


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def requests_read(port: int) -> int:
    """The accepted connections to a port from which the server has read everything that was sent."""
    found = 0
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, _, state, queues, _, _, _, _, inode, *_ = line.split()
        received, mine = queues.rpartition(":")[2], int(local.rpartition(":")[2], 16) == port
        # A connection that no process has accepted yet has no inode.
        found += mine and state == ESTABLISHED and int(received, 16) == 0 and inode != "0"
    return found


def environment_for(
    database_url: str, port: int, settings: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The environment of a server and its commands, without settings of the tester.

    Args:
        settings: additional ones.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SCIM_SEATS_")}
    # Servers that run at the same time cannot share the default address of the listener.
    own = {
        "SCIM_SEATS_DATABASE_URL": database_url,
        "SCIM_SEATS_PORT": str(port),
        "SCIM_SEATS_MANAGEMENT": "off",
    }
    return {**kept, **own, **(settings or {})}


def command(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """Run a command of the operator inside this process: a new one takes a second to start."""
    # The processes that send requests import this module too, and need no command.
    from scim_server.cli import main  # noqa: PLC0415

    others: dict[str, str | None] = {name: None for name in os.environ if name.startswith("SCIM_SEATS_")}
    with chdir(folder):
        done = CliRunner().invoke(main, arguments, env={**others, **environment})
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    return subprocess.CompletedProcess(list(arguments), done.exit_code, done.stdout, done.stderr)


def prepare(database_url: str) -> None:
    """Give a database its tables, as `db upgrade` does."""
    # The processes that send requests import this module too, and need no database.
    from scim_server.services.billing import due  # noqa: PLC0415
    from scim_server.store.database import schema  # noqa: PLC0415

    database = due.opened(database_url)
    schema.upgrade(database)
    database.close()


@contextmanager
def start(
    database_url: str,
    folder: Path,
    *,
    port: int | None = None,
    workers: int = 2,
    options: Sequence[str] = (),
    settings: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Start a server by the CLI and wait until it answers; it is stopped as Ctrl-C stops it."""
    port = port or free_port()
    environment = environment_for(database_url, port, settings)
    prepare(database_url)
    with launched(("serve", "--workers", str(workers), *options), environment, folder, port) as server:
        yield server


@contextmanager
def launched(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    port: int,
    *,
    start_new_session: bool = True,
) -> Iterator[Server]:
    """Run a command that serves, with its output in files of the folder, until the block ends."""
    with (folder / "stdout.txt").open("ab") as out, (folder / "stderr.txt").open("ab") as err:
        process = subprocess.Popen(
            [SCIM_SEATS, *arguments],
            env=environment,
            cwd=folder,
            stdout=out,
            stderr=err,
            start_new_session=start_new_session,
        )
    server = Server(f"http://127.0.0.1:{port}", process, environment, folder)
    try:
        wait_until_healthy(server)
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def wait_until_healthy(server: Server) -> None:
    """Return once the server answers; fail with its own words if it ends or stays silent."""
    deadline = time.monotonic() + START_SECONDS
    # Behind a proxy, a server answers only what the proxy has received over TLS.
    health = urllib.request.Request(f"{server.url}/health", headers={"X-Forwarded-Proto": "https"})
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(health, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        if server.process.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError(f"no server at {server.url}: {(server.folder / 'stderr.txt').read_text()[-2000:]}")
