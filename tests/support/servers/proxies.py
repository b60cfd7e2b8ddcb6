"""haproxy and PgBouncer, installed by `install.sh`, with the files of `deploy/` for other addresses."""

import csv
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import parse_qs, urlsplit

import psycopg

from tests.support.servers.running import free_port

DEPLOY: Final = Path(__file__).parents[3] / "deploy"
START_SECONDS: Final = 10
USER: Final = "postgres"
PASSWORD: Final = "of-the-tests"
ADMIN: Final = "admin.sock"


@dataclass
class Proxy:
    """A proxy that can be killed and started again at the same address."""

    command: Sequence[str]
    port: int
    folder: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None
        return self._process.pid

    def up(self) -> None:
        """Start it and wait until it accepts connections."""
        with (self.folder / "log.txt").open("ab") as log:
            self._process = subprocess.Popen(self.command, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError(f"{self.command[0]}: {(self.folder / 'log.txt').read_text()[-2000:]}")

    def ask(self, command: str) -> str:
        """Send haproxy a command on its socket; returns the answer."""
        with socket.socket(socket.AF_UNIX) as admin:
            admin.connect(str(self.folder / ADMIN))
            admin.sendall(f"{command}\n".encode())
            return admin.makefile().read().strip()

    def under_way(self, server: str) -> int:
        """The number of unfinished requests on a server of haproxy."""
        rows = csv.DictReader(self.ask("show stat").splitlines())
        return next(int(row["scur"]) for row in rows if row["svname"] == server)

    def kill(self) -> None:
        """End it at once, by SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def down(self) -> None:
        """Stop it, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(10)


def configured(name: str, replaced: Mapping[str, str]) -> str:
    """A file of `deploy/` with some texts replaced, each of which occurs once."""
    text = (DEPLOY / name).read_text()
    for old, new in replaced.items():
        assert text.count(old) == 1, f"{name} has {old!r} {text.count(old)} times"
        text = text.replace(old, new)
    return text


def limit(url: str) -> None:
    """Set the limits of `postgresql.sql` in a database; connections that are made later have them."""
    name = urlsplit(url).path.removeprefix("/")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            (DEPLOY / "postgresql.sql").read_text().replace("DATABASE seats", f'DATABASE "{name}"')
        )


def program(name: str) -> str:
    """The path of an installed program; Debian has both in a folder that only root's PATH contains."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    assert found is not None, f"{name} is not installed: run tests/support/servers/install.sh"
    return found


@contextmanager
def haproxy(nodes: Sequence[int], port: int) -> Iterator[Proxy]:
    """haproxy in front of two servers at these ports, without TLS; it is stopped with the block."""
    first, second = nodes
    with _folder() as folder:
        text = configured(
            "haproxy.cfg",
            {
                "    log /dev/log local0\n": "    log stderr local0\n",
                # Only root may do these.
                "    user haproxy\n    group haproxy\n    chroot /var/lib/haproxy\n": "",
                "/run/haproxy/admin.sock": str(folder / ADMIN),
                "bind :443 ssl crt /etc/haproxy/scim-seats.pem alpn h2,http/1.1": f"bind 127.0.0.1:{port}",
                "192.0.2.11:8080": f"127.0.0.1:{first}",
                "192.0.2.12:8080": f"127.0.0.1:{second}",
            },
        )
        (folder / "haproxy.cfg").write_text(text)
        running = Proxy([program("haproxy"), "-db", "-f", str(folder / "haproxy.cfg")], port, folder)
        with _running(running):
            yield running


@contextmanager
def pgbouncer(url: str) -> Iterator[tuple[Proxy, str]]:
    """PgBouncer in front of a PostgreSQL.

    Args:
        url: of any database of it.

    Yields:
        PgBouncer, and its address without the name of a database.
    """
    host = parse_qs(urlsplit(url).query)["host"][0]
    port = free_port()
    with _folder() as folder:
        (folder / "userlist.txt").write_text(f'"{USER}" "{PASSWORD}"\n')
        text = configured(
            "pgbouncer.ini",
            {
                "seats = host=192.0.2.21 port=5432 dbname=seats": f"* = host={host}",
                "listen_port = 6432": f"listen_port = {port}",
                "/etc/pgbouncer/userlist.txt": str(folder / "userlist.txt"),
            },
        )
        (folder / "pgbouncer.ini").write_text(text)
        # It refuses to run as root, and only PostgreSQL's own user can reach its socket.
        drop = ["-u", Path(host).owner()] if os.getuid() == 0 else []
        running = Proxy([program("pgbouncer"), *drop, str(folder / "pgbouncer.ini")], port, folder)
        with _running(running):
            yield running, f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{port}"


@contextmanager
def _folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="scim-seats-proxy-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@contextmanager
def _running(one: Proxy) -> Iterator[None]:
    one.up()
    try:
        yield
    finally:
        one.down()
