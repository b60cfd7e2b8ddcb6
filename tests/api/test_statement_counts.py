"""No algorithm depends on the size of the group or of the directory.

Asserted of the statements that the application sends to the database for one request: they are as many
among 10 people as among 10,000, and as many for a group of 10 as for one of 10,000. Marks of transactions
and savepoints are not counted. Where a request names 1,000 people, the small group is in an organization
of 1,010.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import event, insert, select

from scim_server.protocol.dialects import TOLERANT
from scim_server.protocol.group import Member
from scim_server.protocol.resources import USER
from scim_server.protocol.schemas import ResourceSchema
from scim_server.protocol.user import parse_user
from scim_server.services.billing import due
from scim_server.services.people import provision
from scim_server.store import tables
from scim_server.store.database import schema
from scim_server.store.database.session import OPERATOR, Database, Write
from scim_server.store.rows import groups, seats
from scim_server.store.rows.organizations import Organization
from tests.api.in_process import Inside, inside
from tests.api.wire import ENTERPRISE, PATCH_OP, create, create_group, user_name
from tests.conftest import DIALECTS

FEW, MANY, NEW_PEOPLE = 10, 10_000, 1_000
READER = ResourceSchema(USER, TOLERANT)
MARKS = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


@dataclass(frozen=True)
class Place:
    """An organization with a group of `size` people in it, and with others who are in no group.

    Attributes:
        members, outsiders: their ids.
        group: of the group of all members.
    """

    at: Inside
    members: list[str]
    outsiders: list[str]
    group: str

    @property
    def group_path(self) -> str:
        """Where it is changed; a PATCH that names attributes is answered alike at every size."""
        return f"/Groups/{self.group}?attributes=displayName"

    @property
    def client(self) -> httpx.Client:
        return self.at.client


@dataclass(frozen=True)
class Places:
    """The same in three sizes.

    Attributes:
        small: 10 people, all in one group.
        middle: the same, and 1,000 more.
        large: 10,000 people, all in one group, and 1,000 more.
    """

    small: Place
    middle: Place
    large: Place


@contextmanager
def place(database: Database, members: int, outsiders: int) -> Iterator[Place]:
    size = members + outsiders
    with inside(database, {"standard": size + 1_000}) as at:
        ids = database.write(at.organization.id, OPERATOR, lambda write: settle(write, at.organization, size))
        group = create_group(at.client, *ids[:members])["id"]
        yield Place(at, ids[:members], ids[members:], group)


def settle(write: Write, organization: Organization, size: int) -> list[str]:
    """People on seats: one by the way of all, the others as copies of their rows, which takes seconds."""
    body: dict[str, Any] = {
        "userName": "user0@example.com",
        "displayName": "Person",
        "emails": [{"type": "work", "value": "work0@example.com"}],
    }
    first = provision.create(write, organization, parse_user(body, READER))
    assert isinstance(first, provision.Saved)
    row, value = (
        dict(write.connection.execute(select(table).where(mine)).one()._mapping)
        for table, mine in (
            (tables.people, tables.people.c.id == first.person.id),
            (tables.person_values, tables.person_values.c.person == first.person.id),
        )
    )
    ids = [str(uuid4()) for _ in range(size - 1)]
    copies, values = [], []
    for number, id_ in enumerate(ids, 1):
        name = f"user{number}@example.com"
        sequence = row["sequence"] + number
        copies.append(row | {"id": id_, "sequence": sequence, "user_name": name, "user_name_key": name})
        values.append(value | {"person": id_, "value": f"work{number}@example.com"})
    write.connection.execute(insert(tables.people), copies)
    write.connection.execute(insert(tables.person_values), values)
    seats.move(write, "standard", assigned=len(ids))
    write.clock.sequence += len(ids)
    write.clock.people += len(ids)
    return [first.person.id, *ids]


@pytest.fixture(scope="module", params=DIALECTS)
def places(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> Iterator[Places]:
    database = due.opened(new_url(request.param))
    schema.upgrade(database)
    with ExitStack() as open_:
        open_.callback(database.close)
        yield Places(
            open_.enter_context(place(database, FEW, 0)),
            open_.enter_context(place(database, FEW, NEW_PEOPLE)),
            open_.enter_context(place(database, MANY, NEW_PEOPLE)),
        )


def all_sent(where: Place, request: Callable[[], httpx.Response], *, succeeds: bool = True) -> list[str]:
    """The statements and marks that a request sends to the database, in order."""
    statements: dict[Any, str] = {}

    def note(*given: Any) -> None:  # noqa: ANN401 - SQLAlchemy's arguments: see ConnectionEvents
        # By its context: where one engine is made from the other, both report the same statement.
        statements[given[4]] = given[2]

    database = where.at.database
    engines = {database.writer, database.reader, database.single}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        answer = request()
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
    assert answer.is_success is succeeds, answer.text
    return list(statements.values())


def sent(where: Place, request: Callable[[], httpx.Response], *, succeeds: bool = True) -> list[str]:
    """The statements that a request sends, in their order, without marks of transactions."""
    everything = all_sent(where, request, succeeds=succeeds)
    counted = [one for one in everything if not one.lstrip().upper().startswith(MARKS)]
    assert counted, "nothing was sent at all"
    return counted


Act = Callable[[Place], Callable[[], httpx.Response]]
"""Prepares a request in a place, uncounted, and gives what sends it."""


def whole(**values: object) -> dict[str, object]:
    return {
        "userName": user_name(),
        "displayName": "Ada",
        "name": {"familyName": "Lovelace"},
        "emails": [{"type": "work", "value": "ada@example.com"}, {"type": "home", "value": "ada@home"}],
        "phoneNumbers": [{"value": "+44 20 7946 0000"}],
        ENTERPRISE: {"department": "Analysis"},
        **values,
    }


def patching(where: Place, path: str, *operations: object) -> Callable[[], httpx.Response]:
    body = {"schemas": [PATCH_OP], "Operations": operations}
    return lambda: where.client.patch(path, json=body)


def a_member(where: Place) -> str:
    """The path of a new person who is in the group of all, with a manager who is there too."""
    made = create(where.client, **whole(**{ENTERPRISE: {"manager": {"value": where.members[0]}}}))
    answer = add_members(where, made["id"])()
    assert answer.is_success, answer.text
    return f"/Users/{made['id']}"


def members(ids: list[str] | tuple[str, ...]) -> list[dict[str, str]]:
    return [{"value": one} for one in ids]


def add_members(where: Place, *ids: str) -> Callable[[], httpx.Response]:
    change = {"op": "add", "path": "members", "value": members(ids)}
    return patching(where, where.group_path, change)


def remove_by_filter(where: Place, *ids: str) -> Callable[[], httpx.Response]:
    chosen = " or ".join(f'value eq "{one}"' for one in ids)
    return patching(where, where.group_path, {"op": "remove", "path": f"members[{chosen}]"})


def remove_values(where: Place, *ids: str) -> Callable[[], httpx.Response]:
    change = {"op": "remove", "path": "members", "value": members(ids)}
    return patching(where, where.group_path, change)


def remove_by_type(where: Place, *ids: str) -> Callable[[], httpx.Response]:
    chosen = f'value eq "{ids[0]}" and type eq "User"'
    by_filter = {"op": "remove", "path": f"members[{chosen}]"}
    values = [{"value": one, "type": "User"} for one in ids[1:]]
    return patching(where, where.group_path, by_filter, {"op": "remove", "path": "members", "value": values})


def set_active(where: Place, *, to: bool) -> Callable[[], httpx.Response]:
    path = a_member(where)
    if to:
        left = patching(where, path, {"op": "replace", "path": "active", "value": False})()
        assert left.is_success, left.text
    return patching(where, path, {"op": "replace", "path": "active", "value": to})


def get(where: Place, path: str, **parameters: str) -> Callable[[], httpx.Response]:
    return lambda: where.client.get(path, params=parameters)


def put_person(where: Place) -> Callable[[], httpx.Response]:
    path = a_member(where)
    return lambda: where.client.put(path, json=whole(title="Countess"))


def patch_profile(where: Place) -> Callable[[], httpx.Response]:
    work = {"op": "replace", "path": 'emails[type eq "work"].value', "value": "new@example.com"}
    return patching(where, a_member(where), {"op": "replace", "path": "title", "value": "Countess"}, work)


def delete(where: Place, path: str) -> Callable[[], httpx.Response]:
    return lambda: where.client.delete(path)


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
    "create": (8, 4),
    "PUT": (10, 8),
    "PATCH of the profile": (10, 8),
    "PATCH active false": (11, 8),
    "PATCH active true": (9, 7),
    "DELETE": (13, 11),
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


def rename(where: Place) -> Callable[[], httpx.Response]:
    change = {"op": "replace", "path": "displayName", "value": f"renamed-{uuid4().hex}"}
    return patching(where, where.group_path, change)


def put_same_members(where: Place) -> Callable[[], httpx.Response]:
    """The members that it has, under another name: a person's whole sync."""
    now = where.client.get(f"/Groups/{where.group}").json()["members"]
    body = {"displayName": f"put-{uuid4().hex}", "members": [{"value": one["value"]} for one in now]}
    return lambda: where.client.put(f"/Groups/{where.group}", json=body)


def create_of_all(where: Place) -> Callable[[], httpx.Response]:
    body = {"displayName": f"all-{uuid4().hex}", "members": members(where.members)}
    return lambda: where.client.post("/Groups?excludedAttributes=members", json=body)


def delete_of_all(where: Place) -> Callable[[], httpx.Response]:
    return delete(where, f"/Groups/{create_group(where.client, *where.members)['id']}")


def back_again(
    where: Place, act: Callable[..., Callable[[], httpx.Response]]
) -> Callable[[], httpx.Response]:
    """Remove three members who were just added."""
    chosen = [create(where.client)["id"] for _ in range(3)]
    answer = add_members(where, *chosen)()
    assert answer.is_success, answer.text
    return act(where, *chosen)


GROUP_ROUTES: dict[str, Act] = {
    "create": create_of_all,
    "get without members": lambda where: get(where, f"/Groups/{where.group}", excludedAttributes="members"),
    "get with members": lambda where: get(where, f"/Groups/{where.group}"),
    "find by a member": lambda where: get(
        where, "/Groups", filter=f'id eq "{where.group}" and members eq "{where.members[0]}"'
    ),
    "add 1 member": lambda where: add_members(where, create(where.client)["id"]),
    "remove by filter": lambda where: back_again(where, remove_by_filter),
    "remove a list of values": lambda where: back_again(where, remove_values),
    "remove by id and type": lambda where: back_again(where, remove_by_type),
    "rename": rename,
    "PUT of the same members": put_same_members,
    "DELETE": delete_of_all,
}


@pytest.mark.parametrize("act", GROUP_ROUTES.values(), ids=GROUP_ROUTES.keys())
def test_a_request_about_a_group_sends_the_same_statements_for_any_number_of_members(
    places: Places, act: Act
) -> None:
    assert sent(places.large, act(places.large)) == sent(places.small, act(places.small))


@pytest.mark.parametrize("act", [remove_by_filter, remove_values, remove_by_type])
def test_removing_members_by_their_ids_reads_no_other_members(
    places: Places, act: Callable[..., Callable[[], httpx.Response]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of statements does not show the number of rows: each member that is read is one object."""
    request = back_again(places.large, act)
    read: list[str] = []

    def note(*given: str) -> Member:
        read.append(given[0])
        return Member(*given)

    monkeypatch.setattr(groups, "Member", note)
    assert request().is_success

    assert len(read) <= 3


def test_adding_a_thousand_members_in_one_operation_sends_the_statements_of_adding_one(
    places: Places,
) -> None:
    one = sent(places.small, add_members(places.small, create(places.small.client)["id"]))

    in_middle = sent(places.middle, add_members(places.middle, *places.middle.outsiders))
    in_large = sent(places.large, add_members(places.large, *places.large.outsiders))

    assert in_middle == one
    assert in_large == one


def test_removing_a_thousand_members_in_one_operation_sends_the_statements_of_one(places: Places) -> None:
    one = create(places.small.client)["id"]
    for where, ids in ((places.small, [one]), (places.middle, places.middle.outsiders)):
        assert add_members(where, *ids)().is_success

    left = sent(places.middle, remove_values(places.middle, *places.middle.outsiders))

    assert left == sent(places.small, remove_values(places.small, one))


def test_a_patch_of_a_large_group_does_not_read_the_group_afterwards(places: Places) -> None:
    """Without `attributes`, the answer shows a group up to 200 members and is 204 above (wire 18)."""
    change = {"op": "add", "path": "members", "value": []}
    requests = [patching(one, f"/Groups/{one.group}", change) for one in (places.small, places.large)]

    small, large = sent(places.small, requests[0]), sent(places.large, requests[1])

    reads = [one for one in small if one not in large]
    assert large == [one for one in small if one in large]
    assert len(reads) == 2
    assert "FROM group_members" in reads[0]
    assert "FROM group_subgroups" in reads[1]


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


def test_one_statement_for_each_member_would_be_detected(places: Places) -> None:
    """Proof that these tests can fail: two requests are not one."""
    ids = [create(places.small.client)["id"] for _ in range(2)]

    def singly() -> httpx.Response:
        return [add_members(places.small, one)() for one in ids][-1]

    one = create(places.small.client)["id"]
    assert sent(places.small, singly) != sent(places.small, add_members(places.small, one))
