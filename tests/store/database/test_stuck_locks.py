"""A lock that is not released takes only some threads of a server, and not forever."""

import fcntl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from scim_server.services.billing import due
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.create import NewOrganization
from scim_server.store.database import lane as lanes
from scim_server.store.database import schema, session
from scim_server.store.database.lane import Lane
from scim_server.store.database.session import OPERATOR, Database, Served
from scim_server.store.database.turnstile import Turnstile
from scim_server.store.errors import StoreBusy, StoreUnavailable

MOST = 2
PATIENCE = 20


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "STUCK_SECONDS", 0.05)
    monkeypatch.setattr(session, "LOCK_SECONDS", 1)


def wait_until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.005)


class Held:
    """The first unit of a lane, which does not end until it is released."""

    def __init__(self, lane: Lane, threads: ThreadPoolExecutor) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self.done: Future[object] = threads.submit(lane.write, self._work)
        assert self.begun.wait(PATIENCE)

    def _work(self, _transaction: object) -> None:
        self.begun.set()
        assert self.go.wait(PATIENCE)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as made:
        yield made


def test_while_a_lane_is_stuck_only_some_wait_and_the_others_are_refused(
    database: Database, threads: ThreadPoolExecutor
) -> None:
    lane = Lane(database._begin, most_waiting=MOST)
    held = Held(lane, threads)

    others = [threads.submit(lane.write, lambda _, number=number: number) for number in range(8)]
    wait_until(lambda: sum(one.done() for one in others) == len(others) - MOST)
    refused = [one for one in others if one.done()]
    late = threads.submit(lane.write, lambda _: "late")
    wait_until(late.done)
    held.go.set()

    assert all(isinstance(one.exception(PATIENCE), StoreBusy) for one in [*refused, late])
    assert {one.result(PATIENCE) for one in others if one not in refused} <= set(range(8))
    assert lane.write(lambda _: "after") == "after"


def test_a_wait_in_a_stuck_lane_ends(
    database: Database, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "PATIENCE_SECONDS", 0.1)
    lane = Lane(database._begin, most_waiting=MOST)
    held = Held(lane, threads)

    waiting = threads.submit(lane.write, lambda _: None)

    assert isinstance(waiting.exception(PATIENCE), StoreBusy)
    held.go.set()
    held.done.result(PATIENCE)


def test_without_a_limit_all_wait_as_long_as_needed(database: Database, threads: ThreadPoolExecutor) -> None:
    lane = Lane(database._begin)
    held = Held(lane, threads)

    others = [threads.submit(lane.write, lambda _, number=number: number) for number in range(8)]
    wait_until(lambda: lane.waiting == len(others))
    time.sleep(0.2)
    held.go.set()

    assert [one.result(PATIENCE) for one in others] == list(range(8))


def test_a_turn_that_another_process_does_not_end_is_given_up_and_the_next_one_is_exclusive(
    tmp_path: Path,
) -> None:
    ours = Turnstile(tmp_path / "seats.db", within=0.1)
    theirs = Turnstile(tmp_path / "seats.db")

    with theirs.turn():
        for _ in range(2):
            with pytest.raises(StoreBusy), ours.turn():
                raise AssertionError
    wait_until(lambda: not ours._waiting)

    with ours.turn(), (tmp_path / "seats.db-lane").open("ab") as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with theirs.turn(), ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(ours.turn().__enter__)
        assert isinstance(waiting.exception(PATIENCE), StoreBusy)
    ours.close()
    theirs.close()


def test_a_lock_of_one_organization_that_is_not_released_does_not_stop_the_others_on_postgresql(
    new_url: Callable[[str], str], threads: ThreadPoolExecutor
) -> None:
    url = new_url("postgresql")
    database = due.opened(url)
    schema.upgrade(database)
    database.close()
    served = due.opened(url, served=Served(most_waiting=MOST))
    made = [
        organizations.create(served, OPERATOR, NewOrganization(f"o{uuid4().hex}", {"standard": 1}))
        for _ in range(2)
    ]
    stuck, other = (one.organization.id for one in made)

    with served.writer.connect() as holder, holder.begin():
        lock = text("SELECT 1 FROM organization_clock WHERE organization = :org FOR UPDATE")
        holder.execute(lock, {"org": stuck})
        writes = [threads.submit(served.write, stuck, OPERATOR, lambda _: None) for _ in range(8)]
        wait_until(lambda: sum(one.done() for one in writes) >= len(writes) - MOST - 1)
        done_meanwhile = served.write(other, OPERATOR, lambda _: "written")
        refused = [one.exception(PATIENCE) for one in writes]

    assert done_meanwhile == "written"
    assert all(isinstance(one, StoreUnavailable) for one in refused)
    assert served.write(stuck, OPERATOR, lambda _: "again") == "again"
    served.close()
