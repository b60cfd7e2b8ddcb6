"""SCIM tokens and API keys."""

from typing import Final

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from scim_server.store.tables.base import Key, metadata, organization_column

ACTIVE: Final = text("revoked IS NULL")

tokens = Table(
    "tokens",
    metadata,
    organization_column(),
    Column("id", Key, nullable=False),
    Column("name", Text, nullable=False),
    # SHA-256 of the token, hexadecimal. The token itself is printed once and never stored.
    Column("digest", Key, nullable=False),
    Column("created", Key, nullable=False),
    Column("expires", Key),
    Column("revoked", Key),
    Column("last_used", Key),
    # How the provider named itself in that request.
    Column("user_agent", Text),
    PrimaryKeyConstraint("organization", "id"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    UniqueConstraint("organization", "digest"),
    # A command names a token, and the history names it too.
    Index(
        "uq_tokens_active_name",
        "organization",
        "name",
        unique=True,
        sqlite_where=ACTIVE,
        postgresql_where=ACTIVE,
    ),
)

# The vendor's keys, for all organizations.
api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False),
    # SHA-256 of the key, hexadecimal.
    Column("digest", Key, nullable=False),
    # Words separated by spaces.
    Column("scopes", Text, nullable=False),
    Column("created", Key, nullable=False),
    Column("revoked", Key),
    UniqueConstraint("digest"),
    Index("uq_api_keys_active_name", "name", unique=True, sqlite_where=ACTIVE, postgresql_where=ACTIVE),
)
