"""Domains, invitations and queued mail."""

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
    UniqueConstraint,
    literal_column,
    text,
)

from scim_server.store.tables.base import Document, Key, metadata, organization_column

# Domains for invitations. Any organization may add a domain; the verification gives it to one.
domains = Table(
    "domains",
    metadata,
    organization_column(),
    # In lower case, in the form of the DNS (IDNA).
    Column("domain", Key, nullable=False),
    # The value of the DNS record, different in each organization, so that it verifies the domain for one
    # only.
    Column("nonce", Text, nullable=False),
    Column("created", Key, nullable=False),
    Column("verified", Key),
    PrimaryKeyConstraint("organization", "domain"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    Index(
        "uq_domains_verified",
        "domain",
        unique=True,
        sqlite_where=text("verified IS NOT NULL"),
        postgresql_where=text("verified IS NOT NULL"),
    ),
)

invitations = Table(
    "invitations",
    metadata,
    organization_column(),
    Column("id", Key, nullable=False),
    # Number of the event that first sent it.
    Column("sequence", BigInteger, nullable=False),
    Column("email", Text, nullable=False),
    # The address in the form in which userNames are compared.
    Column("email_key", Key, nullable=False),
    Column("role", Text, nullable=False),
    # The requested tier or 'any', and the tier of the held seat.
    Column("wants", Key, nullable=False),
    Column("held", Key),
    Column("language", Text, nullable=False),
    Column("inviter", Text, nullable=False),
    Column("state", Key, nullable=False),
    Column("sent", Key, nullable=False),
    Column("expires", Key, nullable=False),
    Column("closed", Key),
    # SHA-256 of the secret in the link, hexadecimal.
    Column("digest", Key, nullable=False),
    # Number of its last mail.
    Column("mail", BigInteger, nullable=False),
    # The person it led to. Pending with a person: their provider created them, and only the role is pending.
    Column("person", Key),
    PrimaryKeyConstraint("organization", "id"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(["organization", "held"], ["seat_pool.organization", "seat_pool.tier"]),
    UniqueConstraint("organization", "digest"),
    UniqueConstraint("organization", "sequence"),
    CheckConstraint("role IN ('user', 'admin', 'owner', 'primary_owner')", name="role"),
    CheckConstraint("state IN ('pending', 'accepted', 'revoked', 'expired')", name="state"),
    CheckConstraint("(held IS NOT NULL) = (state = 'pending' AND person IS NULL)", name="held"),
    CheckConstraint("(closed IS NULL) = (state = 'pending')", name="closed"),
    Index(
        "uq_invitations_one_pending",
        "organization",
        "email_key",
        unique=True,
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
    Index(
        "uq_invitations_one_primary_owner",
        "organization",
        unique=True,
        sqlite_where=text("state = 'pending' AND role = 'primary_owner'"),
        postgresql_where=text("state = 'pending' AND role = 'primary_owner'"),
    ),
    Index(
        "ix_invitations_expiring",
        "organization",
        "expires",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
    Index(None, "organization", "email_key", "sequence"),
)

# Written as a literal, as for OWNS.
PENDING: Final = invitations.c.state == literal_column("'pending'")

FIRST_OWNER: Final = invitations.c.role == literal_column("'primary_owner'")

# Queued mail, written in the transaction that it reports.
mails = Table(
    "mails",
    metadata,
    organization_column(),
    # Number of the event that it reports.
    Column("id", BigInteger, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("language", Text, nullable=False),
    # The values for the text. A secret is in here only until the mail is sent or given up.
    Column("facts", Document, nullable=False),
    Column("created", Key, nullable=False),
    # When it is deleted, sent or not; null if it is kept.
    Column("expires", Key),
    Column("sent", Key),
    Column("attempts", BigInteger, nullable=False),
    # When it is tried next; null once it is sent or given up.
    Column("next_attempt", Key),
    Column("last_error", Text),
    PrimaryKeyConstraint("organization", "id", "recipient"),
    ForeignKeyConstraint(["organization"], ["organizations.id"], ondelete="CASCADE"),
    CheckConstraint("attempts >= 0", name="attempts"),
    Index(
        "ix_mails_due",
        "organization",
        "next_attempt",
        sqlite_where=text("next_attempt IS NOT NULL"),
        postgresql_where=text("next_attempt IS NOT NULL"),
    ),
    Index(
        "ix_mails_expiring",
        "organization",
        "expires",
        sqlite_where=text("expires IS NOT NULL"),
        postgresql_where=text("expires IS NOT NULL"),
    ),
)
