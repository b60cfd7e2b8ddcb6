"""The statements that distribute the tables by organization with Citus, from the declared tables."""

from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import ForeignKeyConstraint, Table, UniqueConstraint, make_url
from sqlalchemy.schema import AddConstraint, DropConstraint

from scim_server.store.tables import metadata

_POSTGRESQL: Final = make_url("postgresql+psycopg://").get_dialect()()
FIRST: Final = "organization_clock"
"""The table with whose shards the shards of the other tables are placed."""

LOCAL: Final = ("feed_head", "feed")
"""Tables that stay on one node, because they order the events of all organizations."""
APART: Final = {"idempotency_keys": "api_key", "rate_windows": "caller"}
"""Tables that are distributed by another column than the organization, and this column."""


def statements() -> list[str]:
    """All statements, in the order in which an empty database runs them after `scim-seats db upgrade`."""
    tables = metadata.sorted_tables
    keys = list(_foreign_keys(tables))
    return [
        "CREATE EXTENSION citus;",
        # The triggers that protect events and invoices look only at the row that is changed.
        "SET citus.enable_unsafe_triggers TO on;",
        *(_sql(DropConstraint(key)) for key in keys),
        *(f"SELECT create_reference_table('{table.name}');" for table in tables if is_reference(table)),
        *(f"SELECT citus_add_local_table_to_metadata('{name}');" for name in LOCAL),
        *_distributed([one for one in tables if not is_reference(one) and one.name not in LOCAL]),
        *(_sql(AddConstraint(key)) for key in keys),
    ]


def is_reference(table: Table) -> bool:
    """Whether each node has a copy of the table, because a unique key has no organization."""
    if table.name in LOCAL:
        return False
    unique = [one.columns for one in table.constraints if isinstance(one, UniqueConstraint)]
    unique += [one.columns for one in table.indexes if one.unique]
    by = APART.get(table.name, "organization")
    return any(by not in columns for columns in (table.primary_key.columns, *unique))


def _distributed(tables: Iterable[Table]) -> Iterator[str]:
    yield f"SELECT create_distributed_table('{FIRST}', 'organization');"
    for table in tables:
        if table.name in APART:
            yield f"SELECT create_distributed_table('{table.name}', '{APART[table.name]}');"
        elif table.name != FIRST:
            together = f"colocate_with => '{FIRST}'"
            yield f"SELECT create_distributed_table('{table.name}', 'organization', {together});"


def _foreign_keys(tables: Iterable[Table]) -> Iterator[ForeignKeyConstraint]:
    """Foreign keys between tables, which can exist only when both tables are distributed."""
    for table in tables:
        yield from sorted(table.foreign_key_constraints, key=lambda key: str(key.name))


def _sql(element: AddConstraint | DropConstraint) -> str:
    return " ".join(str(element.compile(dialect=_POSTGRESQL)).split()) + ";"
