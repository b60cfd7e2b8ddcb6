"""The order of the events of all organizations, in which programs read them (decision 47)."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from scim_server.store.tables.base import metadata, organization_column

# Consecutive events of one organization. The position of the last one is stored; the others are before it.
feed = Table(
    "feed",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    organization_column(),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    # No event is in the feed twice. The last event of an organization in the feed is found by this index.
    UniqueConstraint("organization", "last"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    CheckConstraint("first <= last", name="range"),
)

# One row: the last position that was given. Updating it is the lock of the feed.
feed_head = Table(
    "feed_head",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

# The last event of each transaction that appended events. The row is visible from the commit on, and exists
# until these events are in the feed.
unfed = Table(
    "unfed",
    metadata,
    organization_column(),
    Column("sequence", BigInteger, nullable=False),
    PrimaryKeyConstraint("organization", "sequence"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
)
