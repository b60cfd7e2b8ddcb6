"""Inserts rows as fast as each driver can: many at once on SQLite, COPY on PostgreSQL."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Table

from benchmarks.filling.multiply import Insert, Row

CACHE_KIB = 4_000_000


def inserter(connection: Connection) -> Insert:
    """The function that inserts rows into a table on this connection."""
    driver = connection.connection.driver_connection
    assert driver is not None
    quoted = connection.dialect.identifier_preparer.quote

    def on_sqlite(table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
        names, marks = ", ".join(map(quoted, columns)), ", ".join("?" * len(columns))
        statement = f"INSERT INTO {quoted(table.name)} ({names}) VALUES ({marks})"
        # All pages of a large directory must be in memory. The ids are random, so each row changes many
        # pages.
        driver.cursor().execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        driver.cursor().executemany(statement, rows)

    def on_postgresql(table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
        statement = f"COPY {quoted(table.name)} ({', '.join(map(quoted, columns))}) FROM STDIN"
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    return on_sqlite if connection.dialect.name == "sqlite" else on_postgresql
