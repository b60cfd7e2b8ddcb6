"""The statements that a request sends to the database, in directories of three sizes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import event, insert, select

from scim_server.protocol.dialects import TOLERANT
from scim_server.protocol.resources import USER
from scim_server.protocol.schemas import ResourceSchema
from scim_server.protocol.user import parse_user
from scim_server.services.people import provision
from scim_server.store import tables
from scim_server.store.database.session import OPERATOR, Database, Write
from scim_server.store.rows import seats
from scim_server.store.rows.organizations import Organization
from tests.api.in_process import Inside, inside
from tests.api.wire import ENTERPRISE, PATCH_OP, create, create_group, user_name

READER = ResourceSchema(USER, TOLERANT)
MARKS = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
FEW, MANY, NEW_PEOPLE = 10, 10_000, 1_000


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
        with database.writer.connect() as connection, connection.begin():
            # So many rows at once would else wait for autovacuum, and be read by plans for an empty table.
            connection.exec_driver_sql("ANALYZE")
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
    """The path of a new person in the group of all, with a manager in the same organization."""
    made = create(where.client, **whole(**{ENTERPRISE: {"manager": {"value": where.members[0]}}}))
    answer = add_members(where, made["id"])()
    assert answer.is_success, answer.text
    return f"/Users/{made['id']}"


def members(ids: list[str] | tuple[str, ...]) -> list[dict[str, str]]:
    return [{"value": one} for one in ids]


def add_members(where: Place, *ids: str) -> Callable[[], httpx.Response]:
    change = {"op": "add", "path": "members", "value": members(ids)}
    return patching(where, where.group_path, change)


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
