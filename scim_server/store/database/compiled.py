"""Statements of the hot paths: written in Core, compiled once per dialect, run on the driver's own cursor.

For each execution, Core needs several times as long as the driver, because it finds the statement, builds a
context and wraps the result. Here, the text, the order of the parameters and the conversion of values are
computed at the first use. Errors and listeners (`before_cursor_execute`) are the same as in Core.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from psycopg import RawCursor
from sqlalchemy import (
    CompoundSelect,
    Connection,
    Delete,
    Dialect,
    Engine,
    Insert,
    PoolProxiedConnection,
    Select,
    Table,
    Update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import visitors

Row = tuple[Any, ...]
Values = Mapping[str, Any]
Convert = Callable[[Any], Any]
PARAMETER: Final = re.compile(r"%\((\w+)\)s")
"""A parameter in a statement for PostgreSQL."""
Statement = Select[Any] | CompoundSelect[Any] | Insert | Update | Delete


@dataclass(frozen=True, slots=True)
class Form:
    """A statement as it is compiled for one dialect.

    Attributes:
        sql: the text for the driver, with the parameters by position.
        order: the names of the parameters by position.
        named: the same text with the parameters by name, as a part of a longer statement; PostgreSQL only.
        constants: values that are part of the statement.
        outward: the conversions of parameters, for parameters that are converted.
        inward: the conversions of result columns by position, for columns that are converted.
    """

    sql: str
    order: tuple[str, ...]
    named: str
    constants: Values
    outward: tuple[tuple[str, Convert], ...]
    inward: tuple[tuple[int, Convert], ...]

    def parameters(self, values: Values) -> tuple[Any, ...]:
        """Convert values by name to the parameters that the driver needs."""
        given = {**self.constants, **values}
        for name, convert in self.outward:
            given[name] = convert(given[name])
        return tuple([given[name] for name in self.order])

    def converted(self, rows: list[Row]) -> list[Row]:
        """The rows of the driver, converted to the types of the columns."""
        if not self.inward or not rows:
            return rows
        converted = []
        for row in rows:
            values = list(row)
            for position, convert in self.inward:
                values[position] = convert(values[position])
            converted.append(tuple(values))
        return converted


class Compiled:
    """One statement of a hot path. Its parameters have names; a list of any length (`IN`) is not possible."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._forms: dict[str, Form] = {}

    @cached_property
    def tables(self) -> frozenset[str]:
        """All tables that the statement uses."""
        elements = visitors.iterate(self._statement)
        return frozenset(one.name for one in elements if isinstance(one, Table))

    @property
    def deletes(self) -> bool:
        """Whether the statement deletes rows. Rows of other tables may be deleted with them."""
        return isinstance(self._statement, Delete)

    @property
    def inserts(self) -> bool:
        """Whether the statement only adds rows."""
        return isinstance(self._statement, Insert)

    @property
    def changed_table(self) -> str:
        """The table that the statement changes."""
        if isinstance(self._statement, Select | CompoundSelect):
            raise TypeError("a query changes no table")
        return str(self._statement.table.description)

    def form(self, dialect: Dialect) -> Form:
        """The statement as it is compiled for a dialect."""
        found = self._forms.get(dialect.name)
        if found is None:
            found = self._forms[dialect.name] = _compile(self._statement, dialect)
        return found

    def rows(self, connection: Connection, values: Values) -> list[Row]:
        """Run the statement and return all rows."""
        form = self.form(connection.dialect)
        return form.converted(execute(connection, form, values).fetchall())

    def rows_alone(self, engine: Engine, driver: PoolProxiedConnection, values: Values) -> list[Row]:
        """Run the statement on the driver's connection, without a transaction, and return all rows.

        Raises:
            Exception: the driver's errors.
        """
        form = self.form(engine.dialect)
        cursor = _cursor(driver, engine.dialect)
        parameters = form.parameters(values)
        if engine._has_events:  # noqa: SLF001 - as Core asks it itself
            engine.dispatch.before_cursor_execute(None, cursor, form.sql, parameters, object(), False)
        cursor.execute(form.sql, parameters)
        return form.converted(cursor.fetchall())

    def first(self, connection: Connection, values: Values) -> Row | None:
        """Run the statement and return the first row; None if there is none."""
        rows = self.rows(connection, values)
        return rows[0] if rows else None

    def run(self, connection: Connection, values: Values) -> int:
        """Run a change and return how many rows it changed."""
        changed: int = execute(connection, self.form(connection.dialect), values).rowcount
        return changed


def _compile(statement: Statement, dialect: Dialect) -> Form:
    compiled = statement.compile(dialect=dialect)
    outward = {}  # By name, because a statement may use one parameter several times.
    for bound, name in compiled.bind_names.items():
        convert = bound.type.dialect_impl(dialect).bind_processor(dialect)
        if convert is not None:
            outward[name] = convert
    inward = []
    for position, column in enumerate(statement.exported_columns):
        convert = column.type.dialect_impl(dialect).result_processor(dialect, None)
        if convert is not None:
            inward.append((position, convert))
    named = str(compiled)
    sql, order = (named, tuple(compiled.positiontup or ())) if compiled.positional else numbered(named)
    return Form(
        sql,
        order,
        named,
        {name: value for name, value in compiled.params.items() if value is not None},
        tuple(outward.items()),
        tuple(inward),
    )


def numbered(named: str) -> tuple[str, tuple[str, ...]]:
    """A statement with the parameters by number, as PostgreSQL reads them, and their names in this order.

    The driver would do the same at each execution of a long statement.
    """
    places: dict[str, int] = {}
    sql = PARAMETER.sub(lambda found: f"${places.setdefault(found[1], len(places) + 1)}", named)
    return sql.replace("%%", "%"), tuple(places)


def _cursor(driver: PoolProxiedConnection, dialect: Dialect) -> Any:  # noqa: ANN401 - a driver's cursor
    connection: Any = driver.driver_connection
    return RawCursor(connection) if dialect.name == "postgresql" else connection.cursor()


def execute(connection: Connection, form: Form, values: Values) -> Any:  # noqa: ANN401 - a driver's cursor
    """Run a statement on a new cursor of the driver.

    Raises:
        DBAPIError: the same error that Core would raise.
    """
    cursor = _cursor(connection.connection, connection.dialect)
    parameters = form.parameters(values)
    if connection._has_events or connection.engine._has_events:  # noqa: SLF001 - as Core asks it itself
        connection.dispatch.before_cursor_execute(connection, cursor, form.sql, parameters, object(), False)
    try:
        cursor.execute(form.sql, parameters)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_core_says(connection, form.sql, error) from error
    return cursor


def _as_core_says(connection: Connection, sql: str, error: Exception) -> BaseException:
    """The error that Core would raise. If the connection is lost, it is given up."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
    if lost:
        connection.invalidate(error)
    return DBAPIError.instance(
        sql,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=lost,
        dialect=dialect,
    )
