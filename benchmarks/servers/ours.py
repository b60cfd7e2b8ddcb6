"""This server, from this checkout or another one, on SQLite or PostgreSQL."""

import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.corpus import person_id
from benchmarks.samples import WrongAnswers
from benchmarks.servers.postgresql import Cluster
from benchmarks.servers.running import Organization, Server, free_port, process
from benchmarks.sizes import MIXED

HERE = Path(__file__).parents[2]
CACHE = HERE / "benchmarks" / ".cache"
ABILITIES = frozenset({"bulk", "cursor", "members by path", "organizations", "seats"})
_LAUNCH = """
import sys
sys.path.insert(0, {checkout!r})
import scim_server, seat_policy
sys.path.insert(0, {here!r})
import benchmarks, runpy
sys.argv[1:] = {arguments!r}
runpy.run_module({module!r}, run_name="__main__")
"""
"""The server of the other checkout is run. The benchmark is this one, also if the other has its own."""


def python_of(checkout: Path) -> str:
    """The interpreter of a checkout with its locked dependencies, or else the running interpreter."""
    own = checkout / ".venv" / "bin" / "python"
    return str(own) if own.exists() else sys.executable


def run_module(checkout: Path, module: str, *arguments: str, **environment: str) -> str:
    """Run a module with the server of a checkout; return what it prints."""
    code = _LAUNCH.format(checkout=str(checkout), here=str(HERE), module=module, arguments=list(arguments))
    done = subprocess.run(
        [python_of(checkout), "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)} failed: {done.stderr[-2000:]}")
    return done.stdout


def _key(checkout: Path, people: int) -> str:
    """Names a filled database. It is filled again if tables, services or the filling change."""
    digest = hashlib.sha256()
    folders = (
        checkout / "scim_server" / "store" / "tables",
        checkout / "scim_server" / "store" / "database" / "migrations",
        HERE / "benchmarks" / "filling",
    )
    files = [file for folder in folders for file in sorted(folder.rglob("*.py"))]
    for file in (*files, HERE / "benchmarks" / "corpus.py", HERE / "benchmarks" / "sizes.py"):
        digest.update(file.read_bytes())
    return f"{people}-{digest.hexdigest()[:12]}"


@contextmanager
def _filled_file(checkout: Path, people: int, folder: Path) -> Iterator[tuple[str, Path]]:
    """Copy a filled SQLite file; return also the description of its contents."""
    kept = CACHE / "sqlite" / _key(checkout, people)
    database, manifest = kept / "seats.db", kept / "manifest.json"
    if not manifest.exists():
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        run_module(checkout, "benchmarks.filling", f"sqlite:///{database}", str(people), str(manifest))
    copy = folder / "seats.db"
    subprocess.run(["cp", "--reflink=auto", str(database), str(copy)], check=True)
    yield f"sqlite:///{copy}", manifest


@contextmanager
def _filled_database(checkout: Path, people: int, cluster: Cluster) -> Iterator[tuple[str, Path]]:
    """Copy a filled PostgreSQL database; return also the description of its contents."""
    key = _key(checkout, people)
    kept, manifest = f"filled-{key}", CACHE / "postgresql" / f"{key}.json"
    if not manifest.exists() or not cluster.has(kept):
        cluster.drop(kept)
        run_module(checkout, "benchmarks.filling", cluster.create(kept), str(people), str(manifest))
    copy = f"run-{os.getpid()}-{free_port()}"
    url = cluster.create(copy, template=kept)
    try:
        yield url, manifest
    finally:
        cluster.drop(copy)


@contextmanager
def started(
    name: str,
    people: int,
    *,
    cluster: Cluster | None = None,
    checkout: Path = HERE,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Start this server with a directory of the given number of people.

    Args:
        cluster: the PostgreSQL cluster for its database; None for SQLite.
        settings: variables of its environment, besides the address.
    """
    port = free_port()
    with TemporaryDirectory(prefix="scim-seats-benchmark-", dir=_fast_folder()) as temporary:
        folder = Path(temporary)
        source = (
            _filled_file(checkout, people, folder)
            if cluster is None
            else _filled_database(checkout, people, cluster)
        )
        with source as (url, manifest):
            environment = {
                "PYTHONPATH": str(checkout),
                "SCIM_SEATS_DATABASE_URL": url,
                "SCIM_SEATS_PORT": str(port),
                "SCIM_SEATS_LOG_LEVEL": "warning",
                **(settings or {}),
            }
            command = [python_of(checkout), "-m", "scim_server.cli", "serve"]
            with process(command, folder, environment, f"http://127.0.0.1:{port}/health") as running:
                found = _organizations(manifest)
                yield Server(
                    name,
                    port,
                    running.pid,
                    main=found["main"],
                    side=tuple(one for slug, one in found.items() if slug.startswith("side-")),
                    full=found["full"],
                    mixed=found[MIXED],
                    abilities=ABILITIES,
                    database_pid=None if cluster is None else cluster.pid,
                    database_url=None if cluster is None else url,
                    operate=functools.partial(_operate, checkout, folder, environment),
                )


def _fast_folder() -> Path:
    """A folder on the same disk as everything else that is measured; a folder in memory would not sync."""
    CACHE.mkdir(parents=True, exist_ok=True)
    return CACHE


def _operate(checkout: Path, folder: Path, environment: Mapping[str, str], *arguments: str) -> str:
    """Run `scim-seats` on the server's database."""
    done = subprocess.run(
        [python_of(checkout), "-m", "scim_server.cli", *arguments],
        env={**os.environ, **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise WrongAnswers(f"scim-seats {' '.join(arguments)}: {done.stderr[-500:]}{done.stdout[-500:]}")
    return done.stdout


def _organizations(manifest: Path) -> dict[str, Organization]:
    return {
        one["slug"]: Organization(
            root=f"/orgs/{one['slug']}/scim/v2",
            token=one["token"],
            people=one["people"],
            person_id=functools.partial(person_id, one["slug"]),
            groups={int(size): group for size, group in one["groups"].items()},
        )
        for one in json.loads(manifest.read_text())
    }
