"""Units of work that share a transaction: each succeeds or fails as if it were alone."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from scim_server.history import OrganizationResumed
from scim_server.services.context import Context
from scim_server.services.people import commands as people
from scim_server.store.database import lane
from scim_server.store.database.session import OPERATOR, Database, Write
from scim_server.store.rows import events, seats
from tests.support.builders.organization import PROVIDER, Organization, described

PATIENCE = 20


@pytest.fixture(autouse=True)
def patient_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    """A waiting write joins the batch, however slow the machine is."""
    monkeypatch.setattr(lane, "BATCH_SECONDS", PATIENCE)


@pytest.fixture
def commits(database: Database) -> Iterator[list[str]]:
    """Grows with each commit of the database."""
    made: list[str] = []

    def note(_connection: object) -> None:
        made.append("commit")

    event.listen(database.writer, "commit", note)
    yield made
    event.remove(database.writer, "commit", note)


Work = Callable[[], object]


def at_once(organization: Organization, *works: Work, shared: bool = True) -> list[object]:
    """Run writes that are all in the lane before the first ends; returns their results or errors."""
    begun, go = threading.Event(), threading.Event()

    def hold(_write: Write) -> None:
        begun.set()
        assert go.wait(PATIENCE)

    database = organization.database
    with ThreadPoolExecutor(len(works) + 1) as threads:
        first = threads.submit(database.write, organization.id, OPERATOR, hold, undo=not shared)
        assert begun.wait(PATIENCE)
        others: list[Future[object]] = []
        for number, work in enumerate(works, 1):
            others.append(threads.submit(work))
            wait_until(lambda number=number: database.lane(organization.id).waiting == number)  # type: ignore[misc]
        go.set()
        first.result(PATIENCE)
        return [one.exception(PATIENCE) or one.result() for one in others]


def wait_until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.001)


def creating(organization: Organization, name: str) -> Work:
    context = Context(organization.database, organization.id, PROVIDER)
    return lambda: people.create(context, described(name, "Artist"))


def writing(organization: Organization, work: Callable[[Write], Any], *, undo: bool = False) -> Work:
    return lambda: organization.database.write(organization.id, OPERATOR, work, undo=undo)


def resumed(write: Write) -> int:
    return events.append(write, OrganizationResumed())


def test_waiting_writes_are_committed_together_and_in_order(database: Database, commits: list[str]) -> None:
    organization = Organization(database, {"standard": 2}, "queue")
    names = [f"{name}@example.com" for name in ("ann", "bob", "cy", "dee")]
    commits.clear()

    at_once(organization, *(creating(organization, name) for name in names))

    assert commits == ["commit"]
    state = organization.state()
    assert state["queue"] == names[2:]
    organization.recount()


def test_in_one_batch_the_second_create_of_a_user_name_is_refused(
    database: Database, commits: list[str]
) -> None:
    organization = Organization(database, {"standard": 3}, "reject")
    commits.clear()

    answers = at_once(
        organization, *(creating(organization, name) for name in ("ann@example.com", "ANN@example.com"))
    )

    assert [type(answer).__name__ for answer in answers] == ["Saved", "Uniqueness"]
    assert commits == ["commit"]
    organization.recount()


def fails_after_writing(write: Write) -> None:
    resumed(write)
    write.clock.people += 5
    seats.move(write, "standard", assigned=1)
    write.connection.execute(
        text("UPDATE seat_pool SET alerted = 8 WHERE organization = :org"), {"org": write.organization}
    )
    raise ZeroDivisionError


def ends_the_process(write: Write) -> None:
    resumed(write)
    raise SystemExit


def breaks_a_rule_of_the_database(write: Write) -> None:
    resumed(write)
    seats.move(write, "standard", assigned=99)


def writes_a_number_twice(write: Write) -> None:
    number = resumed(write)
    write.reserved.add(number)
    events.append(write, OrganizationResumed(), number)


FAILING: dict[str, tuple[Callable[[Write], None], type[BaseException]]] = {
    "after it has written": (fails_after_writing, ZeroDivisionError),
    "by leaving the process": (ends_the_process, SystemExit),
    "on the seats of the plan": (breaks_a_rule_of_the_database, IntegrityError),
    "on a key that is taken": (writes_a_number_twice, IntegrityError),
}


@pytest.mark.parametrize(("failing", "error"), FAILING.values(), ids=FAILING.keys())
def test_a_failed_unit_of_a_batch_undoes_only_itself(
    database: Database, failing: Callable[[Write], None], error: type[BaseException]
) -> None:
    organization = Organization(database, {"standard": 2}, "reject")

    answers = at_once(
        organization,
        creating(organization, "ann@example.com"),
        writing(organization, failing),
        creating(organization, "bob@example.com"),
        creating(organization, "cy@example.com"),
    )

    assert [type(answer) for answer in answers][1] is error
    assert [type(answer).__name__ for answer in answers] == ["Saved", error.__name__, "Saved", "Refused"]
    assert organization.seated() == dict.fromkeys(
        ["ann@example.com", "bob@example.com"], "seated on standard"
    )
    assert alerted(organization) == 7  # by two of two seats, without the failed unit
    organization.recount()


@pytest.mark.parametrize("first", [True, False])
def test_a_preview_in_a_batch_changes_nothing(database: Database, first: bool) -> None:  # noqa: FBT001
    organization = Organization(database, {"standard": 2}, "reject")
    preview = writing(organization, lambda write: seats.move(write, "standard", assigned=2), undo=True)
    works = [creating(organization, "ann@example.com"), preview, creating(organization, "bob@example.com")]

    answers = at_once(organization, *(works[1:] + works[:1] if first else works))

    assert not [answer for answer in answers if isinstance(answer, BaseException)]
    assert len(organization.seated()) == 2
    organization.recount()


def test_no_write_of_a_batch_returns_before_the_commit(database: Database) -> None:
    organization = Organization(database, {"standard": 3}, "reject")
    answered_before: list[int] = []
    returned: list[str] = []

    def create(name: str) -> Work:
        def work() -> None:
            creating(organization, name)()
            returned.append(name)

        return work

    def note(_connection: object) -> None:
        time.sleep(0.1)
        answered_before.append(len(returned))

    event.listen(database.writer, "commit", note)
    try:
        at_once(organization, *(create(f"{name}@example.com") for name in ("ann", "bob", "cy")))
    finally:
        event.remove(database.writer, "commit", note)

    assert answered_before[0] == 0
    assert sorted(returned) == ["ann@example.com", "bob@example.com", "cy@example.com"]


def test_after_a_failed_commit_every_write_of_the_batch_raises_commit_uncertain(database: Database) -> None:
    organization = Organization(database, {"standard": 3}, "reject")

    def refuse(_connection: object) -> None:
        raise OSError("the disk is gone")

    event.listen(database.writer, "commit", refuse)
    try:
        answers = at_once_or_raise(organization)
    finally:
        event.remove(database.writer, "commit", refuse)

    assert {type(answer).__name__ for answer in answers} == {"CommitUncertain"}
    assert organization.seated() == {}
    creating(organization, "ann@example.com")()
    organization.recount()


def alerted(organization: Organization) -> object:
    query = text("SELECT alerted FROM seat_pool WHERE organization = :org AND tier = 'standard'")
    with organization.database.reader.connect() as connection:
        return connection.execute(query, {"org": organization.id}).scalar()


def at_once_or_raise(organization: Organization) -> list[object]:
    try:
        return at_once(
            organization, *(creating(organization, f"{name}@example.com") for name in ("ann", "bob"))
        )
    except Exception as error:  # noqa: BLE001 - the unit that holds the lane fails like the others
        return [error]
