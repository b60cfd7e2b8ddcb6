"""How many requests each caller sent in the present second."""

from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, Table

from scim_server.store.tables.base import Key, metadata

# PostgreSQL keeps no log of this table: after a crash it is empty, and its values are worth nothing after a
# second. On SQLite, the table is in a file of its own next to the database (store/database/rate_windows.py).
rate_windows = Table(
    "rate_windows",
    metadata,
    # The id of an organization, for its SCIM requests, or the id of an API key.
    Column("caller", Key, nullable=False),
    # Seconds since 1970, by the clock of the database.
    Column("second", BigInteger, nullable=False),
    # Requests in this second that processes have reserved.
    Column("taken", Integer, nullable=False),
    PrimaryKeyConstraint("caller"),
)
