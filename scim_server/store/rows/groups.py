"""Groups, with their members as rows. The cost of a change does not depend on the size of the group."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)

from scim_server.protocol.group import Group, Member
from scim_server.store.database.compiled import Compiled
from scim_server.store.database.session import Ask, Read, Write
from scim_server.store.rows import memberships, nesting
from scim_server.store.rows.memberships import given
from scim_server.store.tables import (
    Key,
    group_closure,
    group_members,
    group_subgroups,
    groups,
    organization_clock,
    people,
)


@dataclass(frozen=True, slots=True)
class StoredGroup:
    """A row of `groups`, without the columns that only serve searches.

    Attributes:
        sequence: the number of the event that created the group, for the order of pages.
        members: the number of members.
        document: JSON text with canonical names, without members.
    """

    id: str
    sequence: int
    display_name: str
    display_name_key: str
    external_id: str | None
    members: int
    created: str
    modified: str
    version: int
    document: str


_FIELDS: Final = tuple(StoredGroup.__dataclass_fields__)
COLUMNS: Final = tuple(groups.c[name] for name in _FIELDS)
_HERE: Final = groups.c.organization == bindparam("org")
_GET: Final = select(*COLUMNS).where(_HERE, groups.c.id == bindparam("group"))
_GET_BY: Final = Compiled(_GET)
_UPDATE: Final = (
    update(groups)
    .where(_HERE, groups.c.id == bindparam("group"), groups.c.version == bindparam("seen"))
    .values({name: bindparam(f"new_{name}") for name in _FIELDS if name not in ("id", "sequence", "created")})
    .values(search=bindparam("new_search", type_=groups.c.search.type))
)


def _members(kind: Table, table: Table, column: str) -> Select[tuple[str, str, str]]:
    """Group, id and document of the members that are rows of a table."""
    same = (kind.c.organization == table.c.organization) & (kind.c.id == table.c[column])
    return (
        select(table.c.group_id, kind.c.id, kind.c.document)
        .join(kind, same)
        .where(
            table.c.organization == bindparam("org"),
            table.c.group_id.in_(bindparam("ids", expanding=True)),
        )
        .order_by(kind.c.sequence)
    )


_PEOPLE_IN: Final = _members(people, group_members, "person")
_GROUPS_IN: Final = _members(groups, group_subgroups, "subgroup")


def get(read: Read, group: str) -> StoredGroup | None:
    """The group with this id."""
    if "\x00" in group:
        return None  # PostgreSQL cannot store this text, so no group can have such an id.
    row = read.connection.execute(_GET, {"org": read.organization, "group": group}).first()
    return StoredGroup(*row) if row else None


def get_by(ask: Ask, group: str) -> StoredGroup | None:
    """The group with this id, read by one query without a transaction."""
    if "\x00" in group:
        return None
    rows = ask(_GET_BY, {"group": group})
    return StoredGroup(*rows[0]) if rows else None


def add(write: Write, stored: StoredGroup, group: Group) -> None:
    """Insert a group without members, and update the organization's counter of groups."""
    values: dict[str, Any] = {name: getattr(stored, name) for name in _FIELDS}
    write.connection.execute(
        insert(groups), values | {"organization": write.organization, "search": group.search}
    )
    nesting.add(write, stored.id)
    write.clock.groups += 1


def change(write: Write, before: StoredGroup, group: Group, members: int) -> StoredGroup:
    """Write a changed group, with a new version.

    Args:
        members: the new number of members.

    Raises:
        RuntimeError: the row has changed since it was read, although the lock should prevent that.
    """
    after = replace(
        before,
        display_name=group.display_name,
        display_name_key=group.display_name_key,
        external_id=group.external_id,
        document=group.document,
        members=members,
        modified=write.at,
        version=before.version + 1,
    )
    values: dict[str, Any] = {
        f"new_{name}": getattr(after, name) for name in _FIELDS if name not in ("id", "sequence", "created")
    }
    keys = {"org": write.organization, "group": before.id, "seen": before.version}
    written = write.connection.execute(_UPDATE, values | keys | {"new_search": group.search})
    if written.rowcount != 1:
        raise RuntimeError(f"group {before.id} changed under the organization's clock")
    return after


def remove(write: Write, group: StoredGroup) -> None:
    """Delete a group and its memberships. Groups that contain it or are in it get a new version."""
    nested = _touches_nesting(write, group.id)
    memberships.touch_all(write, group.id)
    parents = select(group_subgroups.c.group_id).where(
        group_subgroups.c.organization == write.organization, group_subgroups.c.subgroup == group.id
    )
    write.connection.execute(
        update(groups)
        .where(groups.c.organization == write.organization, groups.c.id.in_(parents))
        .values(version=groups.c.version + 1, modified=write.at, members=groups.c.members - 1)
    )
    write.connection.execute(
        delete(groups).where(groups.c.organization == write.organization, groups.c.id == group.id)
    )
    write.clock.groups -= 1
    if nested:
        nesting.rebuild(write)


def _touches_nesting(read: Read, group: str) -> bool:
    """Whether the group contains groups or is in another group."""
    either = (group_subgroups.c.group_id == group) | (group_subgroups.c.subgroup == group)
    query = select(literal(1)).where(group_subgroups.c.organization == read.organization, either).limit(1)
    return read.connection.execute(query).first() is not None


_MEMBER_TABLES: Final = ((group_members, "person"), (group_subgroups, "subgroup"))
_KINDS: Final = ((people, *_MEMBER_TABLES[0]), (groups, *_MEMBER_TABLES[1]))


def unknown_members(read: Read, ids: Sequence[str]) -> list[str]:
    """The ids that are neither people nor groups of this organization."""
    known: set[str] = set()
    for table in (people, groups):
        query = select(table.c.id).where(
            table.c.organization == read.organization, table.c.id.in_(given(read, ids))
        )
        known.update(read.connection.scalars(query))
    return [id_ for id_ in ids if id_ not in known]


def circular(read: Read, group: str, ids: Sequence[str]) -> str | None:
    """One of the ids whose group contains this group or is this group; None if there is none."""
    query = select(group_closure.c.ancestor).where(
        group_closure.c.organization == read.organization,
        group_closure.c.descendant == group,
        group_closure.c.ancestor.in_(given(read, ids)),
    )
    return read.connection.execute(query.limit(1)).scalar()


def add_members(write: Write, group: str, ids: Sequence[str]) -> set[str]:
    """Add people and groups as members; return the people who were not members before."""
    added: set[str] = set()
    for kind, table, column in _KINDS:
        present = exists(select(literal(1))).where(
            table.c.organization == kind.c.organization,
            table.c.group_id == group,
            table.c[column] == kind.c.id,
        )
        new = select(literal(write.organization, Key), literal(group, Key), kind.c.id).where(
            kind.c.organization == write.organization,
            kind.c.id.in_(given(write, ids)),
            ~present,
        )
        inserted = insert(table).from_select(["organization", "group_id", column], new)
        found = set(write.connection.scalars(inserted.returning(table.c[column])))
        if found and table is group_subgroups:
            nesting.rebuild(write)
        added |= found
    return added


def remove_members(write: Write, group: str, ids: Sequence[str] | None, *, keep: bool = False) -> set[str]:
    """End memberships; return the ids of the removed members.

    Args:
        ids: the members; None for all members.
        keep: the members that are not removed.
    """
    removed: set[str] = set()
    for table, column in _MEMBER_TABLES:
        gone = delete(table).where(table.c.organization == write.organization, table.c.group_id == group)
        if ids is not None:
            named = table.c[column].in_(given(write, ids))
            gone = gone.where(~named if keep else named)
        found = set(write.connection.scalars(gone.returning(table.c[column])))
        if found and table is group_subgroups:
            nesting.rebuild(write)
        removed |= found
    return removed


def with_ids(read: Read, ids: Sequence[str]) -> list[StoredGroup]:
    """The ids from the list that are groups of the organization."""
    query = select(*COLUMNS).where(groups.c.organization == read.organization, groups.c.id.in_(ids))
    return [group_of(row) for row in read.connection.execute(query)]


def members_of(read: Read, ids: Sequence[str]) -> dict[str, list[Member]]:
    """The members of each of some groups: first people, then groups, each in the order of creation."""
    found: dict[str, list[Member]] = {group: [] for group in ids}
    parameters = {"org": read.organization, "ids": list(ids)}
    for query, kind in ((_PEOPLE_IN, "User"), (_GROUPS_IN, "Group")):
        for row in read.connection.execute(query, parameters):
            name = orjson.loads(row.document).get("displayName")
            found[row.group_id].append(Member(row.id, name, kind))
    return found


def members_among(read: Read, group: str, ids: Sequence[str]) -> list[Member]:
    """The members of a group that are among the given ids, in any order."""
    found: list[Member] = []
    parameters = {"org": read.organization, "ids": [group]}
    for query, table, kind in ((_PEOPLE_IN, people, "User"), (_GROUPS_IN, groups, "Group")):
        rows = read.connection.execute(query.where(table.c.id.in_(given(read, ids))), parameters)
        found += [Member(row.id, orjson.loads(row.document).get("displayName"), kind) for row in rows]
    return found


def group_of(row: Sequence[Any]) -> StoredGroup:
    """A group from a row that begins with COLUMNS."""
    return StoredGroup(*row[: len(COLUMNS)])


def count(read: Read, condition: ColumnElement[bool] | None) -> int:
    """How many groups match a condition; without a condition, the counter of the organization."""
    if condition is None:
        query = select(organization_clock.c.groups).where(
            organization_clock.c.organization == bindparam("org")
        )
    else:
        query = select(func.count()).where(_HERE, condition)
    return int(read.connection.execute(query, {"org": read.organization}).scalar_one())
