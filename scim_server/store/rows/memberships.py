"""Writes new versions of people and groups when memberships change (RFC 7644 section 3.14).

The `groups` of a person contain the person's groups and all groups above them. When a group is nested,
un-nested or deleted, the value changes for all people inside it. A group shows only its direct members. Each
function needs the same number of statements for any number of people.
"""

from typing import Final

from sqlalchemy import FromClause, Select, Table, bindparam, exists, literal, select, union_all, update
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import SelectBase

from scim_server.store.database.compiled import Compiled
from scim_server.store.database.id_lists import given, is_in
from scim_server.store.database.session import Read, Write
from scim_server.store.rows.group_members import Members
from scim_server.store.tables import group_closure, group_members, group_subgroups, groups, people

_TOUCH_PEOPLE: Final = Compiled(
    update(people)
    .where(people.c.organization == bindparam("org"), is_in(people.c.id, "ids"))
    .values(version=people.c.version + 1, modified=bindparam("at"))
)


def touch(write: Write, group: str, entered: Members, left: Members) -> None:
    """Write new versions after a group's members changed.

    The members get a new version. A person inside a nested group gets one only if the person entered or left
    the group. A person who is also in the group in another way has the same groups as before.

    Args:
        entered, left: the members that were added and removed; the rows of the memberships are already
            written.
    """
    if not entered.groups and not left.groups:
        ids = entered.people | left.people
        write.change(_TOUCH_PEOPLE, {"ids": ids, "at": write.at}, rows=len(ids))
        return
    coming, gone = given(entered.ids), given(left.ids)
    below = _newly_inside(write, group, coming, gone), _no_longer_inside(write, group, gone)
    _touch(write, groups, union_all(coming, gone))
    _touch(write, people, union_all(coming, gone, *below))


def touch_all(write: Write, group: str) -> None:
    """Write new versions of the groups above a group that will be deleted, and of all people inside it."""
    below = select(group_subgroups.c.subgroup).where(
        group_subgroups.c.organization == write.organization, group_subgroups.c.group_id == group
    )
    _touch(write, groups, below)
    _touch(write, people, _inside(write, select(literal(group))))


def _touch(write: Write, table: Table, ids: SelectBase) -> None:
    write.connection.execute(
        update(table)
        .where(table.c.organization == write.organization, table.c.id.in_(ids))
        .values(version=table.c.version + 1, modified=write.at)
    )


def _inside(read: Read, ancestors: SelectBase) -> Select[tuple[str]]:
    """The people inside some groups, at any depth."""
    return (
        select(group_members.c.person)
        .join(
            group_closure,
            (group_closure.c.organization == group_members.c.organization)
            & (group_closure.c.descendant == group_members.c.group_id),
        )
        .where(group_members.c.organization == read.organization, group_closure.c.ancestor.in_(ancestors))
    )


def _no_longer_inside(read: Read, group: str, left: Select[tuple[str]]) -> Select[tuple[str]]:
    """The people of groups that left a group, unless they are still in it in another way."""
    member, closure = group_members.alias("still"), group_closure.alias("above")
    return _inside(read, left).where(
        ~exists(
            select(literal(1))
            .select_from(member.join(closure, _joined(member, closure)))
            .where(*_of_same_person(member), closure.c.ancestor == group)
        )
    )


def _newly_inside(
    read: Read, group: str, entered: Select[tuple[str]], left: Select[tuple[str]]
) -> Select[tuple[str]]:
    """The people of groups that entered a group, unless they were already in it in another way."""
    nested = select(group_subgroups.c.subgroup).where(
        group_subgroups.c.organization == read.organization,
        group_subgroups.c.group_id == group,
        group_subgroups.c.subgroup.not_in(entered),
    )
    member, closure = group_members.alias("before"), group_closure.alias("above")
    return _inside(read, entered).where(
        ~exists(
            select(literal(1))
            .select_from(member.join(closure, _joined(member, closure)))
            .where(
                *_of_same_person(member),
                (member.c.group_id == group) | closure.c.ancestor.in_(nested) | closure.c.ancestor.in_(left),
            )
        )
    )


def _joined(member: FromClause, closure: FromClause) -> ColumnElement[bool]:
    return (closure.c.organization == member.c.organization) & (closure.c.descendant == member.c.group_id)


def _of_same_person(member: FromClause) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        member.c.organization == group_members.c.organization,
        member.c.person == group_members.c.person,
    )
