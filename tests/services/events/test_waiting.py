"""A reader may wait for the next event."""

import threading
import time

import pytest
from sqlalchemy.pool import QueuePool

from scim_server.services.events import queries
from scim_server.services.events.queries import Events
from scim_server.store.database.session import Database
from tests.support.builders.organization import ANN, Organization, described

LONG = 25.0


@pytest.fixture
def acme(database: Database) -> Organization:
    return Organization(database, {"standard": 9}, "queue")


@pytest.mark.parametrize("of_all", [False, True])
def test_a_waiting_reader_gets_the_event_that_is_appended_and_uses_no_connection_before(
    database: Database, acme: Organization, *, of_all: bool
) -> None:
    begin = queries.end_of_all(database) if of_all else queries.end(acme.context())
    answers: list[Events] = []

    def wait() -> None:
        if of_all:
            answers.append(queries.after_of_all(database, begin, wait=LONG))
        else:
            answers.append(queries.after(acme.context(), begin, wait=LONG))

    pool = database.reader.pool
    assert isinstance(pool, QueuePool)
    began = time.monotonic()
    waiting = threading.Thread(target=wait)
    waiting.start()
    unused = 0
    while unused == 0:  # it looks for a moment, and then uses no connection
        time.sleep(queries.LOOKS_EVERY / 3)
        unused += pool.checkedout() == 0
    acme.create(described(ANN, "Artist"))
    waiting.join()

    assert [(one.organization, one.type) for one in answers[0].data] == [(acme.id, "person.provisioned")]
    assert time.monotonic() - began < LONG


def test_a_reader_who_waits_in_vain_gets_the_same_cursor(acme: Organization) -> None:
    begin = queries.end(acme.context())

    answer = queries.after(acme.context(), begin, wait=2 * queries.LOOKS_EVERY)

    assert answer == Events((), begin, more=False)


def test_the_cursor_moves_past_events_of_other_types_while_a_reader_waits(acme: Organization) -> None:
    begin = queries.end(acme.context())
    acme.create(described(ANN, "Artist"))

    answer = queries.after(acme.context(), begin, types=["token.created"], wait=2 * queries.LOOKS_EVERY)

    assert answer == Events((), queries.end(acme.context()), more=False)
