"""Lists of ids in one parameter, so that a statement has one text for a list of any length."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Dialect, Select, Text, TypeDecorator, bindparam, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

_SQLITE: Final = "sqlite"


class _IdList(TypeDecorator[Sequence[str]]):
    """A list of ids: an array on PostgreSQL, a JSON array on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == _SQLITE else ARRAY(Text()))

    def process_bind_param(self, value: Iterable[str] | None, dialect: Dialect) -> Any:  # noqa: ANN401
        ids = list(value or ())
        return orjson.dumps(ids).decode() if dialect.name == _SQLITE else ids


class _IsIn(FunctionElement[bool]):
    """Whether a column is in a list of ids. An index of the column finds the rows."""

    name = "is_in"
    inherit_cache = True


class _Elements(FunctionElement[str]):
    """The ids of a list, one row for each, in the column `value`."""

    name = "elements"
    type = Text()
    inherit_cache = True


@compiles(_IsIn, _SQLITE)
def _is_in_on_sqlite(element: _IsIn, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    column, ids = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608 - no value is in it


@compiles(_IsIn)
def _is_in(element: _IsIn, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    column, ids = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} = ANY({ids})"


@compiles(_Elements, _SQLITE)
def _elements_on_sqlite(element: _Elements, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_Elements)
def _elements(element: _Elements, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    return f"jsonb_array_elements_text(to_jsonb({compiler.process(element.clauses, **options)}))"


def is_in(column: ColumnElement[str], parameter: str) -> ColumnElement[bool]:
    """Whether a column is in the list that the parameter with this name contains."""
    return _IsIn(column, bindparam(parameter, type_=_IdList()))


def given(ids: Iterable[str]) -> Select[tuple[str]]:
    """The given ids as rows."""
    return select(_Elements(literal(list(ids), _IdList())).table_valued("value").c.value)
