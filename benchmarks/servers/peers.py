"""The other servers, each run as its own documentation says."""

import functools
import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import make_url

from benchmarks.corpus import GROUP, person, person_id
from benchmarks.servers.names import DJANGO, SCIM2_SERVER, SCIMMY
from benchmarks.servers.ours import CACHE, HERE
from benchmarks.servers.postgresql import Cluster
from benchmarks.servers.running import Organization, Server, free_port, process
from benchmarks.sizes import GROUP_SIZES, group_name

INSTALLED: Final = HERE / "benchmarks" / "peers" / ".installed"
TOKEN: Final = "token-of-the-benchmark"
Ids = Callable[[int], str]


def install(*only: str) -> None:
    """Install what is not installed yet: everything, or only the `client`."""
    subprocess.run([str(HERE / "benchmarks" / "peers" / "install.sh"), *only], check=True)


@contextmanager
def started(name: str, people: int, cluster: Cluster | None) -> Iterator[Server]:
    """Start another server with a directory of the given size; its database is created in the cluster."""
    with TemporaryDirectory(prefix=f"{name}-", dir=CACHE) as temporary:
        folder = Path(temporary)
        if name == DJANGO:
            if cluster is None:
                raise ValueError(f"{DJANGO} needs a PostgreSQL")
            peer = _django(people, folder, cluster)
        else:
            peer = {SCIM2_SERVER: _scim2_server, SCIMMY: _scimmy}[name](people, folder)
        with peer as server:
            yield server


def _seed(people: int, folder: Path, ids: Ids) -> tuple[Path, dict[int, str]]:
    """The file of resources from which a server is filled, and the ids of the groups."""
    file = folder / "seed.jsonl"
    sizes = [size for size in GROUP_SIZES if size <= people]
    groups = {size: ids(people + number) for number, size in enumerate(sizes)}
    with file.open("w") as lines:
        for number in range(people):
            lines.write(json.dumps(["User", ids(number), person("p", number)]) + "\n")
        for size, group in groups.items():
            members = [{"value": ids(number)} for number in range(size)]
            body = {"schemas": [GROUP], "displayName": group_name(size), "members": members}
            lines.write(json.dumps(["Group", group, body]) + "\n")
    return file, groups


def _main(root: str, people: int, ids: Ids, groups: Mapping[int, str]) -> Organization:
    return Organization(root, TOKEN, people, ids, groups)


@contextmanager
def _scim2_server(people: int, folder: Path) -> Iterator[Server]:
    """Start scim2-server as one process, with its storage in memory."""
    ids = functools.partial(person_id, SCIM2_SERVER)
    seed, groups = _seed(people, folder, ids)
    port = free_port()
    command = [
        str(INSTALLED / "scim2_server" / "bin" / "granian"),
        *("--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
        *("--blocking-threads", "4", "--no-log", "--no-ws", "--factory"),
        "benchmarks.peers.scim2_server.app:build",
    ]
    environment = {"SEED": str(seed), "TOKEN": TOKEN, "PYTHONPATH": str(HERE)}
    with process(
        command, folder, environment, f"http://127.0.0.1:{port}/v2/ServiceProviderConfig"
    ) as running:
        yield Server(
            SCIM2_SERVER,
            port,
            running.pid,
            main=_main("/v2", people, ids, groups),
            abilities=frozenset({"bulk", "members by path"}),
        )


@contextmanager
def _scimmy(people: int, folder: Path) -> Iterator[Server]:
    """Start SCIMMY as one process of Node, with its resources in memory."""
    ids = functools.partial(person_id, SCIMMY)
    seed, groups = _seed(people, folder, ids)
    port = free_port()
    command = ["node", "--max-old-space-size=8192", str(HERE / "benchmarks/peers/scimmy/server.mjs")]
    environment = {
        "SEED": str(seed),
        "TOKEN": TOKEN,
        "PORT": str(port),
        "INSTALLED": str(INSTALLED / "scimmy"),
        "NODE_ENV": "production",
    }
    with process(
        command, folder, environment, f"http://127.0.0.1:{port}/scim/ServiceProviderConfig"
    ) as running:
        yield Server(
            SCIMMY,
            port,
            running.pid,
            main=_main("/scim", people, ids, groups),
            abilities=frozenset({"bulk", "members by path"}),
        )


@contextmanager
def _django(people: int, folder: Path, cluster: Cluster) -> Iterator[Server]:
    """Start django-scim2 as two processes of gunicorn with a PostgreSQL database."""

    def ids(number: int) -> str:
        return str(number + 1)

    seed, groups = _seed(people, folder, ids)
    port = free_port()
    bin_ = INSTALLED / "django_scim2" / "bin"
    name = f"django-{port}"
    url = make_url(cluster.create(name))
    environment = {
        "SEED": str(seed),
        "TOKEN": TOKEN,
        "DATABASE_NAME": name,
        "DATABASE_HOST": str(url.query["host"]),
        "DATABASE_USER": str(url.username),
        "PYTHONPATH": str(HERE),
    }
    seeding = [str(bin_ / "python"), "-m", "benchmarks.peers.django_scim2.seed"]
    subprocess.run(seeding, check=True, env={**os.environ, **environment}, cwd=folder)
    command = [
        str(bin_ / "gunicorn"),
        *("--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "8", "--keep-alive", "75"),
        "benchmarks.peers.django_scim2.wsgi:application",
    ]
    probe = f"http://127.0.0.1:{port}/scim/v2/ServiceProviderConfig"
    main = _main("/scim/v2", people, ids, groups)
    try:
        with process(command, folder, environment, probe) as running:
            yield Server(DJANGO, port, running.pid, main=main, database_pid=cluster.pid)
    finally:
        cluster.drop(name)
