"""Which removals by a provider are a mass removal, and when it is detected."""

import pytest

from scim_server.protocol.user import parse_user
from scim_server.services.context import Context
from scim_server.services.people import commands as people
from scim_server.store.database.session import OPERATOR, Database
from tests.support.builders.customer import USERS
from tests.support.builders.removing import RemovalCustomer, names


def noticed(acme: RemovalCustomer) -> list[tuple[int, int]]:
    """How many had left, of how many, of each removal."""
    return [(len(one.people), one.removal.members) for one in acme.removals()]


@pytest.mark.parametrize(
    ("there", "leave", "expected"),
    [
        (90, 19, []),  # 21.1 %, and too few
        (100, 20, []),  # 20 % exactly
        (99, 20, [(20, 99)]),  # 20.2 %
        (101, 20, []),
        (101, 21, [(21, 101)]),
        (20, 20, [(20, 20)]),
    ],
)
def test_removals_of_more_than_a_fifth_and_at_least_twenty_people_are_mass_removals(
    database: Database, there: int, leave: int, expected: list[tuple[int, int]]
) -> None:
    acme = RemovalCustomer(database, {"standard": 101})
    everybody = [f"n{number}" for number in range(there)]
    acme.provision(*everybody)

    acme.deactivate(everybody[:leave])

    assert noticed(acme) == expected
    acme.recount()


def test_a_person_removed_more_than_ten_minutes_before_does_not_count(database: Database) -> None:
    acme = RemovalCustomer(database, {"standard": 50})
    acme.provision(*names(1, 50))
    acme.deactivate(names(1, 10))
    acme.today = "2026-03-01T09:09:59"
    acme.deactivate(names(11, 19))
    acme.today = "2026-03-01T09:10:01"

    acme.deactivate(names(20, 28))  # 18 within ten minutes
    few = noticed(acme)
    acme.deactivate(names(29, 30))

    assert (few, noticed(acme)) == ([], [(20, 40)])
    acme.recount()


def test_a_removal_exactly_ten_minutes_before_counts(database: Database) -> None:
    acme = RemovalCustomer(database, {"standard": 50})
    acme.provision(*names(1, 50))
    acme.deactivate(names(1, 10))
    acme.today = "2026-03-01T09:10:00"

    acme.deactivate(names(11, 20))

    assert noticed(acme) == [(20, 50)]


def test_a_returned_person_does_not_count_and_no_person_counts_twice(database: Database) -> None:
    acme = RemovalCustomer(database, {"standard": 60})
    acme.provision(*names(1, 60))
    for _ in range(5):
        acme.deactivate(names(1, 8))
        acme.activate(names(1, 8))
    acme.deactivate(names(9, 20))  # with the eight who are back, twenty have left
    acme.delete(names(9, 20))

    assert noticed(acme) == []
    acme.recount()


def test_no_person_has_two_held_seats(database: Database) -> None:
    acme = RemovalCustomer(database, {"standard": 60})
    acme.provision(*names(1, 40))
    acme.deactivate(["p01"])
    acme.activate(["p01"])

    acme.deactivate(names(1, 20))

    assert (noticed(acme), acme.pool()) == ([(20, 40)], (60, 20, 20, 0))
    acme.recount()


def test_removals_by_an_admin_do_not_count(database: Database) -> None:
    acme = RemovalCustomer(database, {"standard": 30})
    acme.provision(*names(1, 30))

    for name in names(1, 30):
        gone = parse_user({"userName": f"{name}@example.com", "active": False}, USERS)
        people.replace(Context(database, acme.id, OPERATOR), acme.person(name).id, gone)

    assert (noticed(acme), acme.pool()) == ([], (30, 0, 0, 0))
    acme.recount()


def test_a_mass_removal_continues_until_ten_minutes_pass_without_a_removal(database: Database) -> None:
    acme = RemovalCustomer(database, {"standard": 90})
    acme.provision(*names(1, 90))
    acme.deactivate(names(1, 20))
    for minute, first in ((8, 21), (17, 31), (26, 41)):
        acme.today = f"2026-03-01T09:{minute:02}"
        acme.deactivate(names(first, first + 9))
    acme.today = "2026-03-01T09:37"

    acme.deactivate(names(51, 60))

    assert noticed(acme) == [(50, 90)]
    assert acme.events().count("removal.detected") == 1
    assert acme.pool() == (90, 30, 50, 0)
    acme.recount()


def test_a_mass_removal_by_one_bulk_request_is_detected_within_the_request(database: Database) -> None:
    acme = RemovalCustomer(database, {"standard": 30}, overflow="queue")
    acme.provision(*names(1, 31))
    operations = [{"method": "DELETE", "path": f"/Users/{acme.person(name).id}"} for name in names(1, 30)]

    acme.bulk(operations)

    # The first nineteen were not many yet: one of their seats went to p31, who waited.
    assert (noticed(acme), acme.pool()) == ([(30, 31)], (30, 1, 29, 0))
    acme.recount()
