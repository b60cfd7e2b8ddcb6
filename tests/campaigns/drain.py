"""The server is stopped while requests are in progress: each gets its answer first."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

import psycopg

from scim_server.store.database.engines import sqlite
from tests.campaigns import checks
from tests.campaigns.load import Crew, create
from tests.campaigns.stage import Result, Stage, log, wait
from tests.support.servers.running import requests_read

SIGNALS = (signal.SIGTERM, signal.SIGINT)
STOP_SECONDS = 60
SEND_SECONDS = 60


def run(stage: Stage, crew: Crew, size: int) -> Result:
    """Stop it with each signal, with `size` requests in flight; it is down in the end."""
    result = Result()
    for number in SIGNALS:
        if not stage.is_up:
            stage.up()
        stop(stage, crew, size, number, result)
    return result


def stop(stage: Stage, crew: Crew, size: int, number: signal.Signals, result: Result) -> None:
    """Hold every write back, send the requests and the signal, then let the writes go."""
    organization = stage.server.organization(standard=size)
    process = stage.server.process
    with held_back(stage) as release:
        crew.begin(organization, [[create(f"late{client}@example.com")] for client in range(size)])
        wait(
            lambda: crew.sent() >= size and requests_read(stage.port) >= size, time.monotonic(), SEND_SECONDS
        )
        arrived = requests_read(stage.port)
        process.send_signal(number)
        signalled = time.monotonic()
        time.sleep(0.5)
        release()
    records = crew.finish()
    status = process.wait(STOP_SECONDS)
    took = time.monotonic() - signalled
    in_flight = sum(record.sent < signalled < record.answered for record in records)
    faults = checks.answered(records, {HTTPStatus.CREATED: size})
    if status != 0:
        faults.append(f"the server ended with exit status {status}")
    if arrived < size:
        faults.append(f"only {arrived} of {size} requests had arrived after {SEND_SECONDS} s")
    if in_flight < size:
        faults.append(f"only {in_flight} of {size} requests were in flight")
    result.faults += [f"{number.name}: {fault}" for fault in faults]
    result.figures[number.name] = {
        "in_flight": in_flight,
        "answers": checks.statuses(records),
        "exit_status": status,
        "seconds_to_stop": round(took, 2),
    }
    log(f"{number.name}: {result.figures[number.name]}")


@contextmanager
def held_back(stage: Stage) -> Iterator[Callable[[], None]]:
    """Block all other writes until the block ends or the yielded function is called."""
    if stage.dialect == "sqlite":
        file = sqlite.connect(stage.database_url.removeprefix("sqlite:///"), isolation_level=None)
        file.execute("BEGIN IMMEDIATE")
        connection = file
    else:
        connection = psycopg.connect(stage.database_url)
        connection.execute("LOCK TABLE organization_clock IN EXCLUSIVE MODE")
    try:
        yield connection.rollback
    finally:
        connection.close()
