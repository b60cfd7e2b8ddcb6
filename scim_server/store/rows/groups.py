"""Groups, without their members. The cost of a change does not depend on the size of the group."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, literal, select, update

from scim_server.protocol.group import Group
from scim_server.store.database.compiled import Compiled
from scim_server.store.database.session import Ask, Read, Write
from scim_server.store.rows import memberships, nesting
from scim_server.store.tables import group_subgroups, groups, organization_clock


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
_GET: Final = Compiled(select(*COLUMNS).where(_HERE, groups.c.id == bindparam("group")))
_UPDATE: Final = Compiled(
    update(groups)
    .where(_HERE, groups.c.id == bindparam("group"), groups.c.version == bindparam("seen"))
    .values({name: bindparam(f"new_{name}") for name in _FIELDS if name not in ("id", "sequence", "created")})
    .values(search=bindparam("new_search", type_=groups.c.search.type))
)


def get(read: Read, group: str) -> StoredGroup | None:
    """The group with this id."""
    if "\x00" in group:
        return None  # PostgreSQL cannot store this text, so no group can have such an id.
    row = read.first(_GET, {"group": group})
    return StoredGroup(*row) if row else None


def get_by(ask: Ask, group: str) -> StoredGroup | None:
    """The group with this id, read by one query without a transaction."""
    if "\x00" in group:
        return None
    rows = ask(_GET, {"group": group})
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

    The row must not have changed since it was read. The lock should guarantee this; if the row has changed,
    the write fails.
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
    keys = {"group": before.id, "seen": before.version}
    write.change(_UPDATE, values | keys | {"new_search": group.search}, rows=1)
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


def with_ids(read: Read, ids: Sequence[str]) -> list[StoredGroup]:
    """The ids from the list that are groups of the organization."""
    query = select(*COLUMNS).where(groups.c.organization == read.organization, groups.c.id.in_(ids))
    return [group_of(row) for row in read.connection.execute(query)]


def named(read: Read, keys: Sequence[str], external_ids: Sequence[str]) -> list[StoredGroup]:
    """The groups with one of these names, in the form for comparison, or externalIds, oldest first."""
    either = groups.c.display_name_key.in_(keys) | groups.c.external_id.in_(external_ids)
    query = select(*COLUMNS).where(groups.c.organization == read.organization, either)
    return [group_of(row) for row in read.connection.execute(query.order_by(groups.c.sequence))]


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
