"""Pages of a list in a stable order: by an attribute if requested, then by the order of creation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Subquery,
    and_,
    bindparam,
    cast,
    collate,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.sql.elements import KeyedColumnElement

from scim_server.protocol.attributes import Type
from scim_server.protocol.cursors import Cursor
from scim_server.protocol.errors import InvalidFilter, InvalidPath
from scim_server.protocol.filter_tree import AttributePath, Filter
from scim_server.store.database.session import Read
from scim_server.store.query import fields
from scim_server.store.query.fields import Values
from scim_server.store.query.filters import Compiler, Found
from scim_server.store.tables import Key

Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Sorting:
    """Order by the values of an attribute.

    Rows without a value are last if ascending, first if descending.
    """

    key: Values
    descending: bool


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a list to return.

    Attributes:
        offset: the number of rows to skip at the start; used without `after`.
        after: the position where the previous page ended.
        limit: the maximum number of rows.
    """

    limit: int
    offset: int = 0
    after: Cursor | None = None


def sorting(compiler: Compiler, path: AttributePath, *, descending: bool) -> Sorting:
    """How to sort by an attribute.

    Raises:
        InvalidPath: the attribute does not exist, or its values have no order.
    """
    try:
        found = compiler.find(path)
    except InvalidFilter as error:
        raise InvalidPath(f"sortBy: {error.detail}") from None
    if found.attribute.type is Type.COMPLEX and found.sub is None:
        default = found.attribute.sub("value")
        if default is None:
            raise InvalidPath(f"sortBy: {found} is complex. Use one of its sub-attributes.")
        found = Found(found.schema, found.attribute, default)
    key = _element(compiler, found) if found.attribute.multi_valued else compiler.single(found)
    return Sorting(key, descending)


def _element(compiler: Compiler, found: Found) -> Values:
    """The value by which a multi-valued attribute is sorted: the primary element's, or else the first one's.

    If the elements are stored as rows, there is no primary or first element, so the smallest value is used.
    """
    related = compiler.searchable.related.get(found.attribute.name.lower())
    if related is not None:
        value = related.subs.get(found.sub.name.lower() if found.sub else "value", literal(None))
        rows = select(func.min(value)).select_from(related.rows).where(related.belongs)
        return rows.correlate(compiler.searchable.table).scalar_subquery()
    keys = compiler.keys(found)
    row = found.sub or found.attribute
    sub = () if found.sub is None else (found.sub.name.lower(),)
    first = fields.in_document(compiler.searchable, (*keys, 0, *sub), row)
    primary = found.attribute.sub("primary")
    if primary is None or found.sub is None:
        return first
    table, element = fields.elements(compiler.searchable, keys, compiler.dialect)
    marked = fields.in_element(element, "primary", primary, compiler.dialect) == "true"
    value = fields.in_element(element, found.sub.name.lower(), row, compiler.dialect)
    chosen = select(value).select_from(table).where(marked).limit(1).correlate(compiler.searchable.table)
    return func.coalesce(chosen.scalar_subquery(), first)


def page(
    read: Read,
    columns: Sequence[KeyedColumnElement[Any]],
    condition: Condition | None,
    order: Sorting | None,
    window: Window,
) -> list[Any]:
    """The rows of a table. Each row ends with the values by which it was sorted.

    Args:
        columns: the columns of one table, which has `organization` and `sequence`.
    """
    table: Any = columns[0].table
    key: Any = literal(None) if order is None else _comparable(read, order.key)
    query = select(*columns, key.label("sort_key")).where(table.c.organization == bindparam("org"))
    if condition is not None:
        query = query.where(condition)
    if window.after is not None:
        query = query.where(_beyond(key, order, table.c.sequence, window.after))
    if order is not None:
        query = query.order_by(key.desc().nulls_first() if order.descending else key.asc().nulls_last())
    query = query.order_by(table.c.sequence).limit(window.limit).offset(window.offset)
    return list(read.connection.execute(query, {"org": read.organization}))


def both(one: Condition | None, other: Condition | None) -> Condition | None:
    """The two conditions joined with AND. A condition that is None is left out."""
    parts = [part for part in (one, other) if part is not None]
    return and_(*parts) if parts else None


def end_of(rows: Sequence[Any]) -> Cursor:
    """The position where a page ends."""
    return Cursor(rows[-1].sort_key, rows[-1].sequence)


def _comparable(read: Read, key: Values) -> Any:  # noqa: ANN401 - a JSON expression has no static type
    """Compare text by bytes on both databases; leave other values unchanged."""
    if read.connection.dialect.name == "sqlite" or not isinstance(key.type, type(Key)):
        return key
    return collate(cast(key, Key), "C")


def _beyond(key: Any, order: Sorting | None, sequence: Any, after: Cursor) -> Condition:  # noqa: ANN401
    later: Condition = sequence > after.sequence
    if order is None:
        return later
    if after.value is None:
        tied = and_(key.is_(None), later)
        return or_(tied, key.is_not(None)) if order.descending else tied
    value = literal(after.value, key.type)
    tied = and_(key == value, later)
    if order.descending:
        return or_(key < value, tied)
    return or_(key > value, tied, key.is_(None))


def merged(
    kinds: Sequence[tuple[Compiler, Condition | None]],
    tree: Filter | None,
    path: AttributePath | None,
    *,
    descending: bool,
) -> tuple[Subquery, Sorting | None]:
    """Resources of several types as one table with the columns `organization`, `id` and `sequence`.

    If a type does not have an attribute of the filter, it has no matches. If it does not have the attribute
    to sort by, it has no value for it. The sequence is unique over all types, because it is the number of an
    event.

    Args:
        kinds: for each type, its compiler and the condition for its rows in the table.

    Raises:
        InvalidFilter, InvalidPath: no type has the attribute.
    """
    keys = [] if path is None else _keys([one for one, _ in kinds], path, descending=descending)
    parts, refused = [], []
    for index, (compiler, of_type) in enumerate(kinds):
        table = compiler.searchable.table
        try:
            meets = true() if tree is None else compiler.compile(tree)
        except InvalidFilter as error:
            refused.append(error)
            continue
        value = cast(keys[index] if keys else literal(None), Key).label("value")
        query = select(table.c.organization, table.c.id, table.c.sequence, value).where(meets)
        parts.append(query if of_type is None else query.where(of_type))
    if not parts:
        raise refused[0]
    rows = union_all(*parts).subquery("anything")
    return rows, None if path is None else Sorting(rows.c.value, descending)


def _keys(compilers: Sequence[Compiler], path: AttributePath, *, descending: bool) -> list[Values]:
    """The sort value of each type; NULL for a type without the attribute."""
    keys: list[Values] = []
    refused = []
    for compiler in compilers:
        try:
            keys.append(sorting(compiler, path, descending=descending).key)
        except InvalidPath as error:
            refused.append(error)
            keys.append(literal(None))
    if len(refused) == len(compilers):
        raise refused[0]
    return keys


def count(read: Read, rows: Subquery) -> int:
    """How many rows of `merged` the organization has."""
    query = select(func.count()).select_from(rows).where(rows.c.organization == bindparam("org"))
    return int(read.connection.execute(query, {"org": read.organization}).scalar_one())
