"""Changes that wait until a later statement needs them, and are then sent together.

On PostgreSQL, several changes become one statement, in which each part changes one table. Every statement
costs the driver and the server more than the row that it writes. On SQLite this saves nothing, so the changes
are sent one after another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Dialect

from scim_server.store.database.compiled import PARAMETER, Compiled, Form, Values, execute, numbered

MOST: Final = 8
"""The maximum number of parts in one statement."""


class RowsMissed(RuntimeError):
    """A change affected other rows than expected, which the organization's lock should prevent."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change that waits.

    Attributes:
        rows: how many rows it must change; None if any number is correct.
    """

    statement: Compiled
    values: Values
    rows: int | None = None


def send(connection: Connection, changes: Sequence[Change]) -> None:
    """Send changes, in their order if the order matters.

    Raises:
        RowsMissed: a change affected other rows than expected.
        DBAPIError: the database refuses a change.
    """
    if connection.dialect.name != "postgresql":
        for change in changes:
            _check(change, change.statement.run(connection, change.values))
        return
    part: list[Change] = []
    for change in changes:
        if not _may_join(part, change):
            _together(connection, part)
            part = []
        part.append(change)
    _together(connection, part)


def _may_join(part: Sequence[Change], change: Change) -> bool:
    """Whether no part of the statement must see the effect of another part, because none can."""
    if len(part) >= MOST:
        return False
    same = [one for one in part if one.statement.changed_table == change.statement.changed_table]
    return not same or (change.statement.inserts and all(one.statement.inserts for one in same))


def _together(connection: Connection, part: Sequence[Change]) -> None:
    if len(part) == 1:
        (change,) = part
        _check(change, change.statement.run(connection, change.values))
    elif part:
        form = _joined(tuple(change.statement for change in part), connection.dialect)
        values = {f"w{at}_{name}": value for at, one in enumerate(part) for name, value in one.values.items()}
        touched = execute(connection, form, values).fetchone()
        for change, rows in zip(part, touched, strict=True):
            _check(change, rows)


def _check(change: Change, rows: int) -> None:
    if change.rows is not None and rows != change.rows:
        table = change.statement.changed_table
        raise RowsMissed(
            f"{rows} rows of {table} instead of {change.rows}: the rows changed although the "
            "organization is locked"
        )


_forms: Final[dict[tuple[Compiled, ...], Form]] = {}


def _joined(statements: tuple[Compiled, ...], dialect: Dialect) -> Form:
    """One statement that makes several changes, and returns how many rows each of them changed."""
    found = _forms.get(statements)
    if found is None:
        found = _forms[statements] = _join([one.form(dialect) for one in statements])
    return found


def _join(forms: Sequence[Form]) -> Form:
    parts = (f"w{at} AS ({_renamed(form.named, at)} RETURNING 1)" for at, form in enumerate(forms))
    counts = (f"(SELECT count(*) FROM w{at})" for at in range(len(forms)))  # noqa: S608 - no value is in it
    named = f"WITH {', '.join(parts)} SELECT {', '.join(counts)}"
    return Form(
        *numbered(named),
        named,
        {f"w{at}_{name}": value for at, form in enumerate(forms) for name, value in form.constants.items()},
        tuple((f"w{at}_{name}", convert) for at, form in enumerate(forms) for name, convert in form.outward),
        (),
    )


def _renamed(sql: str, at: int) -> str:
    return PARAMETER.sub(lambda found: f"%(w{at}_{found[1]})s", sql)
