"""A started server as workloads use it, and how processes are started and ended."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

START_SECONDS = 900
"""A server that keeps everything in memory needs minutes to read 100,000 people."""
BROKEN = 500


@dataclass(frozen=True, slots=True)
class Organization:
    """One customer's people on a server.

    Attributes:
        root: path of its SCIM base URL, without a trailing slash.
        people: how many people it has; their numbers start at 0.
        person_id: returns the id of the person with a number.
        groups: ids of the groups by size.
    """

    root: str
    token: str
    people: int
    person_id: Callable[[int], str]
    groups: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server.

    Attributes:
        name: its name in reports.
        pid: the id of its first process; the memory of all descendants is counted too.
        main: the organization that has the people.
        side: smaller organizations.
        full: an organization without free seats, if the server has seats.
        mixed: an organization with a mapping and a queue, if the server has them.
        abilities: the optional features that the server has: `bulk`, `cursor`, `organizations`, `seats`, and
            `members by path` (a path can remove one member; other servers need a list of values).
        database_pid: the process id of its database server, if it has one.
        database_url: the URL of its PostgreSQL database, if it has one.
        operate: runs an operator's command, if the server has commands.
    """

    name: str
    port: int
    pid: int
    main: Organization
    side: tuple[Organization, ...] = ()
    full: Organization | None = None
    mixed: Organization | None = None
    abilities: frozenset[str] = frozenset()
    database_pid: int | None = None
    database_url: str | None = None
    operate: Callable[..., str] | None = None


def free_port() -> int:
    """A port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def process(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], probe: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server, wait until it answers, and stop it at the end of the block.

    Args:
        probe: this URL is requested until the server answers without a server error.
    """
    log = folder / "log.txt"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SCIM_SEATS_")}
    with log.open("ab") as output:
        started = subprocess.Popen(
            command,
            cwd=folder,
            env={**kept, **environment},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait(started, probe, log)
        yield started
    finally:
        _end(started)


def _wait(started: subprocess.Popen[bytes], probe: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    status = None
    while time.monotonic() < deadline and started.poll() is None and status is None:
        time.sleep(0.05)
        status = _status(probe)
    if status is None or status >= BROKEN:
        raise RuntimeError(f"no server at {probe}: {log.read_text(errors='replace')[-2000:]}")


def _status(probe: str) -> int | None:
    """The status that a server answers; None if it does not answer."""
    try:
        with urllib.request.urlopen(probe, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return None


def _end(started: subprocess.Popen[bytes]) -> None:
    if started.poll() is None:
        started.send_signal(signal.SIGTERM)
    try:
        started.wait(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()
