"""Reading people and groups as SCIM shows them. Each function reads one snapshot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson

from scim_server.protocol.attributes import ResourceType
from scim_server.protocol.cursors import Cursor
from scim_server.protocol.dialects import TOLERANT, Tolerances
from scim_server.protocol.directory import Directory
from scim_server.protocol.errors import NotFound
from scim_server.protocol.filter_tree import AttributePath, Filter
from scim_server.protocol.group import ShownGroup
from scim_server.protocol.projection import EVERYTHING, Projection
from scim_server.protocol.user import Manager, Seat, Shown, manager_id
from scim_server.store.database.session import Database, Read
from scim_server.store.query import fields, pages
from scim_server.store.query.comparisons import Condition
from scim_server.store.query.filters import Compiler
from scim_server.store.query.pages import Window
from scim_server.store.rows import groups, people, resources
from scim_server.store.rows.groups import StoredGroup
from scim_server.store.rows.people import Person
from scim_server.store.rows.resources import Resource

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Query:
    """What a list request asks for.

    Attributes:
        filter: None for everything.
        sort_by: the attribute to sort by; None for the order of arrival.
        descending: the other way round.
        start_index: of the first result, from 1; not used with `after`.
        after: continue where an earlier page ended.
        count: results at most; 0 for their number alone.
        projection: what is shown; what is not need not be read.
        base_url: with which every URI of a resource begins, for filters that compare them.
        allowed: the tolerances in force for its filter.
    """

    filter: Filter | None = None
    sort_by: AttributePath | None = None
    descending: bool = False
    start_index: int = 1
    after: Cursor | None = None
    count: int = 100
    projection: Projection = EVERYTHING
    base_url: str = ""
    allowed: Tolerances = TOLERANT


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of the results.

    Attributes:
        total: how many there are in all.
        end: where the page ends, if there is more.
    """

    resources: list[T]
    total: int
    end: Cursor | None = None


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
    compiler = Compiler(resource_type, fields.USERS, database.dialect, query.base_url, query.allowed)
    with database.read(organization) as read:
        rows, total, end = page_of(read, compiler, query, people.COLUMNS, people.count)
        found = [people.person_of(row) for row in rows]
        return Page(shown(read, found, query.projection, seats=seats), total, end)


def group(database: Database, organization: str, id_: str, projection: Projection) -> ShownGroup:
    """One group.

    Raises:
        NotFound: no group of the organization has this id.
    """
    with database.read(organization) as read:
        found = groups.get(read, id_)
        if found is None:
            raise NotFound(f"There is no Group {id_}.")
        return shown_groups(read, [found], projection)[0]


def find_groups(
    database: Database, organization: str, query: Query, resource_type: ResourceType
) -> Page[ShownGroup]:
    """Groups that meet a filter, in the order in which they came.

    Raises:
        InvalidFilter: the filter names what there is not.
    """
    compiler = Compiler(resource_type, fields.GROUPS, database.dialect, query.base_url, query.allowed)
    with database.read(organization) as read:
        rows, total, end = page_of(read, compiler, query, groups.COLUMNS, groups.count)
        found = [groups.group_of(row) for row in rows]
        return Page(shown_groups(read, found, query.projection), total, end)


@dataclass(frozen=True, slots=True)
class Anything:
    """One resource of any type: one of the three is set."""

    person: Shown | None = None
    group: ShownGroup | None = None
    own: Resource | None = None


def find_anything(
    database: Database, organization: str, query: Query, directory: Directory, *, seats: bool
) -> Page[Anything]:
    """Resources of every type that meet a filter, as one list (RFC 7644 section 3.4.3).

    Raises:
        InvalidFilter, InvalidPath: no type has the attribute.
    """
    about = (database.dialect, query.base_url, query.allowed)
    users, groups_, *own = directory.types(seats=seats)
    kinds: list[tuple[Compiler, Condition | None]] = [
        (Compiler(users, fields.USERS, *about), None),
        (Compiler(groups_, fields.GROUPS, *about), None),
    ]
    kinds += [(Compiler(one, fields.RESOURCES, *about), resources.of_type(one.name)) for one in own]
    with database.read(organization) as read:
        table, order = pages.merged(kinds, query.filter, query.sort_by, descending=query.descending)
        rows = pages.page(read, [table.c.id, table.c.sequence], None, order, _window(query))
        found, total, end = _cut(query, rows, lambda: pages.count(read, table))
        by_id = _with_ids(read, [row.id for row in found], query.projection, seats=seats)
    return Page([by_id[row.id] for row in found], total, end)


def _with_ids(read: Read, ids: list[str], projection: Projection, *, seats: bool) -> dict[str, Anything]:
    members = shown(read, people.with_ids(read, ids), projection, seats=seats)
    sets = shown_groups(read, groups.with_ids(read, ids), projection)
    return (
        {one.id: Anything(person=one) for one in members}
        | {one.id: Anything(group=one) for one in sets}
        | {one.id: Anything(own=one) for one in resources.with_ids(read, ids)}
    )


def page_of(
    read: Read,
    compiler: Compiler,
    query: Query,
    columns: Sequence[Any],
    count: Callable[[Read, Condition | None], int],
    *,
    only: Condition | None = None,
) -> tuple[list[Any], int, Cursor | None]:
    """The rows of a page, the number of all results, and where the page ends if there is more.

    Args:
        count: how many there are in all that meet a condition.
        only: what rows must be beside what the query asks.
    """
    condition = None if query.filter is None else compiler.compile(query.filter)
    order = None
    if query.sort_by is not None:
        order = pages.sorting(compiler, query.sort_by, descending=query.descending)
    rows = pages.page(read, columns, pages.both(only, condition), order, _window(query))
    return _cut(query, rows, lambda: count(read, condition))


def _window(query: Query) -> Window:
    """One row more than asked for tells whether there is more."""
    return Window(query.count + 1, query.start_index - 1 if query.after is None else 0, query.after)


def _cut(query: Query, rows: list[Any], count: Callable[[], int]) -> tuple[list[Any], int, Cursor | None]:
    more, rows = len(rows) > query.count, rows[: query.count]
    complete = query.start_index == 1 and query.after is None and not more and query.count > 0
    total = len(rows) if complete else count()
    return rows, total, pages.end_of(rows) if more and rows else None


def shown(
    read: Read, rows: Sequence[Person], projection: Projection, *, seats: bool, new: bool = False
) -> list[Shown]:
    """People with what an answer computes of them: groups, manager, seat.

    Args:
        new: they were created just now, so they are in no group.
    """
    ids = [row.id for row in rows]
    memberships = people.groups_of(read, ids) if rows and not new and projection.has("groups") else {}
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
            seat=Seat(row.status, row.tier_shown, row.waiting_since) if seats else None,
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


def shown_groups(read: Read, rows: Sequence[StoredGroup], projection: Projection) -> list[ShownGroup]:
    """Groups with what an answer computes of them: their members."""
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
