"""Reading people and groups as SCIM shows them. Each function reads one snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import orjson

from scim_server.protocol.attributes import ResourceType
from scim_server.protocol.errors import NotFound
from scim_server.protocol.filter_tree import Filter
from scim_server.protocol.group import ShownGroup
from scim_server.protocol.projection import EVERYTHING, Projection
from scim_server.protocol.resources import GROUP
from scim_server.protocol.user import Manager, Seat, Shown, manager_id
from scim_server.store import fields, groups, people
from scim_server.store.filters import Compiler, Condition
from scim_server.store.groups import StoredGroup
from scim_server.store.people import Person
from scim_server.store.session import Database, Read

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Query:
    """What a list request asks for.

    Attributes:
        filter: None for everything.
        start_index: of the first result, from 1.
        count: results at most; 0 for their number alone.
        projection: what is shown; what is not need not be read.
    """

    filter: Filter | None = None
    start_index: int = 1
    count: int = 100
    projection: Projection = EVERYTHING


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of the results, and how many there are in all."""

    resources: list[T]
    total: int


def person(database: Database, organization: str, id_: str, projection: Projection, *, seats: bool) -> Shown:
    """One person.

    Raises:
        NotFound: nobody of the organization has this id.
    """
    with database.read(organization) as read:
        found = people.get(read, id_)
        if found is None:
            raise NotFound(f"There is no User {id_}.")
        return shown(read, [found], projection, seats=seats)[0]


def find_people(
    database: Database, organization: str, query: Query, resource_type: ResourceType, *, seats: bool
) -> Page[Shown]:
    """People who meet a filter, in the order in which they came.

    Raises:
        InvalidFilter: the filter names what there is not.
    """
    condition = _condition(database, query, resource_type, fields.USERS)
    with database.read(organization) as read:
        rows = people.page(read, condition, offset=query.start_index - 1, limit=query.count)
        total = _total(rows, query) or people.count(read, condition)
        return Page(shown(read, rows, query.projection, seats=seats), total)


def group(database: Database, organization: str, id_: str, projection: Projection) -> ShownGroup:
    """One group.

    Raises:
        NotFound: no group of the organization has this id.
    """
    with database.read(organization) as read:
        found = groups.get(read, id_)
        if found is None:
            raise NotFound(f"There is no Group {id_}.")
        return _shown_groups(read, [found], projection)[0]


def find_groups(database: Database, organization: str, query: Query) -> Page[ShownGroup]:
    """Groups that meet a filter, in the order in which they came.

    Raises:
        InvalidFilter: the filter names what there is not.
    """
    condition = _condition(database, query, GROUP, fields.GROUPS)
    with database.read(organization) as read:
        rows = groups.page(read, condition, offset=query.start_index - 1, limit=query.count)
        total = _total(rows, query) or groups.count(read, condition)
        return Page(_shown_groups(read, rows, query.projection), total)


def _condition(
    database: Database, query: Query, resource_type: ResourceType, searchable: fields.Searchable
) -> Condition | None:
    if query.filter is None:
        return None
    return Compiler(resource_type, searchable, database.dialect).compile(query.filter)


def _total(rows: Sequence[object], query: Query) -> int | None:
    """The number of results where the page itself tells it: it begins the list and is not full."""
    if query.start_index == 1 and 0 < len(rows) < query.count:
        return len(rows)
    return None


def shown(read: Read, rows: Sequence[Person], projection: Projection, *, seats: bool) -> list[Shown]:
    """People with what an answer computes of them: groups, manager, seat."""
    ids = [row.id for row in rows]
    memberships = people.groups_of(read, ids) if rows and projection.has("groups") else {}
    managers = _managers(read, rows)
    return [
        Shown(
            id=row.id,
            active=row.active,
            created=row.created,
            modified=row.modified,
            version=row.version,
            document=row.document,
            groups=tuple(memberships.get(row.id, ())),
            manager=managers.get(row.id),
            seat=Seat(row.status, row.tier, row.waiting_since) if seats else None,
        )
        for row in rows
    ]


def _managers(read: Read, rows: Sequence[Person]) -> dict[str, Manager]:
    """By person: their manager, if that is a person of the organization."""
    named = {row.id: manager for row in rows if (manager := manager_id(row.document)) is not None}
    if not named:
        return {}
    documents = people.documents(read, set(named.values()))
    return {
        person: Manager(manager, orjson.loads(documents[manager]).get("displayName"))
        for person, manager in named.items()
        if manager in documents
    }


def _shown_groups(read: Read, rows: Sequence[StoredGroup], projection: Projection) -> list[ShownGroup]:
    ids = [row.id for row in rows]
    members = groups.members_of(read, ids) if rows and projection.has("members") else None
    return [
        ShownGroup(
            id=row.id,
            created=row.created,
            modified=row.modified,
            version=row.version,
            document=row.document,
            members=None if members is None else tuple(members[row.id]),
        )
        for row in rows
    ]
