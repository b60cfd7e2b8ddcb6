"""A filled directory is as if its people had been created one by one."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from benchmarks.corpus import mark, person, person_id
from benchmarks.filling.directory import PROVIDER, fill
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
from scim_server.store.tables import people, person_values
from tests.conftest import DIALECTS

OF_THE_MOMENT = ("id", "sequence", "created", "modified", "touched")


@pytest.fixture(scope="module", params=DIALECTS)
def filled(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> Iterator[Database]:
    database = due.opened(new_url(request.param))
    schema.upgrade(database)
    fill(database, 150)
    yield database
    database.close()


def row_of(database: Database, organization: str, person: str) -> dict[str, Any]:
    here = (people.c.organization == organization) & (people.c.id == person)
    with database.snapshot() as connection:
        return dict(connection.execute(select(people).where(here)).mappings().one())


def test_every_counter_of_a_filled_database_is_right(filled: Database) -> None:
    with filled.snapshot() as connection:
        assert check.problems(connection, timestamp(filled.now())) == []


def test_a_filled_person_is_the_one_that_a_create_makes(filled: Database) -> None:
    main = find(filled, "main").id
    user = parse_user(person("z", 7), STANDARD.user_reader(seats=False, strict=False))

    created = commands.create(Context(filled, main, PROVIDER), user)

    assert isinstance(created, Saved)
    one, other = row_of(filled, main, person_id("main", 7)), row_of(filled, main, created.person.id)
    same = [name for name in one if name not in OF_THE_MOMENT]
    assert {name: str(one[name]).replace(mark("p", 7), mark("z", 7)) for name in same} == {
        name: str(other[name]) for name in same
    }
    here = (person_values.c.organization == main) & (person_values.c.person == person_id("main", 7))
    with filled.snapshot() as connection:
        assert connection.execute(select(person_values.c.value).where(here)).scalars().all() == [
            f"person.{mark('p', 7)}@example.com"
        ]


def test_people_wait_where_a_queue_is_wanted_and_members_of_a_mapped_group_have_its_tier(
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
