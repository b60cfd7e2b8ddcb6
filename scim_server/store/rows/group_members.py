"""The members of groups: read for answers, and changed. No change depends on the size of the group."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any, Final

import orjson
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Delete,
    FromClause,
    Insert,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    false,
    insert,
    literal,
    select,
    true,
    union_all,
)

from scim_server.protocol.group import Member
from scim_server.store.database.compiled import Compiled
from scim_server.store.database.id_lists import is_in
from scim_server.store.database.session import Read, Write
from scim_server.store.rows import nesting
from scim_server.store.tables import Key, group_closure, group_members, group_subgroups, groups, people

_KINDS: Final = ("User", "Group")
_TABLES: Final = ((people, group_members, "person"), (groups, group_subgroups, "subgroup"))
"""The table of each kind of member, with the table and the column of its memberships."""


@dataclass(frozen=True, slots=True)
class Members:
    """Ids of members, or of people and groups that become members."""

    people: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.people or self.groups)

    def __or__(self, other: "Members") -> "Members":
        return Members(self.people | other.people, self.groups | other.groups)

    def __sub__(self, other: "Members") -> "Members":
        return Members(self.people - other.people, self.groups - other.groups)

    def __len__(self) -> int:
        return len(self.people) + len(self.groups)

    @property
    def ids(self) -> frozenset[str]:
        """The ids of both."""
        return self.people | self.groups


NOBODY: Final = Members()


@dataclass(frozen=True, slots=True)
class Candidates:
    """What some ids are to a group.

    Attributes:
        new: people and groups that are not members of the group.
        present: people and groups that are members.
        unknown: ids that are neither people nor groups of the organization, in the given order.
        circular: a group that contains this group or is this group; None if there is none.
    """

    new: Members = NOBODY
    present: Members = NOBODY
    unknown: Sequence[str] = ()
    circular: str | None = None


def _both(parts: Callable[[int], Select[Any]]) -> CompoundSelect[Any]:
    """One query for both kinds of members."""
    return union_all(parts(0), parts(1))


def _shown(rank: int, dialect: str) -> Select[Any]:
    """Group, kind, order, id and document of members of one kind, in any group.

    The databases must begin with the memberships. They would else read all people of a large organization to
    find the members of a small group.
    """
    kind, table, column = _TABLES[rank]
    same: ColumnElement[bool] = and_(
        kind.c.organization == table.c.organization, kind.c.id == table.c[column]
    )
    member: FromClause = kind
    if dialect == "postgresql":
        member, same = select(kind).where(same).limit(1).lateral(), true()
    return (
        select(table.c.group_id, literal(rank), member.c.sequence, member.c.id, member.c.document)
        .select_from(table.outerjoin(member, same))
        .where(table.c.organization == bindparam("org"))
    )


@cache
def query_of_one(dialect: str, *, among: bool) -> Compiled:
    """Members of one group, among some ids or all."""

    def of_kind(rank: int) -> Select[Any]:
        _, table, column = _TABLES[rank]
        query = _shown(rank, dialect).where(table.c.group_id == bindparam("group"))
        return query.where(is_in(table.c[column], "ids")) if among else query

    return Compiled(_both(of_kind))


@cache
def _of_some(dialect: str) -> CompoundSelect[Any]:
    """Members of some groups. Without the ids in its text, the databases would read all memberships."""
    some: BindParameter[list[str]] = bindparam("groups", expanding=True)
    return _both(lambda rank: _shown(rank, dialect).where(_TABLES[rank][1].c.group_id.in_(some)))


def _candidates(rank: int) -> Select[Any]:
    """Id and kind of a known id, whether it is a member, and whether it contains the group."""
    kind, table, column = _TABLES[rank]
    member = exists().where(
        table.c.organization == kind.c.organization,
        table.c.group_id == bindparam("group"),
        table.c[column] == kind.c.id,
    )
    contains = exists().where(
        group_closure.c.organization == kind.c.organization,
        group_closure.c.ancestor == kind.c.id,
        group_closure.c.descendant == bindparam("group"),
    )
    return select(kind.c.id, literal(rank), member, contains if kind is groups else false()).where(
        kind.c.organization == bindparam("org"), is_in(kind.c.id, "ids")
    )


def _present(rank: int) -> Select[Any]:
    _, table, column = _TABLES[rank]
    return select(table.c[column], literal(rank)).where(
        table.c.organization == bindparam("org"), table.c.group_id == bindparam("group")
    )


def _present_among(rank: int) -> Select[Any]:
    return _present(rank).where(is_in(_TABLES[rank][1].c[_TABLES[rank][2]], "ids"))


def _add(rank: int) -> Insert:
    kind, table, column = _TABLES[rank]
    rows = select(kind.c.organization, bindparam("group", type_=Key), kind.c.id).where(
        kind.c.organization == bindparam("org"), is_in(kind.c.id, "ids")
    )
    return insert(table).from_select(["organization", "group_id", column], rows)


def _remove(rank: int) -> Delete:
    _, table, column = _TABLES[rank]
    return delete(table).where(
        table.c.organization == bindparam("org"),
        table.c.group_id == bindparam("group"),
        is_in(table.c[column], "ids"),
    )


_CANDIDATES: Final = Compiled(_both(_candidates))
_PRESENT: Final = Compiled(_both(_present))
_PRESENT_AMONG: Final = Compiled(_both(_present_among))
_ADD_PEOPLE, _ADD_GROUPS = (Compiled(_add(rank)) for rank in (0, 1))
_REMOVE_PEOPLE, _REMOVE_GROUPS = (Compiled(_remove(rank)) for rank in (0, 1))


def of(read: Read, group: str) -> list[Member]:
    """The members of a group: first people, then groups, each in the order of creation."""
    return [
        member
        for _, member in _in_order(read.rows(query_of_one(read.dialect, among=False), {"group": group}))
    ]


def of_each(read: Read, groups_: Sequence[str]) -> dict[str, list[Member]]:
    """The members of each of some groups, in the same order."""
    found: dict[str, list[Member]] = {group: [] for group in groups_}
    parameters = {"org": read.organization, "groups": groups_}
    for group, member in _in_order(read.connection.execute(_of_some(read.dialect), parameters)):
        found[group].append(member)
    return found


def among(read: Read, group: str, ids: Sequence[str]) -> list[Member]:
    """The members of a group that are among the given ids, in the same order."""
    rows = read.rows(query_of_one(read.dialect, among=True), {"group": group, "ids": ids})
    return [member for _, member in _in_order(rows)]


def _in_order(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[str, Member]]:
    """Groups and members from the rows of a query."""
    for group, rank, _, id_, document in sorted(rows, key=_place):
        yield group, Member(id_, orjson.loads(document).get("displayName"), _KINDS[rank])


_place: Final = itemgetter(1, 2)
"""People before groups, each in the order of creation."""


def candidates(read: Read, group: str, ids: Sequence[str]) -> Candidates:
    """What the ids are to a group, which need not exist yet."""
    if not ids:
        return Candidates()
    rows = read.rows(_CANDIDATES, {"group": group, "ids": ids})
    known = {row[0] for row in rows}
    return Candidates(
        new=_members((id_, rank) for id_, rank, member, _ in rows if not member),
        present=_members((id_, rank) for id_, rank, member, _ in rows if member),
        unknown=[id_ for id_ in ids if id_ not in known] if len(known) < len(ids) else (),
        circular=next((id_ for id_, _, _, contains in rows if contains), None),
    )


def present(read: Read, group: str, ids: Sequence[str] | None) -> Members:
    """The members of a group among the given ids, or all members."""
    if ids is None:
        rows = read.rows(_PRESENT, {"group": group})
    else:
        rows = read.rows(_PRESENT_AMONG, {"group": group, "ids": ids})
    return _members((id_, rank) for id_, rank in rows)


def _members(ranked: Iterable[tuple[str, int]]) -> Members:
    kinds: tuple[set[str], set[str]] = (set(), set())
    for id_, rank in ranked:
        kinds[rank].add(id_)
    return Members(frozenset(kinds[0]), frozenset(kinds[1]))


def add(write: Write, group: str, new: Members) -> None:
    """Add people and groups that are not members yet."""
    _change(write, _ADD_PEOPLE, group, new.people)
    _change(write, _ADD_GROUPS, group, new.groups)
    if new.groups:
        nesting.rebuild(write)


def remove(write: Write, group: str, gone: Members) -> None:
    """End memberships that exist."""
    _change(write, _REMOVE_PEOPLE, group, gone.people)
    _change(write, _REMOVE_GROUPS, group, gone.groups)
    if gone.groups:
        nesting.rebuild(write)


def _change(write: Write, statement: Compiled, group: str, ids: frozenset[str]) -> None:
    if ids:
        write.change(statement, {"group": group, "ids": ids}, rows=len(ids))
