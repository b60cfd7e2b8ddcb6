"""Databases and servers as in production: a SQLite file, a real PostgreSQL, a server started by the CLI."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scim_server.services.billing import due
from scim_server.store.database import schema
from scim_server.store.database.session import Database
from tests.support.servers import postgresql, proxies
from tests.support.servers.running import Server, start

# Their assertions show the compared values, as those of test modules do.
pytest.register_assert_rewrite(
    "tests.machine", "tests.support.builders.organization", "tests.support.oracles.recount"
)

MEMORY = Path("/dev/shm")
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2**30:
    # The files of the tests are kept in memory. Otherwise SQLite waits for the disk at every commit.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make test-pgbouncer` gives this option."""
    parser.addoption(
        "--pgbouncer", action="store_true", help="reach PostgreSQL through PgBouncer in transaction mode"
    )


DIALECTS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgresql_server(pytestconfig: pytest.Config) -> Iterator[postgresql.Cluster]:
    """A PostgreSQL of this test run, from the pip package; with `--pgbouncer`, behind PgBouncer."""
    with postgresql.started(synced=False) as cluster:
        if not pytestconfig.getoption("pgbouncer"):
            yield cluster
            return
        with proxies.pgbouncer(cluster.url) as (_, address):
            yield replace(cluster, through=address)


@pytest.fixture(scope="session")
def new_url(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Callable[[str], str]:
    """A function that gives the URL of a new, empty database of a dialect."""

    def url(dialect: str) -> str:
        if dialect == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('database') / 'seats.db'}"
        cluster: postgresql.Cluster = request.getfixturevalue("postgresql_server")
        return cluster.new_database()

    return url


@pytest.fixture(scope="session", params=DIALECTS)
def database_url(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> str:
    """One database of each dialect for the whole run; tests keep apart by their organizations."""
    return new_url(request.param)


@pytest.fixture(scope="session")
def database(database_url: str) -> Iterator[Database]:
    """That database, open and with its tables."""
    opened = due.opened(database_url)
    schema.upgrade(opened)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def server(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server started by the CLI on that database."""
    # No worker next to it: by its clock, changes of tests with separate clocks are long due.
    with start(database_url, tmp_path_factory.mktemp("server"), options=("--no-worker",)) as running:
        yield running


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, with none of this project's settings in the environment."""
    for name in list(os.environ):
        if name.startswith("SCIM_SEATS_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def signals_reach_this_process() -> Iterator[None]:
    """A blocked signal stays blocked in every process that later tests start: they could not be stopped."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    yield
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before
