"""Groups, and their members as rows: a change costs what it changes, not what the group holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from scim_server.protocol.group import Group
from scim_server.store.session import Read, Write
from scim_server.store.tables import Key, group_members, groups, organization_clock, people


@dataclass(frozen=True, slots=True)
class StoredGroup:
    """A row of `groups`, without what is only searched.

    Attributes:
        sequence: of the event that created it: the paging order.
        members: how many members it has.
        document: JSON text under canonical names, without members.
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
_UPDATE: Final = (
    update(groups)
    .where(_HERE, groups.c.id == bindparam("group"), groups.c.version == bindparam("seen"))
    .values({name: bindparam(f"new_{name}") for name in _FIELDS if name not in ("id", "sequence", "created")})
    .values(search=bindparam("new_search", type_=groups.c.search.type))
)
_MEMBERS_OF: Final = (
    select(group_members.c.group_id, people.c.id, people.c.document)
    .join(
        people,
        (people.c.organization == group_members.c.organization) & (people.c.id == group_members.c.person),
    )
    .where(
        group_members.c.organization == bindparam("org"),
        group_members.c.group_id.in_(bindparam("ids", expanding=True)),
    )
    .order_by(people.c.sequence)
)


def get(read: Read, group: str) -> StoredGroup | None:
    """The group with this id."""
    row = read.connection.execute(_GET, {"org": read.organization, "group": group}).first()
    return StoredGroup(*row) if row else None


def add(write: Write, stored: StoredGroup, group: Group) -> None:
    """Insert a group without members; the organization's count of groups moves."""
    values: dict[str, Any] = {name: getattr(stored, name) for name in _FIELDS}
    write.connection.execute(
        insert(groups), values | {"organization": write.organization, "search": group.search}
    )
    write.clock.groups += 1


def change(write: Write, before: StoredGroup, group: Group, members: int) -> StoredGroup:
    """Write a changed group, with a new version.

    Args:
        members: how many members it now has.

    Raises:
        RuntimeError: the row is not the one that was read, which the clock forbids.
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
    """Delete a group and its memberships; its members get a new version."""
    _touch(write, _member_ids(write, group.id))
    write.connection.execute(
        delete(groups).where(groups.c.organization == write.organization, groups.c.id == group.id)
    )
    write.clock.groups -= 1


def _member_ids(read: Read, group: str) -> Select[tuple[str]]:
    return select(group_members.c.person).where(
        group_members.c.organization == read.organization, group_members.c.group_id == group
    )


def _given(read: Read, ids: Iterable[str]) -> Select[tuple[str]]:
    """A list of ids as a table of one parameter: the number of statements never depends on its length."""
    parameter = literal(orjson.dumps(list(ids)).decode(), Text)
    if read.connection.dialect.name == "sqlite":
        rows = func.json_each(parameter).table_valued("value")
        return select(rows.c.value)
    return select(func.jsonb_array_elements_text(cast(cast(parameter, Text), JSONB)).column_valued("value"))


def unknown_people(read: Read, ids: Sequence[str]) -> list[str]:
    """Those of the ids that are nobody of this organization."""
    known = set(
        read.connection.scalars(
            select(people.c.id).where(
                people.c.organization == read.organization, people.c.id.in_(_given(read, ids))
            )
        )
    )
    return [person for person in ids if person not in known]


def add_members(write: Write, group: str, ids: Sequence[str]) -> set[str]:
    """Make people members; returns those who were not."""
    new = select(literal(write.organization, Key), literal(group, Key), people.c.id).where(
        people.c.organization == write.organization,
        people.c.id.in_(_given(write, ids)),
        people.c.id.not_in(_member_ids(write, group)),
    )
    inserted = (
        insert(group_members)
        .from_select(["organization", "group_id", "person"], new)
        .returning(group_members.c.person)
    )
    return set(write.connection.scalars(inserted))


def remove_members(write: Write, group: str, ids: Sequence[str] | None, *, keep: bool = False) -> set[str]:
    """End memberships; returns whose.

    Args:
        ids: whose; None for all.
        keep: end all but these instead.
    """
    gone = delete(group_members).where(
        group_members.c.organization == write.organization, group_members.c.group_id == group
    )
    if ids is not None:
        named = group_members.c.person.in_(_given(write, ids))
        gone = gone.where(~named if keep else named)
    return set(write.connection.scalars(gone.returning(group_members.c.person)))


def touch_people(write: Write, ids: Iterable[str]) -> None:
    """New versions for people whose memberships changed (DESIGN, wire 18)."""
    _touch(write, _given(write, ids))


def _touch(write: Write, ids: Select[tuple[str]]) -> None:
    write.connection.execute(
        update(people)
        .where(people.c.organization == write.organization, people.c.id.in_(ids))
        .values(version=people.c.version + 1, modified=write.at)
    )


def with_ids(read: Read, ids: Sequence[str]) -> list[StoredGroup]:
    """Those of the ids that are groups of the organization."""
    query = select(*COLUMNS).where(groups.c.organization == read.organization, groups.c.id.in_(ids))
    return [group_of(row) for row in read.connection.execute(query)]


def members_of(read: Read, ids: Sequence[str]) -> dict[str, list[tuple[str, str | None]]]:
    """The members, (id, displayName), of each of some groups, in the order in which they came."""
    found: dict[str, list[tuple[str, str | None]]] = {group: [] for group in ids}
    for group, person, document in read.connection.execute(
        _MEMBERS_OF, {"org": read.organization, "ids": list(ids)}
    ):
        found[group].append((person, orjson.loads(document).get("displayName")))
    return found


def group_of(row: Sequence[Any]) -> StoredGroup:
    """A group from a row that begins with COLUMNS."""
    return StoredGroup(*row[: len(COLUMNS)])


def count(read: Read, condition: ColumnElement[bool] | None) -> int:
    """How many groups meet a condition; without one, the organization's counter says it."""
    if condition is None:
        query = select(organization_clock.c.groups).where(
            organization_clock.c.organization == read.organization
        )
    else:
        query = select(func.count()).where(groups.c.organization == read.organization, condition)
    return int(read.connection.execute(query).scalar_one())
