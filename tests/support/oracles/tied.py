"""Which tables of a statement are tied to one organization by its conditions.

A table is tied if a condition that every row must meet compares its `organization` with a parameter, or with
the `organization` of another tied table. The table of organizations is tied by the id or the slug. Only
conditions joined by AND count.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import (
    Alias,
    BinaryExpression,
    BindParameter,
    BooleanClauseList,
    ClauseElement,
    CompoundSelect,
    Delete,
    FromClause,
    Join,
    Select,
    Table,
    Update,
)
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import Grouping
from sqlalchemy.sql.selectable import AliasedReturnsRows

PARAMETER = "parameter"


def loose_tables(statement: ClauseElement) -> set[str]:
    """The names of the tables with rows of organizations that are not tied to one organization."""
    ties = _Ties()
    for element in visitors.iterate(statement):
        for condition in _conditions(element):
            ties.note(condition)
        if isinstance(element, AliasedReturnsRows):
            ties.note_columns(element)
    return {table.name for table in _tables(statement) if not ties.holds(table)}


def _tables(statement: ClauseElement) -> Iterator[Any]:
    """The tables and their aliases from which rows are read, changed or deleted; inserts must name it."""
    for element in visitors.iterate(statement):
        if isinstance(element, Update | Delete):
            yield from _of_organizations([element.table])
        elif isinstance(element, Select):
            yield from _of_organizations(element.get_final_froms())


def _of_organizations(sources: Iterable[FromClause]) -> Iterator[FromClause]:
    for source in sources:
        if isinstance(source, Join):
            yield from _of_organizations([source.left, source.right])
        elif isinstance(source.element if isinstance(source, Alias) else source, Table) and (
            "organization" in source.c or getattr(source, "name", "") == "organizations"
        ):
            yield source


def _conditions(element: Any) -> Iterator[BinaryExpression[Any]]:  # noqa: ANN401 - any element of a statement
    if isinstance(element, Select | Update | Delete):
        yield from _conjuncts(element.whereclause)
    if isinstance(element, Select):
        for source in element.get_final_froms():
            yield from _of_joins(source)


def _of_joins(source: FromClause) -> Iterator[BinaryExpression[Any]]:
    if isinstance(source, Join):
        yield from _conjuncts(source.onclause)
        yield from _of_joins(source.left)
        yield from _of_joins(source.right)


def _conjuncts(condition: Any) -> Iterator[BinaryExpression[Any]]:  # noqa: ANN401
    if isinstance(condition, Grouping):
        yield from _conjuncts(condition.element)
    elif isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
        for one in condition.clauses:
            yield from _conjuncts(one)
    elif isinstance(condition, BinaryExpression) and condition.operator is operators.eq:
        yield condition


class _Ties:
    """Sets of sources that are tied to each other."""

    def __init__(self) -> None:
        self._parents: dict[Any, Any] = {}

    def note(self, condition: BinaryExpression[Any]) -> None:
        sides = [self._side(one) for one in (condition.left, condition.right)]
        if None not in sides:
            self._join(*sides)

    def note_columns(self, source: AliasedReturnsRows) -> None:
        """A subquery is tied to the tables from which it takes its column `organization`."""
        inner: Any = source.element
        selects = inner.selects if isinstance(inner, CompoundSelect) else [inner]
        for select in selects:
            if isinstance(select, Select):
                for column in select.selected_columns:
                    side = self._side(column)
                    if side is not None:
                        self._join(source, side)

    def holds(self, source: Any) -> bool:  # noqa: ANN401
        return bool(self._root(source) == self._root(PARAMETER))

    def _side(self, value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, BindParameter):
            return PARAMETER
        table = getattr(value, "table", None)
        if table is None:
            return None
        names = ("id", "slug") if getattr(table, "name", "") == "organizations" else ("organization",)
        return table if value.key in names else None

    def _root(self, node: Any) -> Any:  # noqa: ANN401
        while node in self._parents:
            node = self._parents[node]
        return node

    def _join(self, one: Any, other: Any) -> None:  # noqa: ANN401
        one, other = self._root(one), self._root(other)
        if one is not other:
            self._parents[one] = other
