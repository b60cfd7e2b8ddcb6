"""Webhook endpoints, the events that are to be delivered to them, and the log of attempts (decision 49)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from scim_server.store.tables.base import Document, Key, metadata, organization_column

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("id", Key, primary_key=True),
    # Null: the endpoint is the vendor's, and gets the events of all organizations.
    Column("organization", Key),
    Column("url", Text, nullable=False),
    # The types of events, or families such as `person.*`; an empty list means all public types.
    Column("types", Document, nullable=False),
    Column("payload", Text, nullable=False),
    Column("batch", BigInteger, nullable=False),
    # The seconds between the attempts for a message.
    Column("retries", Document, nullable=False),
    # The address that is notified if the endpoint is disabled, in addition to the Owners.
    Column("contact", Text),
    # The keys that sign; two during a rotation. They are readable, because signing needs them (decision 48).
    Column("key", Text, nullable=False),
    Column("next_key", Text),
    Column("created", Key, nullable=False),
    # Up to here, the deliveries exist: a number of the organization, or a position of the feed.
    Column("position", BigInteger, nullable=False),
    Column("disabled", Key),
    Column("why_disabled", Text),
    # While the receiver is overloaded: no request before this time, since when, and the number of pauses.
    Column("paused", Key),
    Column("slowed", Key),
    Column("pauses", BigInteger, nullable=False),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    CheckConstraint("payload IN ('full', 'thin')", name="payload"),
    CheckConstraint("batch BETWEEN 1 AND 100", name="batch"),
    CheckConstraint("(disabled IS NULL) = (why_disabled IS NULL)", name="disabled"),
    CheckConstraint("why_disabled IN ('gone', 'failed', 'manual')", name="why_disabled"),
    Index(None, "organization", "created"),
)

# One row for each endpoint and organization with deliveries. It is the lock of these deliveries.
webhook_backlogs = Table(
    "webhook_backlogs",
    metadata,
    organization_column(),
    Column("endpoint", Key, nullable=False),
    # The earliest time of a next attempt; null if there is nothing to send.
    Column("due", Key),
    PrimaryKeyConstraint("organization", "endpoint"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    Index(
        "ix_webhook_backlogs_due",
        "organization",
        "due",
        sqlite_where=text("due IS NOT NULL"),
        postgresql_where=text("due IS NOT NULL"),
    ),
)

# One row for each event and endpoint. Rows with the same `batch` are one message.
webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    organization_column(),
    Column("endpoint", Key, nullable=False),
    # The number of the event.
    Column("sequence", BigInteger, nullable=False),
    # The endpoint, and the person that the event is about. Deliveries of one lane are made one after another.
    Column("lane", Key, nullable=False),
    # The number of the first event of the message; null until the message is first sent.
    Column("batch", BigInteger),
    Column("created", Key, nullable=False),
    # The next attempt, or the end of a running attempt. Null if the event was delivered, is not the first of
    # its message, or waits for an earlier event of its lane.
    Column("due", Key),
    # The mark of the worker that sends the message now.
    Column("claim", Text),
    # Failed attempts since the first one, or since the endpoint was enabled again.
    Column("failures", BigInteger, nullable=False),
    Column("delivered", Key),
    PrimaryKeyConstraint("organization", "endpoint", "sequence"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    CheckConstraint("delivered IS NULL OR due IS NULL", name="delivered"),
    Index(
        "ix_webhook_deliveries_due",
        "organization",
        "endpoint",
        "due",
        sqlite_where=text("due IS NOT NULL"),
        postgresql_where=text("due IS NOT NULL"),
    ),
    Index(
        "ix_webhook_deliveries_lane",
        "organization",
        "lane",
        "sequence",
        sqlite_where=text("delivered IS NULL"),
        postgresql_where=text("delivered IS NULL"),
    ),
    Index(None, "organization", "endpoint", "batch"),
)

# The log, kept for 30 days.
webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    organization_column(),
    Column("endpoint", Key, nullable=False),
    Column("id", Key, nullable=False),
    Column("at", Key, nullable=False),
    Column("message", Key, nullable=False),
    Column("batch", BigInteger, nullable=False),
    # The numbers of the events of the message.
    Column("events", Document, nullable=False),
    Column("url", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("request", Document, nullable=False),
    Column("request_body", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("milliseconds", BigInteger, nullable=False),
    Column("status", BigInteger),
    Column("headers", Document, nullable=False),
    Column("body", Text, nullable=False),
    Column("truncated", Boolean, nullable=False),
    # Why there was no answer: a code for everybody, and the exact cause for the operator.
    Column("failure", Text),
    Column("cause", Text),
    Column("next_attempt", Key),
    PrimaryKeyConstraint("organization", "endpoint", "id"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    Index(None, "organization", "endpoint", "at"),
    Index(None, "organization", "endpoint", "batch"),
)
