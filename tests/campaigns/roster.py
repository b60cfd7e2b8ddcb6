"""Members, their groups and their invitations, read by separate SQL of the tests."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.campaigns import books
from tests.campaigns.ledger import parsed


@dataclass(frozen=True, slots=True)
class Member:
    """A row of people."""

    id: str
    name: str
    active: bool
    role: str
    tier: str | None
    wants: str | None
    priority: int
    arrival: int | None
    unseated: str | None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A row of invitations."""

    id: str
    email: str
    state: str
    held: str | None
    person: str | None


@dataclass(frozen=True, slots=True)
class Gives:
    """The mapping of a group."""

    tier: str | None
    role: str | None
    priority: int | None


@dataclass(frozen=True, slots=True)
class Roster:
    """The whole roster, in one snapshot.

    Attributes:
        mappings: by the group's key.
        within: keys of the groups that a person is in, by their id, also by way of others.
        unmapped: the setting for people without a tier from a group.
        personal: the person of an event, by its number: a userName, or an address.
    """

    members: Sequence[Member]
    invitations: Sequence[Invitation]
    mappings: Mapping[str, Gives]
    within: Mapping[str, frozenset[str]]
    unmapped: str
    personal: Mapping[int, str]


def read(database_url: str, slug: str) -> Roster:
    """The roster of one organization."""
    with books.cursor(database_url) as one:
        one.execute(f"SELECT id, unmapped FROM organizations WHERE slug = '{slug}'")
        organization, unmapped = one.fetchone()

        def rows(columns: str, table: str) -> list[Any]:
            one.execute(f"SELECT {columns} FROM {table} WHERE organization = '{organization}'")
            return list(one.fetchall())

        columns = "id, user_name_key, active, role, tier, wants, priority, arrival, unseated"
        members = [Member(*row) for row in rows(columns, "people")]
        invitations = [Invitation(*row) for row in rows("id, email_key, state, held, person", "invitations")]
        mappings = {
            str(row[0]): Gives(*row[1:]) for row in rows("key, tier, role, priority", "group_mappings")
        }
        keys = dict(rows("id, display_name_key", '"groups"'))
        outer: dict[str, set[str]] = defaultdict(set)
        for group, inside in rows("group_id, subgroup", "group_subgroups"):
            outer[inside].add(group)
        within: dict[str, set[str]] = defaultdict(set)
        for group, person in rows("group_id, person", "group_members"):
            within[person] |= {keys[name] for name in _around(group, outer)}
        personal = {
            number: str(acknowledged.get("userName") or acknowledged.get("email"))
            for number, text in rows("sequence, personal", "events")
            if (acknowledged := parsed(text))
        }
        groups = {person: frozenset(names) for person, names in within.items()}
        return Roster(members, invitations, mappings, groups, unmapped or "highest", personal)


def _around(group: str, outer: Mapping[str, set[str]]) -> set[str]:
    """A group, and all groups that contain it."""
    found, open_ = {group}, [group]
    while open_:
        for one in outer.get(open_.pop(), set()) - found:
            found.add(one)
            open_.append(one)
    return found
