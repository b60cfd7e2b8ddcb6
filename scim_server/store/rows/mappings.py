"""Mappings of groups, and the people in mapped groups."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, delete, insert, literal, or_, select, update

from scim_server.store.database.session import Read, Write
from scim_server.store.tables import (
    group_closure,
    group_mappings,
    group_members,
    groups,
    organizations,
    people,
)
from seat_policy.mapping import GroupMapping, Unmapped
from seat_policy.roles import Role
from seat_policy.seat_state import Unseated


@dataclass(frozen=True, slots=True)
class Mapped:
    """A saved mapping.

    Attributes:
        name: the displayName of the group in any case, or the externalId.
        key: the name in the form for comparison.
    """

    key: str
    name: str
    gives: GroupMapping


_ALL: Final = select(group_mappings).where(group_mappings.c.organization == bindparam("org"))
_MATCHES: Final = (group_mappings.c.organization == groups.c.organization) & or_(
    group_mappings.c.key == groups.c.display_name_key, group_mappings.c.name == groups.c.external_id
)
_GIVEN: Final = (
    select(group_members.c.person, group_mappings.c.tier, group_mappings.c.role, group_mappings.c.priority)
    .distinct()
    .join(
        group_closure,
        (group_closure.c.organization == group_members.c.organization)
        & (group_closure.c.descendant == group_members.c.group_id),
    )
    .join(
        groups,
        (groups.c.organization == group_closure.c.organization) & (groups.c.id == group_closure.c.ancestor),
    )
    .join(group_mappings, _MATCHES)
    .where(
        group_members.c.organization == bindparam("org"),
        group_members.c.person.in_(bindparam("ids", expanding=True)),
    )
)
_BY_GROUP: Final = (
    select(groups.c.id, group_mappings.c.tier, group_mappings.c.role, group_mappings.c.priority)
    .join(group_mappings, _MATCHES)
    .where(groups.c.organization == bindparam("org"), groups.c.id.in_(bindparam("ids", expanding=True)))
)
_UNDER: Final = (
    select(group_members.c.person)
    .distinct()
    .join(
        group_closure,
        (group_closure.c.organization == group_members.c.organization)
        & (group_closure.c.descendant == group_members.c.group_id),
    )
    .where(
        group_members.c.organization == bindparam("org"),
        group_closure.c.ancestor.in_(bindparam("ids", expanding=True)),
    )
)
_CHUNK: Final = 5_000
"""How many parameters one statement may have; every driver allows that many."""


def every(read: Read) -> list[Mapped]:
    """All mappings, ordered by name."""
    rows = read.connection.execute(_ALL, {"org": read.organization})
    found = [Mapped(row.key, row.name, _gives(row.tier, row.role, row.priority)) for row in rows]
    return sorted(found, key=lambda one: one.key)


def _gives(tier: str | None, role: str | None, priority: int | None) -> GroupMapping:
    return GroupMapping(tier, None if role is None else Role(role), priority)


def put(write: Write, mapped: Mapped) -> None:
    """Save a mapping, which replaces an earlier one for the same group."""
    remove(write, mapped.key)
    write.connection.execute(
        insert(group_mappings).values(
            organization=write.organization,
            key=mapped.key,
            name=mapped.name,
            tier=mapped.gives.tier,
            role=mapped.gives.role,
            priority=mapped.gives.priority,
        )
    )


def remove(write: Write, key: str) -> None:
    """Remove a mapping."""
    here = (group_mappings.c.organization == write.organization) & (group_mappings.c.key == key)
    write.connection.execute(delete(group_mappings).where(here))


def unmapped(read: Read) -> Unmapped:
    """What people get if their groups give no tier."""
    query = select(organizations.c.unmapped).where(organizations.c.id == read.organization)
    return Unmapped(read.connection.execute(query).scalar_one() or Unmapped.HIGHEST)


def choose_unmapped(write: Write, choice: Unmapped) -> None:
    """Set what people get if their groups give no tier."""
    here = organizations.c.id == write.organization
    write.connection.execute(update(organizations).where(here).values(unmapped=choice))


def given(read: Read, ids: Iterable[str]) -> Mapping[str, list[GroupMapping]]:
    """What groups give to each person, by id. Nested groups also give to the people inside them."""
    found: dict[str, list[GroupMapping]] = {person: [] for person in ids}
    listed = list(found)
    for start in range(0, len(listed), _CHUNK):
        some = listed[start : start + _CHUNK]
        for row in read.connection.execute(_GIVEN, {"org": read.organization, "ids": some}):
            found[row.person].append(_gives(row.tier, row.role, row.priority))
    return found


def of_groups(read: Read, ids: Iterable[str]) -> Mapping[str, list[GroupMapping]]:
    """What each of some groups gives, by its id. Mappings match groups by displayName or by externalId."""
    found: dict[str, list[GroupMapping]] = {group: [] for group in ids}
    listed = list(found)
    for start in range(0, len(listed), _CHUNK):
        some = listed[start : start + _CHUNK]
        for row in read.connection.execute(_BY_GROUP, {"org": read.organization, "ids": some}):
            found[row.id].append(_gives(row.tier, row.role, row.priority))
    return found


def given_by_names(read: Read, names: Iterable[str], keys: Iterable[str]) -> list[GroupMapping]:
    """What groups with these names give, even if the groups do not exist."""
    return given_by(every(read), names, keys)


def given_by(listed: Iterable[Mapped], names: Iterable[str], keys: Iterable[str]) -> list[GroupMapping]:
    """What the mappings give whose groups have these names or keys."""
    wanted = set(keys), set(names)
    return [one.gives for one in listed if one.key in wanted[0] or one.name in wanted[1]]


def people_under(read: Read, group_ids: Iterable[str]) -> set[str]:
    """All people in the given groups, or in groups inside them. Other ids are ignored."""
    listed, found = list(group_ids), set[str]()
    for start in range(0, len(listed), _CHUNK):
        some = listed[start : start + _CHUNK]
        found |= set(read.connection.execute(_UNDER, {"org": read.organization, "ids": some}).scalars())
    return found


def matching(read: Read, display_name_key: str, external_id: str | None) -> list[Mapped]:
    """The mappings that apply to a group with this name or externalId."""
    return [one for one in every(read) if one.key == display_name_key or one.name == external_id]


def members_of_mapped(read: Read, mapped: Mapped) -> set[str]:
    """All people to whom a mapping applies now."""
    return people_under(read, groups_called(read, mapped.key, mapped.name))


def groups_called(read: Read, key: str, name: str) -> list[str]:
    """The ids of groups with this displayName, in the form for comparison, or this externalId."""
    query = select(groups.c.id).where(
        groups.c.organization == read.organization,
        or_(groups.c.display_name_key == key, groups.c.external_id == name),
    )
    return list(read.connection.execute(query).scalars())


def everybody(read: Read, *, unseated: Unseated | None = None) -> set[str]:
    """The ids of all active people. If a reason is given, only people who have no seat for this reason."""
    query = select(people.c.id).where(people.c.organization == read.organization, people.c.active)
    if unseated is not None:
        query = query.where(people.c.unseated == unseated)
    return set(read.connection.execute(query).scalars())


def none_given(read: Read) -> bool:
    """Whether any mapping gives a tier. If not, the setting for people without a tier does not apply."""
    query = select(literal(1)).where(
        group_mappings.c.organization == read.organization, group_mappings.c.tier.is_not(None)
    )
    return read.connection.execute(query.limit(1)).first() is None
