"""Statistics of tables that grow fast, for the planner of PostgreSQL."""

from typing import Final

from sqlalchemy import Connection, text

_TABLES: Final = "people, person_values, groups, group_members, group_closure"


def refresh(connection: Connection) -> None:
    """Compute the statistics of the tables that an import fills. SQLite has them from the start (decision 6).

    Autovacuum does the same only a minute later. Until then, PostgreSQL may read all people of an
    organization to find one by the id, for each row that refers to a person.
    """
    if connection.dialect.name == "postgresql":
        # If another process computes them now, its statistics are as good.
        connection.execute(text(f"ANALYZE (SKIP_LOCKED) {_TABLES}"))
