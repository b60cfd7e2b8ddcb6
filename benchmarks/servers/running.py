"""A started server, as workloads see it, and how processes are started and ended."""

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
"""A peer that holds everything in memory takes minutes to take in 100,000 people."""
BROKEN = 500


@dataclass(frozen=True, slots=True)
class Organization:
    """One customer's people on a server.

    Attributes:
        root: path of its SCIM base, without a trailing slash.
        people: how many there are; numbers from 0.
        person_id: the id of the person with a number.
        groups: ids by size.
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
        name: as reports show it.
        pid: of its first process; memory is counted with all that descend from it.
        main: the organization that has the people.
        side: others that are smaller.
        full: one without free seats, where there are seats.
        mixed: one with a mapping and a queue, where there are such.
        abilities: what not every server has: `bulk`, `cursor`, `organizations`, `seats`, and `members by
            path`: one member is removed by a path that names them, else by a list of values.
        database_pid: of a database server beside it.
        operate: runs a command of its operator, where it has any.
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
    operate: Callable[..., str] | None = None


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def process(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], probe: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; it begins once the server answers.

    Args:
        probe: URL that is asked until anything but an error of the server comes back.
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
    """The status that a server answers; None while it does not."""
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
