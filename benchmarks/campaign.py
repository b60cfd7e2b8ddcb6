"""Runs the whole benchmark: every stage, workload, round and server."""

import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import click
import psycopg

from benchmarks import machine, memory
from benchmarks.plan import Stage
from benchmarks.results import Key, Results, measures
from benchmarks.servers import ours, peers, postgresql
from benchmarks.servers.names import OURS, POSTGRESQL
from benchmarks.servers.postgresql import Cluster
from benchmarks.servers.running import Server
from benchmarks.sizes import size_name
from benchmarks.workloads import WORKLOADS
from benchmarks.workloads.workload import Turn, Workload


class Campaign:
    """Runs stages and keeps the results."""

    def __init__(self) -> None:
        self.results = Results()
        self._turns = 0

    def run(self, stages: Sequence[Stage]) -> Results:
        """Run all stages.

        Raises:
            WrongAnswers: a server gave a wrong answer.
        """
        began = time.monotonic()
        peers.install()
        with postgresql.started(ours.CACHE / "postgresql") as cluster:
            with psycopg.connect(cluster.url) as connection:
                version = str(connection.info.parameter_status("server_version"))
            self.results.about = {
                "date": datetime.now(UTC).date().isoformat(),
                "command": shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]]),
                **machine.described(ours.CACHE, version),
            }
            for stage in stages:
                self._stage(stage, cluster)
        self.results.about["minutes"] = f"{(time.monotonic() - began) / 60:.1f}"
        return self.results

    def _stage(self, stage: Stage, cluster: Cluster) -> None:
        click.echo(f"{stage.people:,} people: starting {', '.join(stage.servers)}")
        with started(stage, cluster) as servers:
            for server in servers:
                self._remember_memory("memory-started", stage, server)
            for name in (*stage.workloads, *stage.ours):
                self._workload(WORKLOADS[name], stage, servers)
            for server in servers:
                self._remember_memory("memory-loaded", stage, server)

    def _workload(self, workload: Workload, stage: Stage, servers: Sequence[Server]) -> None:
        asked = [one for one in servers if one.name in OURS or workload.name in stage.workloads]
        asked = [one for one in asked if workload.suits(one)]
        for _ in range(1 if workload.once else stage.rounds):
            for server in asked:
                self._turns += 1
                sample = workload.measure(server, Turn(self._turns, stage.seconds))
                key = Key(workload.name, stage.people, server.name)
                self.results.add(key, measures(workload, sample))
        rates = [
            f"{server.name} {self.results.value(workload.name, stage.people, server.name, 'rate'):,.0f}/s"
            for server in asked
        ]
        click.echo(f"  {size_name(stage.people):5} {workload.name:24} {'  '.join(rates)}")

    def _remember_memory(self, name: str, stage: Stage, server: Server) -> None:
        kept = {"MB": memory.megabytes(server.pid)}
        if server.database_pid is not None:
            kept["MB of the database"] = memory.megabytes(server.database_pid)
        self.results.add(Key(name, stage.people, server.name), kept)


@contextmanager
def started(stage: Stage, cluster: Cluster) -> Iterator[list[Server]]:
    """Start the servers of a stage, all at the same time, because filling them takes long."""
    with ExitStack() as stack, ThreadPoolExecutor() as threads:

        def start(name: str) -> Server:
            if name in OURS:
                where = cluster if name == POSTGRESQL else None
                return stack.enter_context(ours.started(name, stage.people, cluster=where))
            return stack.enter_context(peers.started(name, stage.people, cluster))

        yield list(threads.map(start, stage.servers))
