"""People as SCIM shows them, with their groups and the names of their managers, in one query.

One statement sees one consistent state, so an answer that needs only this statement needs no transaction.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Dialect, Text, and_, bindparam, case, cast, func, null, select
from sqlalchemy.dialects.postgresql import JSONB

from scim_server.history import PersonDeleted
from scim_server.protocol.resources import ENTERPRISE_SCHEMA
from scim_server.protocol.user import Manager, Membership, Seat, Shown, manager_id
from scim_server.store.database.compiled import Compiled, Row
from scim_server.store.database.session import Ask, Read
from scim_server.store.query.filters import Compiler
from scim_server.store.query.lists import Kind, Table, last, of_clock
from scim_server.store.rows.people import COLUMNS, Person, person_of, seat_status, seat_tier
from scim_server.store.tables import group_closure, group_members, groups, people

_FIELDS: Final = (
    "id",
    "sequence",
    "active",
    "created",
    "modified",
    "version",
    "document",
    "tier",
    "wants",
    "waiting_since",
)
_NONE: Final = "[]"
_manager: Final = people.alias("manager")


def columns(dialect: str, *, with_groups: bool) -> tuple[ColumnElement[Any], ...]:
    """The columns that are read for each person of `people`.

    `shown` takes rows that begin with these columns.
    """
    related = _memberships(dialect) if with_groups else null()
    stored = tuple(people.c[name] for name in _FIELDS)
    return (*stored, _manager_document(dialect).label("manager"), related.label("memberships"))


def _manager_document(dialect: str) -> ColumnElement[Any]:
    """The document of the person's manager, if the manager is a person of the organization."""
    path = (ENTERPRISE_SCHEMA.id, "manager", "value")
    document = people.c.document
    if dialect == "sqlite":
        has_one = func.instr(document, '"manager"') > 0
        value: ColumnElement[Any] = func.json_extract(document, "$" + "".join(f'."{key}"' for key in path))
    else:
        has_one = func.strpos(document, '"manager"') > 0
        value = cast(document, JSONB)[path].astext
    # Most people can be shown without parsing the manager's document.
    named = case((has_one, value))
    same = and_(_manager.c.organization == people.c.organization, _manager.c.id == named)
    return select(_manager.c.document).where(same).correlate(people).scalar_subquery()


def _memberships(dialect: str) -> ColumnElement[Any]:
    """The groups of a person, one entry for each way into the group, as JSON text."""
    one, all_ = (
        (func.json_array, func.json_group_array)
        if dialect == "sqlite"
        else (func.json_build_array, func.json_agg)
    )
    direct = case((group_closure.c.ancestor == group_closure.c.descendant, 1), else_=0)
    entry = one(groups.c.sequence, groups.c.id, groups.c.display_name, direct)
    rows = group_members.join(
        group_closure,
        and_(
            group_closure.c.organization == group_members.c.organization,
            group_closure.c.descendant == group_members.c.group_id,
        ),
    ).join(
        groups,
        and_(groups.c.organization == group_closure.c.organization, groups.c.id == group_closure.c.ancestor),
    )
    of_person = and_(
        group_members.c.organization == people.c.organization, group_members.c.person == people.c.id
    )
    return (
        select(cast(all_(entry), Text)).select_from(rows).where(of_person).correlate(people).scalar_subquery()
    )


_HERE: Final = and_(people.c.organization == bindparam("org"), people.c.id == bindparam("person"))


@cache
def _of_person(dialect: str, *, with_groups: bool) -> Compiled:
    return Compiled(select(*columns(dialect, with_groups=with_groups)).where(_HERE))


@cache
def _stored(dialect: str) -> Compiled:
    return Compiled(select(*COLUMNS, _memberships(dialect)).where(_HERE))


def kind(dialect: Dialect, compiler: Compiler, *, with_groups: bool) -> Kind:
    """People as they are listed. `shown` takes the rows."""

    def table() -> Table:
        listed = columns(dialect.name, with_groups=with_groups)
        return Table(listed, last(PersonDeleted.type), of_clock("people"), dialect)

    return Kind(compiler, f"people {with_groups}", table)


def get(ask: Ask, dialect: str, person: str, *, with_groups: bool, seats: bool) -> Shown | None:
    """The person with this id.

    Args:
        with_groups: whether the groups of the person are read.
        seats: whether the seat extension is shown.
    """
    if "\x00" in person:
        return None  # PostgreSQL cannot store this text, so no person can have such an id.
    rows = ask(_of_person(dialect, with_groups=with_groups), {"person": person})
    return shown(rows[0], seats=seats) if rows else None


def stored(read: Read, person: str) -> tuple[Person, tuple[Membership, ...]] | None:
    """The stored person with this id, and the person's groups, which no change of the person changes."""
    if "\x00" in person:
        return None
    row = read.first(_stored(read.dialect), {"person": person})
    return None if row is None else (person_of(row), _groups(row[-1]))


def shown(row: Row, *, seats: bool) -> Shown:
    """A person from a row that begins with the columns of `columns`."""
    id_, _, active, created, modified, version, document, tier, wants, waiting, manager, memberships = row[
        :12
    ]
    return Shown(
        id=id_,
        active=active,
        created=created,
        modified=modified,
        version=version,
        document=document,
        groups=_groups(memberships),
        manager=None if manager is None else _named(document, manager),
        seat=Seat(seat_status(active, tier, wants), seat_tier(tier, wants), waiting) if seats else None,
    )


def _groups(memberships: str | None) -> tuple[Membership, ...]:
    """The groups in the order of their creation, each only once; a direct membership has precedence."""
    if not memberships or memberships == _NONE:
        return ()
    ways: dict[str, tuple[int, str, int]] = {}
    for sequence, id_, name, direct in orjson.loads(memberships):
        known = ways.get(id_)
        ways[id_] = (sequence, name, direct if known is None else max(direct, known[2]))
    ordered: Sequence[tuple[str, tuple[int, str, int]]] = sorted(ways.items(), key=lambda one: one[1][0])
    return tuple(
        Membership(id_, name, "direct" if direct else "indirect") for id_, (_, name, direct) in ordered
    )


def _named(document: str, manager: str) -> Manager | None:
    id_ = manager_id(document)
    return None if id_ is None else Manager(id_, orjson.loads(manager).get("displayName"))
