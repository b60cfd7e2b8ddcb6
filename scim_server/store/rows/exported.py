"""Rows of an organization in parts, in the order of creation, for exports."""

from typing import Final

from sqlalchemy import select, union_all

from scim_server.store.database.session import Read
from scim_server.store.rows import groups as group_rows
from scim_server.store.rows import people as people_rows
from scim_server.store.rows import resources as resource_rows
from scim_server.store.rows.groups import StoredGroup
from scim_server.store.rows.people import Person
from scim_server.store.rows.resources import Resource
from scim_server.store.tables import group_members, group_subgroups, groups, people, resources

_WAITS: Final = people.c.wants.is_not(None) & people.c.tier.is_(None)


def people_after(read: Read, sequence: int, limit: int) -> list[Person]:
    """The next people, except those who wait for a seat."""
    query = (
        select(*people_rows.COLUMNS)
        .where(people.c.organization == read.organization, people.c.sequence > sequence, ~_WAITS)
        .order_by(people.c.sequence)
        .limit(limit)
    )
    return [people_rows.person_of(row) for row in read.connection.execute(query)]


def waiting_after(read: Read, last: Person | None, limit: int) -> list[Person]:
    """The next people who wait for a seat, in the order of the queue."""
    query = select(*people_rows.COLUMNS).where(people.c.organization == read.organization, _WAITS)
    if last is not None:
        later = (people.c.priority == last.priority) & (people.c.arrival > last.arrival)
        query = query.where((people.c.priority > last.priority) | later)
    rows = read.connection.execute(query.order_by(people.c.priority, people.c.arrival).limit(limit))
    return [people_rows.person_of(row) for row in rows]


def groups_after(read: Read, sequence: int, limit: int) -> list[StoredGroup]:
    """The next groups."""
    query = (
        select(*group_rows.COLUMNS)
        .where(groups.c.organization == read.organization, groups.c.sequence > sequence)
        .order_by(groups.c.sequence)
        .limit(limit)
    )
    return [group_rows.group_of(row) for row in read.connection.execute(query)]


def members_after(read: Read, group: str, id_: str, limit: int) -> list[str]:
    """The ids of the next members of a group, people and groups, in the order of the ids."""
    both = union_all(
        select(group_members.c.person.label("member")).where(
            group_members.c.organization == read.organization,
            group_members.c.group_id == group,
            group_members.c.person > id_,
        ),
        select(group_subgroups.c.subgroup).where(
            group_subgroups.c.organization == read.organization,
            group_subgroups.c.group_id == group,
            group_subgroups.c.subgroup > id_,
        ),
    ).subquery("both")
    query = select(both.c.member).order_by(both.c.member).limit(limit)
    return list(read.connection.execute(query).scalars())


def resources_after(read: Read, sequence: int, limit: int) -> list[Resource]:
    """The next resources of custom types."""
    query = (
        select(*resource_rows.COLUMNS)
        .where(resources.c.organization == read.organization, resources.c.sequence > sequence)
        .order_by(resources.c.sequence)
        .limit(limit)
    )
    return [resource_rows.of(row) for row in read.connection.execute(query)]
