"""Answers SCIM list requests page by page, and reads people and groups as SCIM resources.

All reads are in an open snapshot.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

import orjson

from scim_server.protocol.cursors import Cursor
from scim_server.protocol.dialects import TOLERANT, Tolerances
from scim_server.protocol.filter_tree import AttributePath, Filter
from scim_server.protocol.group import ShownGroup
from scim_server.protocol.projection import EVERYTHING, Projection
from scim_server.protocol.user import Manager, Membership, Seat, Shown, manager_id
from scim_server.services.context import Context
from scim_server.store.database.compiled import Row
from scim_server.store.database.session import Ask, Read
from scim_server.store.query import pages
from scim_server.store.query.comparisons import Condition
from scim_server.store.query.filters import Compiler
from scim_server.store.query.lists import Kind, Listing
from scim_server.store.query.pages import Window
from scim_server.store.rows import group_members, people, person_groups
from scim_server.store.rows.groups import StoredGroup
from scim_server.store.rows.people import Person

T = TypeVar("T")

_APART: Final = 500
"""How many rows are between two remembered places of a long list."""
_STRIDE: Final = 5_000
_STRIDES: Final = 256
"""The minimum number of rows that a stride skips, and the maximum number of strides to a place."""


@dataclass(frozen=True, slots=True)
class Query:
    """A list request.

    Attributes:
        filter: the filter; None for all resources.
        sort_by: the attribute to sort by; None for the order of creation.
        descending: whether the order is reversed.
        start_index: the index of the first result, from 1; not used with `after`.
        after: the position where the previous page ended.
        count: the maximum number of results; 0 if only the total is wanted.
        projection: the attributes of the answer; other attributes need not be read.
        base_url: the beginning of every URI of a resource, for filters that compare URIs.
        allowed: the active tolerances for the filter.
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
        end: the position where the page ends, if more results follow.
    """

    resources: list[T]
    total: int
    end: Cursor | None = None


def listed(
    context: Context, kind: Kind, query: Query, read: Read | None = None
) -> tuple[list[Any], int, Cursor | None]:
    """The rows of a page in the order of creation, the number of all results, and where the page ends.

    For most pages, one statement is enough and needs no transaction. If a second statement must count the
    results, both statements read one snapshot.

    Args:
        read: the snapshot from which the page is read; None to open a new one if needed.

    Raises:
        InvalidFilter: an attribute in the filter does not exist.
    """
    listing = kind.listing(query.filter)
    statements = listing.statements
    if query.count == 0:
        return [], _counted(context.ask if read is None else read.rows, listing), None
    if read is None and not statements.has_more:
        found = _rows(context, context.ask, listing, query)
        total = _total(query, found)
        statements.has_more = total is None
        if total is not None:
            return cut(query, found, statements.sequence, total)
    with context.read() if read is None else nullcontext(read) as both:
        found = _rows(context, both.rows, listing, query)
        total = _total(query, found)
        statements.has_more = total is None
        total = _counted(both.rows, listing) if total is None else total
    return cut(query, found, statements.sequence, total)


def _counted(ask: Ask, listing: Listing) -> int:
    """The number of all results."""
    return int(ask(*listing.of(listing.statements.count))[0][0])


def _rows(context: Context, ask: Ask, listing: Listing, query: Query) -> list[Row]:
    """The rows of a page, and one more row if there is one."""
    statements, limit = listing.statements, query.count + 1
    if query.after is not None:
        return ask(*listing.of(statements.following, limit=limit, after=query.after.sequence))
    passed = query.start_index - 1
    if passed == 0:
        return ask(*listing.of(statements.first, limit=limit))
    if query.filter is not None:
        return ask(*listing.of(statements.deep, limit=limit, start=0, passed=passed))
    return _far(context, ask, listing, passed, limit)


def _far(context: Context, ask: Ask, listing: Listing, passed: int, limit: int) -> list[Row]:
    """Rows of the list of all resources, read from the nearest known place."""
    statements, ranks, name = listing.statements, context.database.ranks, listing.statements.name
    rank, start, removed = _nearest(context, ask, listing, passed)
    rows = ask(*listing.of(statements.deep, limit=limit, start=start, passed=passed - rank))
    if removed is not None and (not rows or rows[0][-2] != removed):
        # Rows were removed since, or no row is left from which this could be seen.
        rank, rows = 0, ask(*listing.of(statements.deep, limit=limit, start=0, passed=passed))
    if rows and passed - rank >= _APART:
        ends = {passed: rows[0], passed + len(rows) - 1: rows[-1]}
        places = {place: row[statements.sequence] for place, row in ends.items()}
        ranks.note(context.organization, name, rows[0][-2], places)
    return rows


def _nearest(context: Context, ask: Ask, listing: Listing, passed: int) -> tuple[int, int, int | None]:
    """A place shortly before a rank: its rank, its sequence, and the last removal when the place was seen.

    If no place is known, the list is read up to the rank in strides, and the places after each stride are
    remembered.
    """
    ranks, name = context.database.ranks, listing.statements.name
    rank, start, removed = ranks.before(context.organization, name, passed) or (0, 0, None)
    stride = max(_STRIDE, passed // _STRIDES)
    places: dict[int, int] = {}
    while passed - rank > 2 * stride:
        found = ask(*listing.of(listing.statements.stride, start=start, passed=stride))
        if not found:
            break
        sequence, now = found[0]
        if removed is not None and now != removed:
            if places:
                return 0, 0, None  # Rows are being removed at this moment.
            rank, start, removed = 0, 0, None
            continue
        rank, start, removed = rank + stride, int(sequence), int(now)
        places[rank] = start
    if places and removed is not None:
        ranks.note(context.organization, name, removed, places)
    return rank, start, removed


def _total(query: Query, rows: Sequence[Row]) -> int | None:
    """The number of all results, if the rows of a page contain it."""
    if rows and rows[0][-1] is not None:
        return int(rows[0][-1])
    complete = query.start_index == 1 and query.after is None and 0 < query.count >= len(rows)
    return len(rows) if complete else None


def cut(query: Query, rows: list[Any], sequence: int, total: int) -> tuple[list[Any], int, Cursor | None]:
    """The rows without the extra one, the number of all results, and where the page ends.

    Args:
        sequence: the position of the column `sequence`.
    """
    more, rows = len(rows) > query.count, rows[: query.count]
    return rows, total, Cursor(None, rows[-1][sequence]) if more and rows else None


def sorted_page(
    read: Read,
    compiler: Compiler,
    query: Query,
    columns: Sequence[Any],
    count: Callable[[Read, Condition | None], int],
    *,
    only: Condition | None = None,
) -> tuple[list[Any], int, Cursor | None]:
    """The rows of a page in any order, the number of all results, and where the page ends if more follow.

    Args:
        count: counts all resources that match a condition.
        only: a condition for rows in addition to the query.
    """
    condition = None if query.filter is None else compiler.compile(query.filter)
    order = None
    if query.sort_by is not None:
        order = pages.sorting(compiler, query.sort_by, descending=query.descending)
    rows = pages.page(read, columns, pages.both(only, condition), order, window(query))
    return counted(query, rows, lambda: count(read, condition))


def window(query: Query) -> Window:
    """Request one row more than the page has. The extra row shows whether more results follow."""
    return Window(query.count + 1, query.start_index - 1 if query.after is None else 0, query.after)


def counted(query: Query, rows: list[Any], count: Callable[[], int]) -> tuple[list[Any], int, Cursor | None]:
    """The rows without the extra one, the number of all results, and where the page ends."""
    more, rows = len(rows) > query.count, rows[: query.count]
    complete = query.start_index == 1 and query.after is None and not more and query.count > 0
    total = len(rows) if complete else count()
    return rows, total, pages.end_of(rows) if more and rows else None


def shown(
    read: Read,
    rows: Sequence[Person],
    projection: Projection,
    *,
    seats: bool,
    memberships: Mapping[str, Sequence[Membership]] | None = None,
) -> list[Shown]:
    """People with the computed values of an answer: groups, manager and seat.

    Args:
        memberships: the groups of the people, by id; None if they must be read.
    """
    if memberships is None:
        ids = [row.id for row in rows]
        memberships = person_groups.of_people(read, ids) if rows and projection.has("groups") else {}
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
    """The manager of each person, if the manager is a person of the organization."""
    named = {row.id: manager for row in rows if (manager := manager_id(row.document)) is not None}
    if not named:
        return {}
    documents = people.documents(read, set(named.values()))
    return {
        person: Manager(manager, orjson.loads(documents[manager]).get("displayName"))
        for person, manager in named.items()
        if manager in documents
    }


def without_members(row: StoredGroup) -> ShownGroup:
    """A group without computed values."""
    return ShownGroup(
        id=row.id,
        created=row.created,
        modified=row.modified,
        version=row.version,
        document=row.document,
        members=None,
    )


def shown_group(read: Read, row: StoredGroup, projection: Projection) -> ShownGroup:
    """A group with the computed values of an answer, which are its members."""
    if not projection.has("members"):
        return without_members(row)
    return replace(without_members(row), members=tuple(group_members.of(read, row.id)))


def shown_groups(read: Read, rows: Sequence[StoredGroup], projection: Projection) -> list[ShownGroup]:
    """Groups with the computed values of an answer, which are their members."""
    if not projection.has("members"):
        return [without_members(row) for row in rows]
    members = group_members.of_each(read, [row.id for row in rows]) if rows else {}
    return [replace(without_members(row), members=tuple(members[row.id])) for row in rows]
