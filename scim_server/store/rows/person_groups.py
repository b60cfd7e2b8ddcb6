"""The groups of people, direct and indirect."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import bindparam, case, func, select

from scim_server.protocol.user import Membership
from scim_server.store.database.compiled import Compiled
from scim_server.store.database.session import Read
from scim_server.store.tables import group_closure, group_members, groups

_DIRECT: Final = func.max(case((group_closure.c.ancestor == group_closure.c.descendant, 1), else_=0))
_MEMBERSHIPS: Final = (
    select(group_members.c.person, groups.c.id, groups.c.display_name, _DIRECT.label("direct"))
    .join(
        group_closure,
        (group_closure.c.organization == group_members.c.organization)
        & (group_closure.c.descendant == group_members.c.group_id),
    )
    .join(
        groups,
        (groups.c.organization == group_closure.c.organization) & (groups.c.id == group_closure.c.ancestor),
    )
    .where(group_members.c.organization == bindparam("org"))
    .group_by(group_members.c.person, groups.c.id, groups.c.display_name, groups.c.sequence)
    .order_by(groups.c.sequence)
)
_GROUPS_OF: Final = _MEMBERSHIPS.where(group_members.c.person.in_(bindparam("ids", expanding=True)))
_GROUPS_OF_ONE: Final = Compiled(_MEMBERSHIPS.where(group_members.c.person == bindparam("person")))


def of_people(read: Read, ids: Sequence[str]) -> dict[str, list[Membership]]:
    """The groups of each of some people, including indirect groups."""
    found: dict[str, list[Membership]] = {person: [] for person in ids}
    rows: Iterable[Sequence[Any]]
    if len(ids) == 1:
        rows = read.rows(_GROUPS_OF_ONE, {"person": ids[0]})
    else:
        rows = read.connection.execute(_GROUPS_OF, {"org": read.organization, "ids": list(ids)})
    for person, group, name, direct in rows:
        found[person].append(Membership(group, name, "direct" if direct else "indirect"))
    return found
