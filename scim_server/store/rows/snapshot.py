"""Pages of everything that an organization has, for a reader who keeps a copy."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Select, Table, select, tuple_

from scim_server.store.database.session import Read
from scim_server.store.rows.groups import COLUMNS as GROUP
from scim_server.store.rows.groups import StoredGroup, group_of
from scim_server.store.rows.people import COLUMNS as PERSON
from scim_server.store.rows.people import Person, person_of
from scim_server.store.tables import group_members, group_subgroups, groups, people

PAGE: Final = 1_000
"""How many rows are in memory at a time."""

Pair = tuple[str, str]
"""The id of a group, and the id of a member."""


def every_person(read: Read) -> Iterator[Person]:
    """All people, in the order of their creation."""
    query = select(*PERSON).where(people.c.organization == read.organization)
    return map(person_of, _by_sequence(read, people, query))


def every_group(read: Read) -> Iterator[StoredGroup]:
    """All groups, in the order of their creation."""
    query = select(*GROUP).where(groups.c.organization == read.organization)
    return map(group_of, _by_sequence(read, groups, query))


def every_membership(read: Read) -> Iterator[Pair]:
    """All people who are members of groups, group by group."""
    return _pairs(read, group_members, "person")


def every_subgroup(read: Read) -> Iterator[Pair]:
    """All groups that are members of groups, group by group."""
    return _pairs(read, group_subgroups, "subgroup")


def _by_sequence(read: Read, table: Table, query: Select[Any]) -> Iterator[Sequence[Any]]:
    last = -1
    while True:
        page = query.where(table.c.sequence > last).order_by(table.c.sequence).limit(PAGE)
        rows = read.connection.execute(page).all()
        yield from rows
        if len(rows) < PAGE:
            return
        last = rows[-1].sequence


def _pairs(read: Read, table: Table, member: str) -> Iterator[Pair]:
    key, last = (table.c.group_id, table.c[member]), ("", "")
    while True:
        page = (
            select(*key)
            .where(table.c.organization == read.organization, tuple_(*key) > tuple_(*last))
            .order_by(*key)
            .limit(PAGE)
        )
        rows = [(group, one) for group, one in read.connection.execute(page)]
        yield from rows
        if len(rows) < PAGE:
            return
        last = rows[-1]
