"""Members in numbered lists, with filters, a count, their groups and their last sign-in."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, func, select

from scim_server.protocol.seat_status import SeatStatus
from scim_server.store.database.session import Read
from scim_server.store.rows import access_ended, usage
from scim_server.store.rows import people as rows
from scim_server.store.rows.members import STATUSES
from scim_server.store.rows.people import COLUMNS, Person, person_of
from scim_server.store.tables import group_closure, group_members, people


class Order(StrEnum):
    """The order of a list."""

    NAME = "name"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the listed people have in common. None and False set no condition.

    Attributes:
        search: a part of the userName or displayName, folded; empty for everybody.
        group: only members of the group with this id, directly or through other groups.
        without_seat: only active people without a seat.
        other_tier_than: only people with a seat of another tier.
        unconfirmed: only people who were let in from the log and whom no provider has sent since.
        idle_until: only people with a seat who have not signed in since this time.
        untouched_since: only active people that no provider has sent since this time.
        access_open_until: only people deprovisioned before this time whose access the app has not ended.
    """

    search: str = ""
    status: SeatStatus | None = None
    tier: str | None = None
    role: str | None = None
    way_in: str | None = None
    group: str | None = None
    without_seat: bool = False
    other_tier_than: str | None = None
    unconfirmed: bool = False
    idle_until: str | None = None
    untouched_since: str | None = None
    access_open_until: str | None = None


EVERYBODY: Final = Filters()


@dataclass(frozen=True, slots=True)
class Listed:
    """A member in a list.

    Attributes:
        groups: in how many groups the person is, directly or through other groups.
        signed_in: when the person last signed in, to within a day.
    """

    person: Person
    groups: int
    signed_in: str | None


def sheet(
    read: Read, filters: Filters, order: Order, offset: int, limit: int
) -> tuple[tuple[Listed, ...], int]:
    """A part of the people who match, and how many people match."""
    here = _matching(read, filters)
    total = rows.count(read, None if filters == EVERYBODY else here)
    # Only the ids are sorted, because the other columns are long.
    ids = select(people.c.id).where(here).order_by(*_sorted(order)).offset(offset).limit(limit)
    found = list(read.connection.execute(ids).scalars())
    listed = {one.person.id: one for one in _with_ids(read, found)}
    return tuple(listed[id_] for id_ in found), total


def chunk(read: Read, filters: Filters, after: int, limit: int) -> tuple[Listed, ...]:
    """The next people who match, in the order of creation.

    Args:
        after: the `sequence` of the last person of the chunk before; 0 for the first chunk.
    """
    query = (
        select(*COLUMNS, people.c.signed_in)
        .where(_matching(read, filters), people.c.sequence > after)
        .order_by(people.c.sequence)
        .limit(limit)
    )
    return _listed(read, [(person_of(row), row.signed_in) for row in read.connection.execute(query)])


def get(read: Read, person: str) -> Listed | None:
    """The member with this id."""
    found = [] if "\x00" in person else _with_ids(read, [person])
    return found[0] if found else None


def _with_ids(read: Read, ids: Sequence[str]) -> tuple[Listed, ...]:
    query = select(*COLUMNS, people.c.signed_in).where(
        people.c.organization == read.organization, people.c.id.in_(ids)
    )
    return _listed(read, [(person_of(row), row.signed_in) for row in read.connection.execute(query)])


def _listed(read: Read, found: Sequence[tuple[Person, str | None]]) -> tuple[Listed, ...]:
    counts = _groups(read, [person.id for person, _ in found])
    return tuple(Listed(person, counts.get(person.id, 0), signed_in) for person, signed_in in found)


def _groups(read: Read, ids: Sequence[str]) -> dict[str, int]:
    """How many groups each person is in; people without groups are missing."""
    same = (group_closure.c.organization == group_members.c.organization) & (
        group_closure.c.descendant == group_members.c.group_id
    )
    query = (
        select(group_members.c.person, func.count(group_closure.c.ancestor.distinct()))
        .join(group_closure, same)
        .where(group_members.c.organization == read.organization, group_members.c.person.in_(ids))
        .group_by(group_members.c.person)
    )
    return {row[0]: row[1] for row in read.connection.execute(query)}


def _sorted(order: Order) -> tuple[ColumnElement[str], ...]:
    if order is Order.NEWEST:
        return (people.c.sequence.desc(),)
    return (people.c.display_name_key.asc().nulls_last(), people.c.user_name_key)


def _matching(read: Read, filters: Filters) -> ColumnElement[bool]:
    return and_(people.c.organization == read.organization, *_values(filters), *_special(read, filters))


def _values(filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions on single values."""
    found: list[ColumnElement[bool]] = []
    if filters.search:
        names = (people.c.user_name_key, people.c.display_name_key)
        one, other = (name.contains(filters.search, autoescape=True) for name in names)
        found.append(one | other)
    if filters.status is not None:
        found.append(STATUSES[filters.status])
    for column, value in (
        (people.c.tier, filters.tier),
        (people.c.role, filters.role),
        (people.c.way_in, filters.way_in),
    ):
        if value is not None:
            found.append(column == value)
    return found


def _members(group: str) -> Select[tuple[str]]:
    """The ids of the members of a group and of the groups in it."""
    same = (group_closure.c.organization == group_members.c.organization) & (
        group_closure.c.descendant == group_members.c.group_id
    )
    return (
        select(group_members.c.person)
        .join(group_closure, same)
        .where(group_members.c.organization == people.c.organization, group_closure.c.ancestor == group)
    )


def _special(read: Read, filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions on several values."""
    found: list[ColumnElement[bool]] = []
    if filters.group is not None:
        found.append(people.c.id.in_(_members(filters.group)))
    if filters.without_seat:
        found.append(people.c.active & people.c.tier.is_(None))
    if filters.other_tier_than is not None:
        found.append(people.c.tier != filters.other_tier_than)
    if filters.unconfirmed:
        found.append(people.c.unconfirmed.is_not(None))
    if filters.idle_until is not None:
        found.append(usage.is_idle(filters.idle_until))
    if filters.untouched_since is not None:
        found.append(usage.is_untouched(filters.untouched_since))
    if filters.access_open_until is not None:
        found.append(access_ended.may_be_open(access_ended.first(read), filters.access_open_until))
    return found
