"""Pages of a list as statements that are made once, for all filters of one shape or for no filter.

Rows are in the order of creation. A page in the middle finds its rows with the index of that order. Of the
rows before, it reads only this index.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from sqlalchemy import ColumnElement, Dialect, Select, and_, bindparam, func, null, select

from scim_server.protocol.attributes import JSON
from scim_server.protocol.filter_tree import Filter
from scim_server.store.database.compiled import Compiled, Values
from scim_server.store.query.comparisons import Condition
from scim_server.store.query.filters import Compiler
from scim_server.store.query.shapes import Place, Recorder, Shape, filled, places_in, sampled, shape_of
from scim_server.store.tables import events, organization_clock

_MOST: Final = 512
"""How many shapes have stored statements. Clients choose the shapes."""


class Filled:
    """A statement, and which of its parameters come from the texts of a filter."""

    def __init__(self, statement: Select[Any], dialect: Dialect) -> None:
        self.statement: Final = Compiled(statement)
        parameters = statement.compile(dialect=dialect).params
        self._templates = {name: value for name, value in parameters.items() if places_in(value)}

    def values(self, found: Sequence[JSON]) -> Values:
        """The parameters that come from the texts, by place."""
        return {name: filled(template, found) for name, template in self._templates.items()}


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one resource type for lists.

    Attributes:
        columns: the columns of each row; `sequence` is one of them.
        removed: the number of the last event that removed a row; if it is unchanged, all rows have the same
            places.
        total: the number of rows of the organization.
        dialect: the dialect of the database.
    """

    columns: tuple[ColumnElement[Any], ...]
    removed: ColumnElement[Any]
    total: ColumnElement[Any]
    dialect: Dialect


class Statements:
    """The statements that list rows of a type under a condition. Each row ends with `removed` and `total`.

    Attributes:
        compiler: the compiler of the condition.
        name: the name of the list of all rows.
        places: the places of the texts in the condition.
        has_more: whether there was more than one page the last time.

    `removed` and `total` are null if there is a condition.
    """

    def __init__(
        self, table: Table, compiler: Compiler, condition: Condition | None, places: Sequence[Place]
    ) -> None:
        self.compiler: Final = compiler
        self.places: Final = tuple(places)
        self.has_more = False
        self._table = table
        self._condition = condition
        self._rows = compiler.searchable.table
        self.name: Final = self._rows.name
        self.sequence: Final = [column.key for column in table.columns].index("sequence")

    @cached_property
    def first(self) -> Filled:
        """The statement for the first page."""
        return self._filled(self._page(self._meets()).limit(bindparam("limit")))

    @cached_property
    def following(self) -> Filled:
        """The statement for a page after the row with a sequence."""
        later = self._rows.c.sequence > bindparam("after")
        return self._filled(self._page(self._meets(), later).limit(bindparam("limit")))

    @cached_property
    def deep(self) -> Filled:
        """The statement for a page that skips some rows, counted from the row with a sequence.

        The page begins at the first row after the skipped ones. A list of the keys of the page would be
        compared with all rows of a large organization if PostgreSQL's statistics are out of date.
        """
        sequence = self._rows.c.sequence
        first = select(sequence).where(self._meets(), sequence >= bindparam("start")).order_by(sequence)
        first = first.limit(1).offset(bindparam("passed")).correlate(None)
        return self._filled(
            self._page(self._meets(), sequence >= first.scalar_subquery()).limit(bindparam("limit"))
        )

    @cached_property
    def stride(self) -> Filled:
        """The statement that skips some rows; it returns the next sequence and the last removal."""
        sequence = self._rows.c.sequence
        row = select(sequence, self._table.removed.label("removed")).where(
            self._meets(), sequence >= bindparam("start")
        )
        return self._filled(row.order_by(sequence).limit(1).offset(bindparam("passed")))

    @cached_property
    def count(self) -> Filled:
        """The statement that counts the rows."""
        if self._condition is None:
            return self._filled(select(self._table.total))
        return self._filled(select(func.count()).select_from(self._rows).where(self._meets()))

    def _meets(self) -> Condition:
        here = self._rows.c.organization == bindparam("org")
        return here if self._condition is None else and_(here, self._condition)

    def _page(self, *conditions: Condition) -> Select[Any]:
        of_all = (null(), null()) if self._condition is not None else (self._table.removed, self._table.total)
        extra = [value.label(name) for name, value in zip(("removed", "total"), of_all, strict=True)]
        return select(*self._table.columns, *extra).where(*conditions).order_by(self._rows.c.sequence)

    def _filled(self, statement: Select[Any]) -> Filled:
        return Filled(statement, self._table.dialect)


_Key = tuple[Any, ...]
_fixed: dict[_Key, frozenset[int]] = {}
_kept: dict[_Key, Statements] = {}


def last(type_: str) -> ColumnElement[Any]:
    """The number of the organization's last event of a type; 0 if there is none."""
    found = select(func.max(events.c.sequence)).where(
        events.c.organization == bindparam("org"), events.c.type == type_
    )
    return func.coalesce(found.scalar_subquery(), 0)


def of_clock(column: str) -> ColumnElement[Any]:
    """A count from the clock row of the organization."""
    here = organization_clock.c.organization == bindparam("org")
    return select(organization_clock.c[column]).where(here).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Kind:
    """One resource type for lists.

    Attributes:
        variant: distinguishes this table from other tables of the same type.
        table: makes the table, if no statement is stored yet.
    """

    compiler: Compiler
    variant: str
    table: Callable[[], Table]

    def listing(self, tree: Filter | None) -> "Listing":
        """The statements that list the resources that match a filter.

        Raises:
            InvalidFilter: an attribute in the filter does not exist, or cannot be compared with the value.
        """
        texts: list[str] = []
        shape: Shape = () if tree is None else shape_of(tree, texts)
        compiler = self.compiler
        place = (
            self.variant,
            compiler.resource_type,
            compiler.dialect,
            compiler.base_url,
            compiler.allowed,
            shape,
        )
        known = _fixed.get(place)
        if known is not None:
            kept = _kept.get((place, *(texts[number] for number in sorted(known))))
            found = None if kept is None else _asked(kept, texts)
            if kept is not None and found is not None:
                return Listing(kept, found)
        return self._made(tree, place, texts)

    def _made(self, tree: Filter | None, place: _Key, texts: list[str]) -> "Listing":
        recorder = Recorder()
        compiler = replace(self.compiler, recorder=recorder)
        condition = None if tree is None else compiler.compile(sampled(tree, [0]))
        made = Statements(self.table(), self.compiler, condition, recorder.places)
        found = _asked(made, texts)
        if found is None:
            # An empty text needs a different condition.
            plain = None if tree is None else self.compiler.compile(tree)
            return Listing(Statements(self.table(), self.compiler, plain, ()), ())
        if len(_kept) >= _MOST:
            _kept.clear()
            _fixed.clear()
        _fixed[place] = frozenset(recorder.fixed)
        _kept[place, *(texts[number] for number in sorted(recorder.fixed))] = made
        return Listing(made, found)


def _asked(statements: Statements, texts: Sequence[str]) -> tuple[JSON, ...] | None:
    """The operands from the texts at their places; None if a text has an empty operand."""
    allowed = statements.compiler.allowed
    found = tuple(place.asked(texts[place.number], allowed) for place in statements.places)
    return None if "" in found else found


@dataclass(frozen=True, slots=True)
class Listing:
    """The statements for one filter, and the operands from its texts."""

    statements: Statements
    found: tuple[JSON, ...]

    def of(self, one: Filled, **values: int) -> tuple[Compiled, Values]:
        """A statement with its parameters."""
        return one.statement, {**one.values(self.found), **values}
