"""Copies the rows that the services wrote for one person, once for each other person.

The copies have all tables and columns of the present version. Only the marks, ids and numbers differ.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, Connection, Table, Text, cast, select
from sqlalchemy.types import JSON

from benchmarks.corpus import mark, person_id
from scim_server.store.tables import metadata

Row = tuple[Any, ...]

NUMBERED: Final = ("sequence", "arrival")
"""Columns that hold the number of an event."""


@dataclass(frozen=True, slots=True)
class Template:
    """A person whose rows are copied.

    Attributes:
        series: the letters of the mark; the template has the number 0.
        scope: the ids of people are computed from it.
        number: the number of the event that created the person.
    """

    organization: str
    scope: str
    series: str
    id: str
    number: int

    def copy(self, row: Sequence[Any], numbered: Sequence[bool], number: int) -> Row:
        """Copy one row for another person."""
        old, new = mark(self.series, 0), mark(self.series, number)
        id_ = person_id(self.scope, number)
        return tuple(
            value.replace(old, new).replace(self.id, id_)
            if isinstance(value, str)
            else (value + number if moves and value is not None else value)
            for value, moves in zip(row, numbered, strict=True)
        )


def tables_of_people() -> Iterator[tuple[Table, Column[Any]]]:
    """The tables with rows about a person, each with its column of the person's id, in a safe order."""
    for table in metadata.sorted_tables:
        if table.name == "people":
            yield table, table.c.id
        elif "person" in table.c and "organization" in table.c:
            yield table, table.c.person


Insert = Callable[[Table, Sequence[str], Iterable[Row]], None]


def multiply(connection: Connection, template: Template, last: int, insert: Insert) -> None:
    """Add the people from 1 to `last`, each with a copy of every row of the template."""
    for table, id_column in tables_of_people():
        columns = list(table.columns)
        # The rows are JSON text that is copied and not parsed.
        shown = [cast(one, Text).label(one.name) if isinstance(one.type, JSON) else one for one in columns]
        here = (table.c.organization == template.organization) & (id_column == template.id)
        rows = [tuple(row) for row in connection.execute(select(*shown).where(here))]
        if not rows:
            continue
        numbered = [one.name in NUMBERED for one in columns]
        copies = (template.copy(row, numbered, number) for number in range(1, last + 1) for row in rows)
        insert(table, [one.name for one in columns], copies)
