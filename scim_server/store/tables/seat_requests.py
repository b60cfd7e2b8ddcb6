"""Requests of people for a seat or a better tier."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    literal_column,
    text,
)

from scim_server.store.tables.base import Key, metadata, one_of, organization_column
from seat_policy.requests import RequestState

_OPEN_OF_PERSON: Final = "state = 'open' AND person IS NOT NULL"
_OPEN_OF_REFUSED: Final = "state = 'open' AND person IS NULL"

seat_requests = Table(
    "seat_requests",
    metadata,
    organization_column(),
    # The number of the event that opened the request.
    Column("number", BigInteger, nullable=False),
    # The member who asks; null for a person who was refused and is not a member yet.
    Column("person", Key),
    Column("user_name", Text, nullable=False),
    Column("user_name_key", Key, nullable=False),
    # The requested tier, or 'any'.
    Column("wants", Key, nullable=False),
    # The words of the person.
    Column("reason", Text, nullable=False),
    Column("way_in", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("opened", Key, nullable=False),
    Column("state", Key, nullable=False),
    # When, by whose decision, and by which event the request ended, and the reason that was given.
    Column("closed", Key),
    Column("decider", Text),
    Column("closed_by", BigInteger),
    Column("why", Text),
    # When the Owners were reminded of the request.
    Column("reminded", Key),
    PrimaryKeyConstraint("organization", "number"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    one_of("state", RequestState),
    CheckConstraint(
        "(closed IS NULL) = (state = 'open') AND (decider IS NULL) = (state = 'open')", name="closed"
    ),
    # At most one open request of each person.
    Index(
        "uq_seat_requests_one_open",
        "organization",
        "person",
        unique=True,
        sqlite_where=text(_OPEN_OF_PERSON),
        postgresql_where=text(_OPEN_OF_PERSON),
    ),
    Index(
        "uq_seat_requests_one_open_of_refused",
        "organization",
        "user_name_key",
        unique=True,
        sqlite_where=text(_OPEN_OF_REFUSED),
        postgresql_where=text(_OPEN_OF_REFUSED),
    ),
    Index(
        "ix_seat_requests_open",
        "organization",
        "opened",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
    Index(None, "organization", "person", "number"),
)

# Written as a literal, for the same reason as OWNS.
OPEN: Final = seat_requests.c.state == literal_column("'open'")
