"""A filled directory has the same rows as one whose people were created one by one."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from benchmarks.corpus import mark, person, person_id
from benchmarks.filling.directory import PROVIDER, fill
from benchmarks.filling.multiply import tables_of_people
from benchmarks.sizes import MIXED, WAITING
from scim_server.protocol.directory import STANDARD
from scim_server.protocol.user import parse_user
from scim_server.services.billing import due
from scim_server.services.context import Context
from scim_server.services.organizations.queries import find
from scim_server.services.people import commands
from scim_server.services.people.provision import Saved
from scim_server.store.database import check, schema
from scim_server.store.database.session import Database, timestamp
from scim_server.store.tables import people
from tests.conftest import DIALECTS

OF_THE_MOMENT = ("sequence", "created", "modified", "touched", "at")


@pytest.fixture(scope="module", params=DIALECTS)
def filled(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> Iterator[Database]:
    database = due.opened(new_url(request.param))
    schema.upgrade(database)
    fill(database, 150)
    yield database
    database.close()


def rows_of(
    database: Database, organization: str, series: str, number: int, id_: str
) -> dict[str, list[str]]:
    """Every row of a person, by table, without values that differ between any two people."""
    marks = {mark(series, number): "MARK", id_: "ID"}
    found = {}
    with database.snapshot() as connection:
        for table, id_column in tables_of_people():
            same = [column for column in table.columns if column.name not in OF_THE_MOMENT]
            here = (table.c.organization == organization) & (id_column == id_)
            text = [str(tuple(row)) for row in connection.execute(select(*same).where(here))]
            for old, new in marks.items():
                text = [row.replace(old, new) for row in text]
            found[table.name] = sorted(text)
    return found


def test_every_counter_of_a_filled_database_is_correct(filled: Database) -> None:
    with filled.snapshot() as connection:
        assert check.problems(connection, timestamp(filled.now())) == []


def test_a_filled_person_has_the_same_rows_as_a_created_one(filled: Database) -> None:
    main = find(filled, "main").id
    user = parse_user(person("z", 7), STANDARD.user_reader(seats=False, strict=False))

    created = commands.create(Context(filled, main, PROVIDER), user)

    assert isinstance(created, Saved)
    of_one = rows_of(filled, main, "p", 7, person_id("main", 7))
    of_other = rows_of(filled, main, "z", 7, created.person.id)
    assert of_one.pop("group_members")
    assert of_one == {table: rows for table, rows in of_other.items() if table != "group_members"}
    assert len(of_one["people"]) == len(of_one["person_values"]) == len(of_one["events"]) == 1


def test_a_filled_queue_has_waiting_people_and_a_mapped_group_gives_its_tier(
    filled: Database,
) -> None:
    with filled.snapshot() as connection:
        waiting = connection.execute(
            select(people.c.arrival).where(
                people.c.organization == find(filled, WAITING).id, people.c.wants == "any"
            )
        )
        premium = connection.execute(
            select(people.c.id).where(
                people.c.organization == find(filled, MIXED).id, people.c.tier == "premium"
            )
        )

        assert len(set(waiting.scalars())) == 150
        assert len(premium.all()) == 100
