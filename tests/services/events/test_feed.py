"""The feed has every event of every organization once, and those of an organization in their order."""

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import event, make_url, text

from scim_server.history import CATALOGUE, DomainAdded
from scim_server.services.billing import due
from scim_server.services.errors import CursorLost, InvalidCursor
from scim_server.services.events import commands, queries
from scim_server.services.events.queries import Events
from scim_server.store.database import schema
from scim_server.store.database.session import Database
from scim_server.store.rows import events
from tests.conftest import DIALECTS
from tests.support.builders.organization import ANN, BOB, CY, DEE, Organization, described

EVERY_TYPE = tuple(CATALOGUE)
LONG = 20


@pytest.fixture
def acme(database: Database) -> Organization:
    return Organization(database, {"standard": 9}, "queue")


@pytest.fixture
def globex(database: Database) -> Organization:
    return Organization(database, {"standard": 9}, "queue")


def read_on(database: Database, cursor: str | None, limit: int = 200) -> tuple[list[tuple[str, int]], str]:
    """Everything after a cursor, in steps of a length, and the cursor after it."""
    places = []
    while True:
        found = queries.after_of_all(database, cursor, types=EVERY_TYPE, limit=limit)
        places += [(one.organization, one.sequence) for one in found.data]
        cursor = found.cursor
        if not found.more:
            return places, cursor


def create(organization: Organization, *names: str) -> None:
    for name in names:
        organization.create(described(name, "Artist"))


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
def test_a_reader_gets_every_event_of_every_organization_in_steps_of_any_length(
    database: Database, acme: Organization, globex: Organization, limit: int
) -> None:
    begin = queries.end_of_all(database)
    create(acme, ANN, BOB)
    create(globex, ANN)
    first, middle = read_on(database, begin, limit)
    create(acme, CY)
    acme.add({"standard": 1})

    second, _ = read_on(database, middle, limit)

    assert sorted(first) == sorted([(acme.id, 3), (acme.id, 4), (globex.id, 3)])
    assert [place for place in first if place[0] == acme.id] == [(acme.id, 3), (acme.id, 4)]
    assert second == [(acme.id, 5), (acme.id, 6)]


def test_a_step_may_end_within_the_events_of_one_transaction(database: Database, acme: Organization) -> None:
    create(acme, *(f"w{number}@example.com" for number in range(14)))
    begin = queries.end_of_all(database)
    acme.add({"standard": 5})  # five people leave the queue in the transaction of the purchase

    places, _ = read_on(database, begin, limit=2)

    last = max(number for _, number in places)
    assert places == [(acme.id, number) for number in range(last - 5, last + 1)]


def test_the_events_of_a_new_organization_are_in_the_feed(database: Database) -> None:
    begin = queries.end_of_all(database)
    new = Organization(database, {"standard": 1}, "reject")

    places, _ = read_on(database, begin)

    assert places == [(new.id, 1), (new.id, 2)]


def test_a_write_without_an_event_leaves_no_mark(database: Database, acme: Organization) -> None:
    commands.extend(database)

    acme.nothing()

    assert marks(database) == 0


def test_marks_are_deleted_once_the_events_are_in_the_feed(database: Database, acme: Organization) -> None:
    create(acme, ANN, BOB)

    taken = [commands.extend(database), commands.extend(database)]

    assert taken[0] >= 2
    assert taken[1] == 0
    assert marks(database) == 0


def marks(database: Database) -> int:
    with database.snapshot() as connection:
        return int(connection.execute(text("SELECT COUNT(*) FROM unfed")).scalar_one())


@pytest.fixture
def on_postgresql(new_url: Callable[[str], str]) -> Iterator[Database]:
    """Transactions of different organizations overlap there; on SQLite, one writes after the other."""
    opened = due.opened(new_url("postgresql"))
    schema.upgrade(opened)
    yield opened
    opened.close()


def test_an_event_that_is_committed_after_later_ones_is_not_missed(on_postgresql: Database) -> None:
    acme, globex = (Organization(on_postgresql, {"standard": 9}, "queue") for _ in range(2))
    begin = queries.end_of_all(on_postgresql)
    written, commit = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        """Everything is written, and the commit of the first transaction waits."""
        if threading.current_thread() is early:
            written.set()
            assert commit.wait(LONG)

    early = threading.Thread(target=create, args=(acme, ANN))
    event.listen(on_postgresql.writer, "commit", hold)
    early.start()
    assert written.wait(LONG)
    create(globex, BOB)
    before, middle = read_on(on_postgresql, begin)
    commit.set()
    early.join()
    after, _ = read_on(on_postgresql, middle)

    assert (before, after) == ([(globex.id, 3)], [(acme.id, 3)])


def test_events_of_a_version_that_leaves_no_marks_are_found_with_the_next_event(
    database: Database, acme: Organization
) -> None:
    begin = queries.end_of_all(database)
    create(acme, ANN)
    forget_marks(database)
    create(acme, BOB)

    places, _ = read_on(database, begin)

    assert places == [(acme.id, 3), (acme.id, 4)]


def test_events_of_a_version_that_leaves_no_marks_are_found_once_a_day(
    database: Database, acme: Organization
) -> None:
    begin = queries.end_of_all(database)
    create(acme, ANN)
    forget_marks(database)

    missed = [commands.mark_missed(database), commands.mark_missed(database)]

    assert missed == [1, 0]
    assert read_on(database, begin)[0] == [(acme.id, 3)]
    assert commands.mark_missed(database) == 0


def forget_marks(database: Database) -> None:
    with database.writer.begin() as connection:
        connection.execute(text("DELETE FROM unfed"))


def test_the_history_of_one_organization_is_read_in_steps(acme: Organization) -> None:
    create(acme, ANN, BOB, CY)
    context, cursor = acme.context(), None
    steps: list[Events] = []

    for _ in range(3):
        steps.append(queries.after(context, cursor, types=EVERY_TYPE, limit=2))
        cursor = steps[-1].cursor
    create(acme, DEE)
    later = queries.after(context, cursor, types=EVERY_TYPE, limit=2)

    assert [numbers(one.data) for one in (*steps, later)] == [[1, 2], [3, 4], [5], [6]]
    assert [one.more for one in (*steps, later)] == [True, True, False, False]


def numbers(data: Sequence[queries.Appended]) -> list[int]:
    return [one.sequence for one in data]


def test_only_public_events_of_the_wanted_types_are_read_and_the_cursor_moves_past_others(
    acme: Organization,
) -> None:
    create(acme, ANN)
    acme.write(lambda write: events.append(write, DomainAdded(domain="example.com")))  # an internal event

    public = queries.after(acme.context())
    tokens = queries.after(acme.context(), types=["token.created"])
    none = queries.after(acme.context(), tokens.cursor, types=["token.created"])

    assert [one.type for one in public.data] == [
        "organization.created",
        "token.created",
        "person.provisioned",
    ]
    assert [one.type for one in tokens.data] == ["token.created"]
    assert none.data == ()
    assert public.cursor == tokens.cursor == none.cursor == queries.end(acme.context())


def test_a_cursor_of_another_list_is_refused(
    database: Database, acme: Organization, globex: Organization
) -> None:
    of_acme, of_all = queries.end(acme.context()), queries.end_of_all(database)

    for cursor in (of_all, queries.end(globex.context()), "", "x", "ä", of_acme + "0" * 9):
        with pytest.raises(InvalidCursor):
            queries.after(acme.context(), cursor)
    with pytest.raises(InvalidCursor):
        queries.after_of_all(database, of_acme)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_cursor_of_a_history_that_was_lost_in_a_restore_is_recognized(
    dialect: str, new_url: Callable[[str], str]
) -> None:
    with new(new_url(dialect)) as original:
        acme = Organization(original, {"standard": 9}, "queue")
        kept = queries.end(acme.context()), queries.end_of_all(original)
    backup = copied(original.url)
    with new(original.url) as acme.database:
        create(acme, ANN)
        lost = queries.end(acme.context()), queries.end_of_all(acme.database)

    with new(backup) as restored:
        acme.database = restored
        expected: list[list[int]] = [[], [3]]
        for after_restore in expected:
            with pytest.raises(CursorLost):
                queries.after(acme.context(), lost[0])
            with pytest.raises(CursorLost):
                queries.after_of_all(restored, lost[1])
            assert numbers(queries.after(acme.context(), kept[0]).data) == after_restore
            assert numbers(queries.after_of_all(restored, kept[1]).data) == after_restore
            create(acme, BOB)  # the places of the lost events now have others


@contextmanager
def new(url: str) -> Iterator[Database]:
    opened = due.opened(url)
    schema.upgrade(opened)
    yield opened
    opened.close()


def copied(text_: str) -> str:
    """A copy of a database to which nothing is connected."""
    url = make_url(text_)
    backup = url.set(database=f"{url.database}_backup")
    if url.get_backend_name() == "sqlite":
        shutil.copy(str(url.database), str(backup.database))
    else:
        name = url.set(database="postgres").render_as_string(hide_password=False)
        with psycopg.connect(name, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{backup.database}" TEMPLATE "{url.database}"'.encode())
    return backup.render_as_string(hide_password=False)
