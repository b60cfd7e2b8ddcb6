"""Domains, invitations, and queued mail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
PENDING = "state = 'pending'"
STATISTICS = (
    ("domains", "sqlite_autoindex_domains_1", "1000000 1000 1"),
    ("domains", "uq_domains_verified", "1000000 1"),
    ("invitations", "sqlite_autoindex_invitations_1", "1000000 1000 1"),
    ("invitations", "sqlite_autoindex_invitations_2", "1000000 1000 1"),
    ("invitations", "sqlite_autoindex_invitations_3", "1000000 1000 1"),
    ("invitations", "uq_invitations_one_pending", "100000 100 1"),
    ("invitations", "ix_invitations_expiring", "100000 100 1"),
    ("invitations", "ix_invitations_organization_email_key_sequence", "1000000 1000 1 1"),
    ("mails", "sqlite_autoindex_mails_1", "1000000 1000 1"),
    ("mails", "ix_mails_due", "100000 100 1"),
)


def upgrade() -> None:
    _domains()
    _invitations()
    _mails()
    op.add_column(
        "organizations",
        sa.Column("allow_invitations", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        for row in STATISTICS:
            op.get_bind().exec_driver_sql("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", row)


def _of_organization(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_organization_organizations")
    return sa.ForeignKeyConstraint(["organization"], ["organizations.id"], name=name, ondelete="CASCADE")


def _some(name: str, table: str, columns: list[str], condition: str, *, unique: bool = False) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)


def _domains() -> None:
    op.create_table(
        "domains",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("domain", KEY, nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("created", KEY, nullable=False),
        sa.Column("verified", KEY, nullable=True),
        _of_organization("domains"),
        sa.PrimaryKeyConstraint("organization", "domain", name=op.f("pk_domains")),
    )
    _some("uq_domains_verified", "domains", ["domain"], "verified IS NOT NULL", unique=True)


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", KEY, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("wants", KEY, nullable=False),
        sa.Column("held", KEY, nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("inviter", sa.Text(), nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("sent", KEY, nullable=False),
        sa.Column("expires", KEY, nullable=False),
        sa.Column("closed", KEY, nullable=True),
        sa.Column("digest", KEY, nullable=False),
        sa.Column("mail", sa.BigInteger(), nullable=False),
        sa.Column("person", KEY, nullable=True),
        _of_organization("invitations"),
        sa.ForeignKeyConstraint(
            ["organization", "held"],
            ["seat_pool.organization", "seat_pool.tier"],
            name=op.f("fk_invitations_organization_held_seat_pool"),
        ),
        sa.CheckConstraint("role IN ('user', 'admin', 'owner')", name=op.f("ck_invitations_role")),
        sa.CheckConstraint(
            "state IN ('pending', 'accepted', 'revoked', 'expired')", name=op.f("ck_invitations_state")
        ),
        sa.CheckConstraint(
            "(held IS NOT NULL) = (state = 'pending' AND person IS NULL)", name=op.f("ck_invitations_held")
        ),
        sa.CheckConstraint("(closed IS NULL) = (state = 'pending')", name=op.f("ck_invitations_closed")),
        sa.PrimaryKeyConstraint("organization", "id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("organization", "digest", name=op.f("uq_invitations_organization_digest")),
        sa.UniqueConstraint("organization", "sequence", name=op.f("uq_invitations_organization_sequence")),
    )
    both = ["organization", "email_key"]
    _some("uq_invitations_one_pending", "invitations", both, PENDING, unique=True)
    _some("ix_invitations_expiring", "invitations", ["organization", "expires"], PENDING)
    op.create_index(
        op.f("ix_invitations_organization_email_key_sequence"), "invitations", [*both, "sequence"]
    )


def _mails() -> None:
    op.create_table(
        "mails",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("facts", DOCUMENT, nullable=False),
        sa.Column("created", KEY, nullable=False),
        sa.Column("sent", KEY, nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("next_attempt", KEY, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        _of_organization("mails"),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_mails_attempts")),
        sa.PrimaryKeyConstraint("organization", "id", name=op.f("pk_mails")),
    )
    _some("ix_mails_due", "mails", ["organization", "next_attempt"], "next_attempt IS NOT NULL")


def downgrade() -> None:
    raise NotImplementedError("restore the backup from before the upgrade")
