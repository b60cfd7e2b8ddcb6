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

# Domains for invitations. Several organizations may add a domain, but only one can verify it.
domains = Table(
    "domains",
    metadata,
    organization_column(),
    # The name in lower case, in the form of the DNS (IDNA).
    Column("domain", Key, nullable=False),
    # The value of the DNS record. It differs in each organization, so that a record verifies the domain for
    # one only.
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
    # The number of the event that first sent the invitation.
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
    # The number of the last mail.
    Column("mail", BigInteger, nullable=False),
    # The person that the invitee became. If the invitation is pending, a provider created the person, and
    # only the role is pending.
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

# Written as a literal, for the same reason as OWNS.
PENDING: Final = invitations.c.state == literal_column("'pending'")

FIRST_OWNER: Final = invitations.c.role == literal_column("'primary_owner'")

# Queued mail, written in the transaction that it reports about.
mails = Table(
    "mails",
    metadata,
    organization_column(),
    # The number of the event that the mail reports.
    Column("id", BigInteger, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("language", Text, nullable=False),
    # The values for the text. They contain the secret only until the mail is sent or given up.
    Column("facts", Document, nullable=False),
    Column("created", Key, nullable=False),
    # When the mail is deleted, even if it was not sent; null if it is kept.
    Column("expires", Key),
    Column("sent", Key),
    Column("attempts", BigInteger, nullable=False),
    # The time of the next attempt; null after the mail was sent or given up.
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
