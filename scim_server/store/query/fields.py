"""Where SQL finds the values of each attribute: in a column, in the search document, or in related rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from sqlalchemy import (
    ColumnElement,
    Float,
    FromClause,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from scim_server.protocol.attributes import JSON, Attribute, Type
from scim_server.protocol.resources import ENTERPRISE_SCHEMA, SEAT_SCHEMA
from scim_server.protocol.seat_status import SeatStatus
from scim_server.store.tables import (
    SEARCHED,
    Key,
    group_closure,
    group_members,
    group_subgroups,
    groups,
    people,
    person_values,
    resources,
)
from scim_server.store.tables.base import in_organization
from scim_server.store.tables.people import json_path
from seat_policy.contract import ANY

Values = ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Related:
    """A multi-valued attribute whose elements are rows of another table.

    Attributes:
        rows: the table or join from which the rows are selected.
        organization: the column with the organization's id.
        resource: the column with the resource's id.
        belongs: the condition that selects the rows of this resource.
        subs: the columns by sub-attribute, in lower case; the value of `$ref` has no base URL.
    """

    rows: FromClause
    organization: Values
    resource: Values
    belongs: ColumnElement[bool]
    subs: Mapping[str, Values]


@dataclass(frozen=True, slots=True)
class Searchable:
    """How resources of one type are searched.

    Attributes:
        table: the table of the type, with the columns `organization`, `id` and `search`.
        columns: the columns of attributes, by `name` or `name.sub` in lower case, or by `urn:name` for an
            extension.
        related: the multi-valued attributes that are stored as rows, by name.
        indexed: the multi-valued attributes whose values are in the table `person_values`.
        searched: the values of the search document that have an index on SQLite, by their place in the
            document.
        references: the URIs of single-valued attributes, without the base URL; the keys are the same
            names as in `columns`.
    """

    table: Table
    columns: Mapping[str, Values]
    related: Mapping[str, Related] = field(default_factory=dict)
    indexed: frozenset[str] = frozenset()
    references: Mapping[str, Values] = field(default_factory=dict)
    searched: Mapping[tuple[str, ...], Values] = field(default_factory=dict)


def _common(table: Table) -> dict[str, Values]:
    return {
        "id": table.c.id,
        "externalid": table.c.external_id,
        **({"displayname": table.c.display_name_key} if "display_name_key" in table.c else {}),
        "meta.created": table.c.created,
        "meta.lastmodified": table.c.modified,
        "meta.version": literal('W/"') + sql_cast(table.c.version, Text) + literal('"'),
    }


_ENTERPRISE: Final = ENTERPRISE_SCHEMA.id.lower()
_SEAT: Final = SEAT_SCHEMA.id.lower()
_manager = people.alias("manager")


def _of_manager(value: Values) -> Values:
    """The values shown for a manager who is a person of the organization. They are not stored (wire 11)."""
    manager = people.c.search[(_ENTERPRISE, "manager", "value")].as_string()
    same = and_(_manager.c.organization == people.c.organization, _manager.c.id == manager)
    return select(value).where(same).correlate(people).scalar_subquery()


# This includes membership through a group inside another group.
_IN_GROUP: Final = group_members.join(
    group_closure,
    and_(
        group_closure.c.organization == group_members.c.organization,
        group_closure.c.descendant == group_members.c.group_id,
    ),
).join(
    groups,
    and_(groups.c.organization == group_closure.c.organization, groups.c.id == group_closure.c.ancestor),
)

USERS: Final = Searchable(
    table=people,
    columns=_common(people)
    | {
        "username": people.c.user_name_key,
        "active": people.c.active,
        f"{_ENTERPRISE}:manager.displayname": _of_manager(_manager.c.display_name_key),
        f"{_SEAT}:status": case(
            (~people.c.active, SeatStatus.INACTIVE.value),
            (people.c.tier.is_not(None), SeatStatus.SEATED.value),
            (people.c.wants.is_not(None), SeatStatus.WAITING.value),
            else_=SeatStatus.NONE.value,
        ),
        f"{_SEAT}:tier": func.coalesce(people.c.tier, func.nullif(people.c.wants, ANY)),
        f"{_SEAT}:waitingsince": people.c.waiting_since,
    },
    related={
        "groups": Related(
            rows=_IN_GROUP,
            organization=group_members.c.organization,
            resource=group_members.c.person,
            belongs=and_(
                group_members.c.organization == people.c.organization, group_members.c.person == people.c.id
            ),
            subs={
                "value": group_closure.c.ancestor,
                "$ref": literal("/Groups/") + group_closure.c.ancestor,
                "display": groups.c.display_name_key,
                "type": case(
                    (group_closure.c.ancestor == group_closure.c.descendant, "direct"), else_="indirect"
                ),
            },
        )
    },
    indexed=frozenset({"emails", "phonenumbers"}),
    references={f"{_ENTERPRISE}:manager.$ref": _of_manager(literal("/Users/") + _manager.c.id)},
    searched={
        path: func.json_extract(people.c.search, literal_column(json_path(path)), type_=Key)
        for path in SEARCHED.values()
    },
)


def _members(kind: FromClause, table: Table, column: str, type_: str) -> Select[Any]:
    """Memberships of people, or of groups inside groups."""
    same = and_(kind.c.organization == table.c.organization, kind.c.id == table.c[column])
    return select(
        table.c.organization,
        table.c.group_id,
        table.c[column].label("value"),
        kind.c.display_name_key.label("display"),
        literal(type_).label("type"),
        (literal(f"/{type_.capitalize()}s/") + table.c[column]).label("$ref"),
    ).select_from(table.join(kind, same))


_MEMBERS: Final = union_all(
    _members(people.alias("member"), group_members, "person", "user"),
    _members(groups.alias("subgroup"), group_subgroups, "subgroup", "group"),
).subquery("members")

GROUPS: Final = Searchable(
    table=groups,
    columns=_common(groups),
    related={
        "members": Related(
            rows=_MEMBERS,
            organization=_MEMBERS.c.organization,
            resource=_MEMBERS.c.group_id,
            belongs=and_(
                _MEMBERS.c.organization == groups.c.organization, _MEMBERS.c.group_id == groups.c.id
            ),
            subs={name: _MEMBERS.c[name] for name in ("value", "display", "type", "$ref")},
        )
    },
)


RESOURCES: Final = Searchable(
    table=resources,
    columns=_common(resources),
)


def in_document(searchable: Searchable, keys: tuple[str | int, ...], attribute: Attribute) -> Values:
    """A single value of the search document. Numbers are returned as numbers, all other values as text."""
    value: Any = searchable.table.c.search[keys]
    return cast("Values", value.as_float() if is_number(attribute) else value.as_string())


def elements(searchable: Searchable, keys: tuple[str, ...], dialect: str) -> tuple[FromClause, Values]:
    """The elements of a list in the search document: the rows, and the column that contains an element."""
    search: Any = searchable.table.c.search
    if dialect == "sqlite":
        rows = func.json_each(search, "$" + "".join(f'."{key}"' for key in keys))
    else:
        rows = func.jsonb_array_elements(search[keys])
    table = rows.table_valued("value", name="element")
    return table, table.c.value


def in_element(element: Values, key: str | None, attribute: Attribute, dialect: str) -> Values:
    """A value inside one element. Without a key, it is the element itself, for a list of simple values."""
    if dialect == "sqlite":
        return element if key is None else func.json_extract(element, f'$."{key}"')
    # The empty path means the element itself, without the quotes of JSON.
    text = sql_cast(element, JSONB).op("#>>")(sql_cast([] if key is None else [key], ARRAY(Text)))
    return sql_cast(text, Float) if is_number(attribute) else sql_cast(text, Text)


def is_number(attribute: Attribute) -> bool:
    """Whether the values of the attribute are compared as numbers."""
    return attribute.type in (Type.INTEGER, Type.DECIMAL)


def has_key(searchable: Searchable, key: str, dialect: str) -> ColumnElement[bool]:
    """The condition that the search document has a value under a top-level key."""
    search: Any = searchable.table.c.search
    if dialect == "sqlite":
        return func.json_type(search, f'$."{key}"').is_not(None)
    return cast("ColumnElement[bool]", sql_cast(search, JSONB).has_key(key))


def contains(searchable: Searchable, content: JSON) -> ColumnElement[bool]:
    """The condition that the search document contains these values, with the index of PostgreSQL.

    The parameter `org` is the organization's id.
    """
    table = searchable.table
    wanted = in_organization(bindparam("org", type_=Text), literal(content, JSONB))
    return in_organization(table.c.organization, table.c.search).contains(wanted)


def matched(attribute: str, value: str) -> ColumnElement[bool]:
    """The condition that a person has this e-mail address or telephone number, with the index of values."""
    people_with_it = select(person_values.c.person).where(
        person_values.c.organization == people.c.organization,
        person_values.c.attribute == attribute,
        person_values.c.value == value,
    )
    return people.c.id.in_(people_with_it.correlate(people))


def belongs(searchable: Searchable, related: Related, value: JSON) -> ColumnElement[bool]:
    """The condition that a resource has this `value` in related rows, with their index; for SQLite."""
    table = searchable.table
    # The hint is needed because, without statistics, SQLite would scan an index of the whole organization.
    has_value = func.unlikely(related.subs["value"] == value)
    same = related.organization == table.c.organization
    with_it = select(related.resource).select_from(related.rows).where(same, has_value)
    return table.c.id.in_(with_it.correlate(table))
