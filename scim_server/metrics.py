"""Counts what the processes of a server do, for Prometheus.

Each process writes its numbers to a file of its own in one folder, and the management listener adds them up.
The numbers of a process that has ended remain, so that no sum becomes smaller. Labels are routes, statuses
and reasons, never names: the number of series does not grow with the organizations.
"""

import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values
from prometheus_client.multiprocess import MultiProcessCollector

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_UNITS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_LIVE: Final = "gauge_livesum_*.db"


class _Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self.requests = Counter(
            "scim_seats_requests",
            "Answered requests by route, method and status.",
            ("route", "method", "status"),
            registry=registry,
        )
        self.seconds = Histogram(
            "scim_seats_request_seconds",
            "Seconds from the head of a request to its answer, by route and method.",
            ("route", "method"),
            buckets=_SECONDS,
            registry=registry,
        )
        self.working = Gauge(
            "scim_seats_requests_in_progress",
            "Requests that are being answered now.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.connections = Gauge(
            "scim_seats_database_connections_in_use",
            "Connections to the database that were in use after the last request of each process.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.batch = Histogram(
            "scim_seats_commit_units", "Writes in one commit.", buckets=_UNITS, registry=registry
        )
        self.lock = Histogram(
            "scim_seats_lock_wait_seconds",
            "Seconds that a write waited for its turn and for the lock of its organization.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.events = Counter(
            "scim_seats_events", "Things that an operator should know, by kind.", ("kind",), registry=registry
        )
        self.rounds = Counter(
            "scim_seats_worker_rounds",
            "Rounds of the worker, by outcome (done, failed, unavailable).",
            ("outcome",),
            registry=registry,
        )
        self.mails = Counter(
            "scim_seats_mails",
            "Mails that were tried, by outcome (sent, failed).",
            ("outcome",),
            registry=registry,
        )


class _State:
    """The metrics of this process; None in a process whose metrics nobody reads, such as a command."""

    metrics: _Metrics | None = None


@cache
def _request(route: str, method: str, status: int) -> tuple[Counter, Histogram] | None:
    found = _State.metrics
    if found is None:
        return None
    return found.requests.labels(route, method, str(status)), found.seconds.labels(route, method)


def count_in(folder: str | None) -> None:
    """Count from now on, in files of this process.

    Args:
        folder: where all processes of the server write; None to count nothing.
    """
    _request.cache_clear()
    if folder is None:
        _State.metrics = None
        return
    of_many_processes: Any = values.MultiProcessValue
    values.ValueClass = of_many_processes()
    _State.metrics = _Metrics()


def request_begins() -> None:
    """Count a request that is being answered."""
    if _State.metrics is not None:
        _State.metrics.working.inc()


def request_ends(route: str, method: str, status: int, seconds: float, connections: int) -> None:
    """Count an answered request.

    Args:
        connections: connections to the database that this process uses now.
    """
    counted = _request(route, method, status)
    if counted is None or _State.metrics is None:
        return
    counted[0].inc()
    counted[1].observe(seconds)
    _State.metrics.working.dec()
    _State.metrics.connections.set(connections)


def committed(units: int) -> None:
    """Count a commit of several writes."""
    if _State.metrics is not None:
        _State.metrics.batch.observe(units)


def lock_wait(seconds: float) -> None:
    """Count the wait of a write for its turn and its lock."""
    if _State.metrics is not None:
        _State.metrics.lock.observe(seconds)


def event(kind: str) -> None:
    """Count something that an operator should know, such as a slow body that was refused."""
    if _State.metrics is not None:
        _State.metrics.events.labels(kind).inc()


def worker_round(outcome: str) -> None:
    """Count a round of the worker."""
    if _State.metrics is not None:
        _State.metrics.rounds.labels(outcome).inc()


def mail(outcome: str) -> None:
    """Count a mail that was tried."""
    if _State.metrics is not None:
        _State.metrics.mails.labels(outcome).inc()


def collector(folder: str) -> CollectorRegistry:
    """A registry with the sums of all processes of a server."""
    _forget_dead(Path(folder))
    registry = CollectorRegistry()
    sums: Any = MultiProcessCollector
    sums(registry, folder)
    return registry


def _forget_dead(folder: Path) -> None:
    """Delete what was true only while a process lived, such as the number of its open connections."""
    for file in folder.glob(_LIVE):
        with suppress(OSError):
            if not _lives(int(file.stem.rpartition("_")[2])):
                file.unlink()


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
