"""Threads that keep the server alive survive their own failures and report them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from structlog.testing import capture_logs

from scim_server import config, lifetime
from scim_server.cli import companion
from scim_server.cli.companion import Companion
from scim_server.services.billing import due
from scim_server.store.database import schema
from scim_server.worker import loop
from tests.cli.serving import eventually, is_running

FAILURES = 3
WATCHED = """
import os, sys, time
from scim_server import lifetime, telemetry

telemetry.configure("info")
left = [OSError(22, "Invalid argument")] * int(sys.argv[1])
wait = lifetime.pause

def pause(seconds):
    wait(0.05)
    if left:
        raise left.pop()

lifetime.pause = pause
parent = os.getpid()
if os.fork() == 0:
    lifetime.end_with(parent)
    print(os.getpid(), flush=True)
    time.sleep(600)
time.sleep(600)
"""
"""A process that watches its parent. Waiting fails three times, as it may while the clock is set: twice in
the watch, and once after the first failure."""


class Failing:
    """Fails at the first calls, then does what it stands for."""

    def __init__(self, act: Callable[..., Any]) -> None:
        self.act = act
        self.left = FAILURES
        self.done = Event()

    def __call__(self, *arguments: Any) -> Any:  # noqa: ANN401 - what it stands for returns
        if self.left:
            self.left -= 1
            raise OSError(22, "Invalid argument")
        self.done.set()
        return self.act(*arguments)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifetime, "_AGAIN_SECONDS", 0.01)


@pytest.mark.usefixtures("at_once")
def test_a_thread_goes_on_after_each_failure_and_reports_it() -> None:
    act = Failing(lambda: None)

    with capture_logs() as lines:
        thread = lifetime.kept("the-thread", act)
        thread.start()
        thread.join(20)

    assert not thread.is_alive()
    assert act.done.is_set()
    assert [(line["thread"], line["log_level"]) for line in lines] == [("the-thread", "error")] * FAILURES


@pytest.mark.usefixtures("at_once")
def test_a_thread_survives_a_failure_of_its_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifetime, "pause", Failing(lambda _: None))
    act = Failing(lambda: None)

    thread = lifetime.kept("the-thread", act)
    thread.start()

    assert act.done.wait(20)


def test_a_process_ends_with_its_parent_although_its_watch_fails(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", WATCHED, str(FAILURES)], stdout=subprocess.PIPE, stderr=log, text=True
        )
    assert process.stdout is not None
    child = int(process.stdout.readline())
    assert eventually(lambda: (tmp_path / "log").read_text().count("\n") == 2)

    os.kill(process.pid, signal.SIGKILL)
    process.wait(20)
    process.stdout.close()

    assert eventually(lambda: not is_running(child))
    (line, *_) = (tmp_path / "log").read_text().splitlines()
    assert json.loads(line)["thread"] == "parent-watch"


@pytest.mark.usefixtures("at_once")
def test_the_keeper_of_the_worker_starts_only_one_worker_although_it_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start(_module: str) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]))
        return started[-1]

    monkeypatch.setattr(companion, "_started", start)
    kept = Companion()
    waiting = Failing(lambda: kept._process and kept._process.wait())
    monkeypatch.setattr(subprocess.Popen, "wait", lambda *_: waiting())

    kept.start()
    assert waiting.done.wait(20)
    monkeypatch.undo()
    kept.end(20)

    assert len(started) == 1
    assert started[0].poll() is not None


def test_the_worker_goes_on_after_a_round_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "PAUSE_SECONDS", 0.01)
    once = Failing(loop._round)
    monkeypatch.setattr(loop, "_round", once)
    database = due.opened(f"sqlite:///{tmp_path / 'seats.db'}")
    schema.upgrade(database)
    stop = Event()

    with capture_logs() as lines:
        thread = lifetime.kept("worker", lambda: loop.run(config.load(), database, stop))
        thread.start()
        assert once.done.wait(20)
        stop.set()
        thread.join(20)
    database.close()

    assert [line["event"] for line in lines] == ["a round of the worker failed"] * FAILURES
