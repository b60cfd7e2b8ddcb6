"""No algorithm depends on the size of the group or of the directory.

Asserted of the statements that the application sends to the database for one request: they are as many
among 10 people as among 10,000, and as many for a group of 10 as for one of 10,000. Marks of transactions
and savepoints are not counted. Where a request names 1,000 people, the small group is in an organization
of 1,010.
"""

from collections.abc import Callable

import httpx
import pytest

from scim_server.services.billing import due
from scim_server.store.database import schema
from tests.api.in_process import inside
from tests.api.statement_counts import (
    Act,
    Place,
    Places,
    a_member,
    all_sent,
    delete,
    get,
    patch_profile,
    put_person,
    sent,
    set_active,
    whole,
)
from tests.conftest import DIALECTS

PEOPLE_ROUTES: dict[str, Act] = {
    "create": lambda where: lambda: where.client.post("/Users", json=whole()),
    "get": lambda where: get(where, a_member(where)),
    "list a page of 5": lambda where: get(where, "/Users", count="5"),
    "list a later page of 5": lambda where: get(where, "/Users", count="5", startIndex="4"),
    "list by cursor": lambda where: get(where, "/Users", count="5", cursor=""),
    "filter by userName": lambda where: get(where, "/Users", filter='userName eq "User7@example.com"'),
    "filter by e-mail": lambda where: get(where, "/Users", filter='emails.value eq "work7@example.com"'),
    "PUT": put_person,
    "PATCH of the profile": patch_profile,
    "PATCH active false": lambda where: set_active(where, to=False),
    "PATCH active true": lambda where: set_active(where, to=True),
    "DELETE": lambda where: delete(where, a_member(where)),
}


@pytest.mark.parametrize("act", PEOPLE_ROUTES.values(), ids=PEOPLE_ROUTES.keys())
def test_a_request_about_one_person_sends_the_same_statements_in_any_size_of_directory(
    places: Places, act: Act
) -> None:
    assert sent(places.large, act(places.large)) == sent(places.small, act(places.small))


WRITES = {
    "create": (9, 4),
    "PUT": (10, 7),
    "PATCH of the profile": (10, 7),
    "PATCH active false": (11, 7),
    "PATCH active true": (9, 6),
    "DELETE": (14, 11),
}


"""Statements of each on SQLite and on PostgreSQL, which takes the last changes of a write as one."""


@pytest.mark.parametrize("route", WRITES)
def test_a_write_sends_at_most_the_listed_number_of_statements(places: Places, route: str) -> None:
    statements = sent(places.small, PEOPLE_ROUTES[route](places.small))

    at_most = WRITES[route][DIALECTS.index(places.small.at.database.dialect)]
    assert len(statements) <= at_most, statements


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_refused_create_sends_at_most_one_statement_more_than_a_successful_one(
    dialect: str, new_url: Callable[[str], str]
) -> None:
    """It asks whether the person was refused before."""
    database = due.opened(new_url(dialect))
    schema.upgrade(database)
    with inside(database, {"standard": 100}) as at:
        where = Place(at, [], [], "")
        created = sent(where, PEOPLE_ROUTES["create"](where))
    with inside(database, {"standard": 1}) as at:
        left_out = whole()

        def create_left_out() -> httpx.Response:
            return at.client.post("/Users", json=left_out)

        for body in (whole(), whole()):  # the burst of refusals begins with the second
            at.client.post("/Users", json=body)
        refused, again = (sent(Place(at, [], [], ""), create_left_out, succeeds=False) for _ in range(2))
    database.close()

    assert max(len(refused), len(again)) <= len(created) + 1


SINGLE_READS: dict[str, Act] = {
    name: PEOPLE_ROUTES[name]
    for name in (
        "get",
        "list a page of 5",
        "list a later page of 5",
        "list by cursor",
        "filter by userName",
        "filter by e-mail",
    )
} | {
    "get as attributes": lambda where: get(where, f"/Users/{where.members[0]}", attributes="userName"),
    "filter by familyName": lambda where: get(where, "/Users", filter='name.familyName eq "nobody"'),
    "the number of all": lambda where: get(where, "/Users", count="0"),
    "the number of some": lambda where: get(where, "/Users", count="0", filter="active eq true"),
    "a group without members": lambda where: get(
        where, f"/Groups/{where.group}", excludedAttributes="members"
    ),
    "groups without members": lambda where: get(where, "/Groups", excludedAttributes="members"),
    "groups of a member": lambda where: get(
        where,
        "/Groups",
        filter=f'members.value eq "{where.members[0]}"',
        excludedAttributes="members",
    ),
}


@pytest.mark.parametrize("act", SINGLE_READS.values(), ids=SINGLE_READS.keys())
def test_a_read_sends_one_statement_without_a_transaction(places: Places, act: Act) -> None:
    assert len(all_sent(places.large, act(places.large))) == 1


def test_a_page_with_further_matches_is_read_with_their_number_in_one_transaction(
    places: Places,
) -> None:
    def page() -> list[str]:
        return all_sent(
            places.large, get(places.large, "/Users", filter='displayName eq "Person"', count="5")
        )

    page()  # the first time shows that there is more
    marks = ["BEGIN"] if places.large.at.database.dialect == "sqlite" else []

    sent_now = [one.split()[0] for one in page()]

    assert sent_now == [*marks, "SELECT", "SELECT"]


def test_a_page_of_fifty_sends_the_same_statements_in_any_size_of_directory(places: Places) -> None:
    middle, large = (sent(where, get(where, "/Users", count="50")) for where in (places.middle, places.large))

    assert large == middle


def test_a_page_of_fifty_sends_as_many_statements_as_one_of_five(places: Places) -> None:
    five, fifty = (len(sent(places.large, get(places.large, "/Users", count=count))) for count in ("5", "50"))

    assert fifty == five


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_create_below_every_threshold_sends_no_statements_for_alerts(
    dialect: str, new_url: Callable[[str], str]
) -> None:
    """The counters are read once and moved once; what follows is seen in what the move returns."""
    database = due.opened(new_url(dialect))
    schema.upgrade(database)
    with inside(database, {"standard": 5}) as at:
        where = Place(at, [], [], "")
        creating = PEOPLE_ROUTES["create"](where)
        below = [sent(where, creating) for _ in range(3)]
        crossing = sent(where, creating)
    database.close()

    assert below[0] == below[1] == below[2]
    assert sum("UPDATE seat_pool" in one for one in below[0]) == 1
    assert sum("FROM organizations LEFT OUTER JOIN seat_pool" in one for one in below[0]) == 1
    # The alerts sent for the tier, the event, and the recipients.
    more = "\n".join(one for one in crossing if one not in below[0])
    assert [one for one in ("alerted=", "DELETE FROM mails", "role IN") if one not in more] == []
    assert len(crossing) <= len(below[0]) + 5
