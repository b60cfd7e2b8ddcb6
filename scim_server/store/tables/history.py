"""Events and refusals."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from scim_server.store.tables.base import Document, Key, metadata, organization_column

events = Table(
    "events",
    metadata,
    organization_column(),
    Column("sequence", BigInteger, nullable=False),
    Column("at", Key, nullable=False),
    Column("type", Key, nullable=False),
    Column("way_in", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("request_id", Text),
    # The column is not a foreign key, because the history remains when the person is deleted.
    Column("person", Key),
    Column("group_id", Key),
    Column("reason", Text),
    # The HTTP status of the answer, if a request caused the event.
    Column("status", BigInteger),
    # The changes of seats: {"standard": [purchased, assigned, held]}. The counters equal the sums of all
    # changes.
    Column("seats", Document, nullable=False),
    Column("payload", Document, nullable=False),
    # The only column that is erased when a person asks for it.
    Column("personal", Document),
    PrimaryKeyConstraint("organization", "sequence"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    Index(None, "organization", "type", "sequence"),
    Index(None, "organization", "person", "sequence"),
)

refusals = Table(
    "refusals",
    metadata,
    organization_column(),
    # The number of the event that opened the entry.
    Column("sequence", BigInteger, nullable=False),
    Column("user_name_key", Key, nullable=False),
    Column("user_name", Text),
    # Set if the refused request was a reactivation of an existing person.
    Column("person", Key),
    Column("way_in", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("wants", Key, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("first_attempt", Key, nullable=False),
    Column("last_attempt", Key, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    # The document of a refused create, for a retry.
    Column("document", Text),
    # The id, the groups and the date of creation that a person of an import keeps when let in later.
    Column("kept", Document),
    Column("closed", Key),
    # The number of the event that closed the entry.
    Column("closed_by", BigInteger),
    PrimaryKeyConstraint("organization", "sequence"),
    ForeignKeyConstraint(["organization", "sequence"], ["events.organization", "events.sequence"]),
    Index(
        "uq_refusals_one_open",
        "organization",
        "user_name_key",
        unique=True,
        sqlite_where=text("closed IS NULL"),
        postgresql_where=text("closed IS NULL"),
    ),
    # For the story of a person, which includes closed entries.
    Index(None, "organization", "user_name_key"),
    Index(
        "ix_refusals_open_of_person",
        "organization",
        "person",
        sqlite_where=text("closed IS NULL"),
        postgresql_where=text("closed IS NULL"),
    ),
)

# The events after which the vendor's app has ended the access of the person, as it says.
access_ended = Table(
    "access_ended",
    metadata,
    organization_column(),
    Column("sequence", BigInteger, nullable=False),
    Column("person", Key, nullable=False),
    Column("at", Key, nullable=False),
    PrimaryKeyConstraint("organization", "sequence"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
)

# The change of the number of seats in use on each day (UTC), counted from the events up to the last mark.
usage_days = Table(
    "usage_days",
    metadata,
    organization_column(),
    Column("tier", Key, nullable=False),
    Column("day", Key, nullable=False),
    Column("change", BigInteger, nullable=False),
    PrimaryKeyConstraint("organization", "tier", "day"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
)

# How far the events were counted, and when. Later events have later times.
usage_marks = Table(
    "usage_marks",
    metadata,
    organization_column(),
    Column("sequence", BigInteger, nullable=False),
    Column("at", Key, nullable=False),
    PrimaryKeyConstraint("organization", "sequence"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
)

# How many people do not use their seat, as the daily work of a large organization last counted them.
idle_counts = Table(
    "idle_counts",
    metadata,
    organization_column(),
    Column("people", BigInteger, nullable=False),
    Column("at", Key, nullable=False),
    PrimaryKeyConstraint("organization"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
)
