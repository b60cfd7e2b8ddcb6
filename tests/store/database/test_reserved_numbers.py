"""Numbers of the history are reserved before the rows that need them, and none is lost."""

from collections.abc import Callable, Iterator

import pytest

from scim_server.history import OrganizationResumed, OrganizationSuspended
from scim_server.store.database.session import OPERATOR, Database, Write
from scim_server.store.errors import BrokenHistory
from scim_server.store.rows import events
from tests.support.builders.customer import Customer, moved

START = "2026-03-02T12:00:00"


@pytest.fixture(autouse=True)
def real_time_afterwards(database: Database) -> Iterator[None]:
    with moved(database):
        yield


def broken(work: Callable[[Write], None], database: Database) -> str:
    """The error of a write that breaks the history; the write changes nothing."""
    acme = Customer(database, START, None, {"standard": 1})
    before = numbers(acme)

    with pytest.raises(BrokenHistory) as raised:
        database.write(acme.id, OPERATOR, work)

    assert numbers(acme) == before
    return str(raised.value)


def numbers(acme: Customer) -> list[int]:
    return sorted(row.sequence for row in acme.rows("SELECT * FROM events"))


def test_a_reserved_number_that_is_not_appended_undoes_the_write(database: Database) -> None:
    def work(write: Write) -> None:
        write.reserve()
        events.append(write, OrganizationSuspended())

    assert broken(work, database).startswith("reserved and not appended")


def test_a_number_that_was_not_reserved_is_refused(database: Database) -> None:
    def work(write: Write) -> None:
        events.append(write, OrganizationSuspended(), write.last_number + 1)

    assert broken(work, database).startswith("not reserved")


def test_an_event_number_is_appended_once(database: Database) -> None:
    def work(write: Write) -> None:
        number = write.reserve()
        events.append(write, OrganizationSuspended(), number)
        events.append(write, OrganizationResumed(), number)

    assert broken(work, database).startswith("not reserved")


def test_a_preview_that_omits_a_reserved_number_is_also_refused(database: Database) -> None:
    acme = Customer(database, START, None, {"standard": 1})

    with pytest.raises(BrokenHistory):
        database.write(acme.id, OPERATOR, lambda write: write.reserve(), undo=True)


def test_a_reserved_number_may_be_appended_after_later_ones(database: Database) -> None:
    acme = Customer(database, START, None, {"standard": 1})

    def work(write: Write) -> tuple[int, int]:
        first = write.reserve()
        second = events.append(write, OrganizationResumed())
        events.append(write, OrganizationSuspended(), first)
        return first, second

    first, second = database.write(acme.id, OPERATOR, work)

    types = {row.sequence: row.type for row in acme.rows("SELECT * FROM events")}
    assert second == first + 1
    assert (types[first], types[second]) == (OrganizationSuspended.type, OrganizationResumed.type)
    assert numbers(acme) == list(range(1, second + 1))


def test_a_part_that_fails_alone_returns_its_numbers(database: Database) -> None:
    acme = Customer(database, START, None, {"standard": 1})

    def fail(write: Write) -> None:
        write.reserve(3)
        raise ValueError("alone")

    def work(write: Write) -> int:
        with pytest.raises(ValueError, match="alone"):
            write.attempt(lambda: fail(write))
        return events.append(write, OrganizationSuspended())

    last = database.write(acme.id, OPERATOR, work)

    assert numbers(acme) == list(range(1, last + 1))
