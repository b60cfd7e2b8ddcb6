"""SCIM tokens, API keys, and the keys with which requests may be repeated."""

from typing import Final

from sqlalchemy import (
    BigInteger,
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

# The vendor's keys, which serve all organizations.
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
    # The id of the only organization that the key can use; null means all.
    Column("bound_to", Key),
    Column("expires", Key),
    Column("last_used", Key),
    # During a rotation: SHA-256 of the second secret, and when the rotation began.
    Column("next_digest", Key),
    Column("rotating", Key),
    UniqueConstraint("digest"),
    Index("uq_api_keys_active_name", "name", unique=True, sqlite_where=ACTIVE, postgresql_where=ACTIVE),
    Index("uq_api_keys_next_digest", "next_digest", unique=True),
)

# The keys with which requests to /v1 may be repeated. A row is written in the transaction of the effect.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("api_key", Key, nullable=False),
    # SHA-256 of the key, hexadecimal.
    Column("digest", Key, nullable=False),
    # SHA-256 of the method, the address and the body.
    Column("request", Key, nullable=False),
    Column("created", Key, nullable=False),
    # The answer, encrypted because it may contain a secret. Null until the answer is known.
    Column("status", BigInteger),
    Column("answer", Text),
    PrimaryKeyConstraint("api_key", "digest"),
)
