"""Start a server or a command in a folder, and observe its worker."""

import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.servers.running import (
    SCIM_SEATS,
    Server,
    command,
    environment_for,
    free_port,
    launched,
)

OPERATIONS = ("serve", "--workers", "1")


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command that is expected to end by itself: inside this process, unless it is to start a server."""
    environment = environment_for(f"sqlite:///{folder / 'data' / 'seats.db'}", free_port()) | settings
    if arguments[0] != "serve":
        return command(arguments, environment, folder)
    return subprocess.run(
        [SCIM_SEATS, *arguments],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"scim-seats: [^\n]+\n", done.stderr), done.stderr
    return done.stderr


@contextmanager
def serving(
    folder: Path, *options: str, start_new_session: bool = False, **settings: str
) -> Iterator[Server]:
    """A server with these options and settings."""
    port = free_port()
    environment: Mapping[str, str] = (
        environment_for(f"sqlite:///{folder / 'data' / 'seats.db'}", port) | settings
    )
    for name in ("stdout.txt", "stderr.txt"):
        (folder / name).write_text("")
    command = (*OPERATIONS, *options)
    with launched(command, environment, folder, port, start_new_session=start_new_session) as server:
        yield server


def printed(server: Server) -> str:
    return (server.folder / "stdout.txt").read_text()


def children(server: Server) -> dict[int, str]:
    """The processes that a server has started, by their task."""
    listed = Path(f"/proc/{server.process.pid}/task").glob("*/children")
    pids = [int(pid) for file in listed for pid in file.read_text().split()]
    return {pid: Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ") for pid in pids}


def workers_beside(server: Server) -> list[int]:
    return [pid for pid, command in children(server).items() if " scim_server.worker " in command]


def the_worker(server: Server, *, but: int = 0) -> int:
    """The one worker beside a server, once it runs."""
    assert eventually(lambda: [pid for pid in workers_beside(server) if pid != but] != [])
    (pid,) = workers_beside(server)
    return pid


def eventually(true: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)
    return true()


def is_running(pid: int) -> bool:
    """Whether a process runs; a zombie has no command line."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def invite(server: Server, name: str) -> None:
    server.command("org", "create", name, "--seats", "standard=5")
    server.command("org", "set", name, "--allow-invitations")
    server.command("domain", "add", name, f"{name}.example", "--verified")
    server.command("invite", name, f"ada@{name}.example")
