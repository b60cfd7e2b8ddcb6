"""List requests, their pages, and people and groups in the form of SCIM, in an open snapshot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson

from scim_server.protocol.cursors import Cursor
from scim_server.protocol.dialects import TOLERANT, Tolerances
from scim_server.protocol.filter_tree import AttributePath, Filter
from scim_server.protocol.group import ShownGroup
from scim_server.protocol.projection import EVERYTHING, Projection
from scim_server.protocol.user import Manager, Seat, Shown, manager_id
from scim_server.store.database.session import Read
from scim_server.store.query import pages
from scim_server.store.query.comparisons import Condition
from scim_server.store.query.filters import Compiler
from scim_server.store.query.pages import Window
from scim_server.store.rows import groups, people
from scim_server.store.rows.groups import StoredGroup
from scim_server.store.rows.people import Person

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Query:
    """A list request.

    Attributes:
        filter: None for all resources.
        sort_by: the attribute to sort by; None for the order of arrival.
        descending: whether the order is reversed.
        start_index: of the first result, from 1; not used with `after`.
        after: the position where an earlier page ended.
        count: results at most; 0 for only the total.
        projection: the attributes of the answer; others need not be read.
        base_url: the beginning of every URI of a resource, for filters that compare URIs.
        allowed: the active tolerances for its filter.
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
    """A page of results.

    Attributes:
        total: the number of all results.
        end: where the page ends, if more follow.
    """

    resources: list[T]
    total: int
    end: Cursor | None = None


def page_of(
    read: Read,
    compiler: Compiler,
    query: Query,
    columns: Sequence[Any],
    count: Callable[[Read, Condition | None], int],
    *,
    only: Condition | None = None,
) -> tuple[list[Any], int, Cursor | None]:
    """The rows of a page, the number of all results, and where the page ends if more follow.

    Args:
        count: counts all resources that meet a condition.
        only: a condition for rows in addition to the query.
    """
    condition = None if query.filter is None else compiler.compile(query.filter)
    order = None
    if query.sort_by is not None:
        order = pages.sorting(compiler, query.sort_by, descending=query.descending)
    rows = pages.page(read, columns, pages.both(only, condition), order, window(query))
    return cut(query, rows, lambda: count(read, condition))


def window(query: Query) -> Window:
    """Request one row more, which shows whether more follow."""
    return Window(query.count + 1, query.start_index - 1 if query.after is None else 0, query.after)


def cut(query: Query, rows: list[Any], count: Callable[[], int]) -> tuple[list[Any], int, Cursor | None]:
    """The rows without the extra one, the number of all results, and where the page ends."""
    more, rows = len(rows) > query.count, rows[: query.count]
    complete = query.start_index == 1 and query.after is None and not more and query.count > 0
    total = len(rows) if complete else count()
    return rows, total, pages.end_of(rows) if more and rows else None


def shown(
    read: Read, rows: Sequence[Person], projection: Projection, *, seats: bool, new: bool = False
) -> list[Shown]:
    """People with the computed values of an answer: groups, manager, seat.

    Args:
        new: whether they were just created, and so are in no group.
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
    """By person, their manager, if that is a person of the organization."""
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
    """Groups with the computed values of an answer: their members."""
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
