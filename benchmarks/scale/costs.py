"""Measures what a request costs in processor time and what a row costs on disk, on PostgreSQL.

Processor time depends less on what else the machine does than the rates of the benchmark do.
"""

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Final, Self

import orjson
import psycopg

from benchmarks import machine, memory
from benchmarks.servers import ours, postgresql
from benchmarks.servers.names import POSTGRESQL
from benchmarks.servers.running import Server
from benchmarks.workloads import WORKLOADS
from benchmarks.workloads.workload import Turn

REQUESTS: Final = {
    "lookup": "filter-username",
    "read": "get",
    "create": "create",
    "change": "active",
    "refusal": "refused-new",
    "repeated refusal": "refused-again",
}
"""Kinds of requests by the workload that sends them."""
ROWS: Final = {
    "person": ("people", "person_values"),
    "event": ("events",),
    "refusal": ("refusals",),
    "membership": ("group_members",),
}
"""Kinds of rows: the tables that grow, the first of which has one row for each."""
POOLED: Final = {"SCIM_SEATS_PREPARED_STATEMENTS": "false"}
"""As behind a pooler in transaction mode, where each statement is planned each time."""
REFUSALS: Final = 10_000
"""Rows of refusals that are at least measured."""
TICK: Final = 1000 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of processor time of one request."""

    server: float
    database: float


@dataclass(frozen=True, slots=True)
class Costs:
    """What was measured.

    Attributes:
        about: the machine, the day and the command.
        requests: the cost of a request by kind.
        bytes: the bytes of one row by kind, with the indexes.
        rows: how many rows of each kind there were.
    """

    about: dict[str, str]
    requests: dict[str, Cost]
    bytes: dict[str, float]
    rows: dict[str, int]

    def save(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2) + b"\n")

    @classmethod
    def load(cls, file: Path) -> Self:
        kept: dict[str, Any] = orjson.loads(file.read_bytes())
        return cls(**{**kept, "requests": {name: Cost(**one) for name, one in kept["requests"].items()}})


def measure(people: int, seconds: float, echo: Callable[[str], object]) -> Costs:
    """Fill a database, send each kind of request for some seconds, and read what was used."""
    with postgresql.started(ours.CACHE / "postgresql") as cluster:
        with ours.started(POSTGRESQL, people, cluster=cluster, settings=POOLED) as server:
            requests = {}
            for turn, (kind, workload) in enumerate(REQUESTS.items(), 1):
                requests[kind] = _cost(server, workload, Turn(turn, seconds))
                echo(f"{kind}: {requests[kind]}")
            with psycopg.connect(str(server.database_url), autocommit=True) as connection:
                version = str(connection.info.parameter_status("server_version"))
                _fill_refusals(server, connection, seconds)
                sizes = {kind: _row(connection, tables) for kind, tables in ROWS.items()}
        about = {
            "date": datetime.now(UTC).date().isoformat(),
            "command": f"python -m benchmarks costs --people {people}",
            **machine.described(ours.CACHE, version),
        }
    return Costs(
        about,
        requests,
        {kind: size for kind, (size, _) in sizes.items()},
        {kind: rows for kind, (_, rows) in sizes.items()},
    )


def _cost(server: Server, workload: str, turn: Turn) -> Cost:
    assert server.database_pid is not None
    pids = (server.pid, server.database_pid)
    before = [_processor(pid) for pid in pids]
    sample = WORKLOADS[workload].measure(server, turn)
    used = [round((_processor(pid) - old) / sample.answers, 4) for pid, old in zip(pids, before, strict=True)]
    return Cost(*used)


def _fill_refusals(server: Server, connection: psycopg.Connection[Any], seconds: float) -> None:
    turns = count(len(REQUESTS) + 1)
    while _one(connection, "SELECT count(*) FROM refusals") < REFUSALS:
        WORKLOADS[REQUESTS["refusal"]].measure(server, Turn(next(turns), seconds))


def _processor(pid: int) -> float:
    """The processor time in milliseconds that a process, its descendants and their ended children used."""
    return sum(_ticks(one) for one in memory.descendants(pid)) * TICK


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(int(fields[number]) for number in range(11, 15))


def _row(connection: psycopg.Connection[Any], tables: tuple[str, ...]) -> tuple[float, int]:
    for table in tables:
        connection.execute(f"VACUUM ANALYZE {table}".encode())
    total = sum(_one(connection, f"SELECT pg_total_relation_size('{table}')") for table in tables)
    rows = _one(connection, f"SELECT count(*) FROM {tables[0]}")
    return round(total / rows, 1), rows


def _one(connection: psycopg.Connection[Any], query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])
