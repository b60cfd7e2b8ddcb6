"""Webhook endpoints, their deliveries, and the log of attempts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", KEY, nullable=False),
        sa.Column("organization", KEY, nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("types", DOCUMENT, nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("retries", DOCUMENT, nullable=False),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("next_key", sa.Text(), nullable=True),
        sa.Column("created", KEY, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("disabled", KEY, nullable=True),
        sa.Column("why_disabled", sa.Text(), nullable=True),
        sa.Column("paused", KEY, nullable=True),
        sa.Column("slowed", KEY, nullable=True),
        sa.Column("pauses", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
        _organization("webhook_endpoints"),
        sa.CheckConstraint("payload IN ('full', 'thin')", name=op.f("ck_webhook_endpoints_payload")),
        sa.CheckConstraint("batch BETWEEN 1 AND 100", name=op.f("ck_webhook_endpoints_batch")),
        sa.CheckConstraint(
            "(disabled IS NULL) = (why_disabled IS NULL)", name=op.f("ck_webhook_endpoints_disabled")
        ),
        sa.CheckConstraint(
            "why_disabled IN ('gone', 'failed', 'manual')", name=op.f("ck_webhook_endpoints_why_disabled")
        ),
    )
    op.create_index(
        op.f("ix_webhook_endpoints_organization_created"), "webhook_endpoints", ["organization", "created"]
    )
    op.create_table(
        "webhook_backlogs",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("endpoint", KEY, nullable=False),
        sa.Column("due", KEY, nullable=True),
        sa.PrimaryKeyConstraint("organization", "endpoint", name=op.f("pk_webhook_backlogs")),
        _organization("webhook_backlogs"),
    )
    _partial_index("ix_webhook_backlogs_due", "webhook_backlogs", ["organization", "due"], "due IS NOT NULL")
    _create_deliveries()
    _create_attempts()


def _create_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("endpoint", KEY, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("lane", KEY, nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=True),
        sa.Column("created", KEY, nullable=False),
        sa.Column("due", KEY, nullable=True),
        sa.Column("claim", sa.Text(), nullable=True),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("delivered", KEY, nullable=True),
        sa.PrimaryKeyConstraint("organization", "endpoint", "sequence", name=op.f("pk_webhook_deliveries")),
        _organization("webhook_deliveries"),
        sa.CheckConstraint("delivered IS NULL OR due IS NULL", name=op.f("ck_webhook_deliveries_delivered")),
    )
    _partial_index(
        "ix_webhook_deliveries_due",
        "webhook_deliveries",
        ["organization", "endpoint", "due"],
        "due IS NOT NULL",
    )
    _partial_index(
        "ix_webhook_deliveries_lane",
        "webhook_deliveries",
        ["organization", "lane", "sequence"],
        "delivered IS NULL",
    )
    op.create_index(
        op.f("ix_webhook_deliveries_organization_endpoint_batch"),
        "webhook_deliveries",
        ["organization", "endpoint", "batch"],
    )


def _create_attempts() -> None:
    op.create_table(
        "webhook_attempts",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("endpoint", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", KEY, nullable=False),
        sa.Column("message", KEY, nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("events", DOCUMENT, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("request", DOCUMENT, nullable=False),
        sa.Column("request_body", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("milliseconds", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("headers", DOCUMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("next_attempt", KEY, nullable=True),
        sa.PrimaryKeyConstraint("organization", "endpoint", "id", name=op.f("pk_webhook_attempts")),
        _organization("webhook_attempts"),
    )
    for column in ("at", "batch"):
        op.create_index(
            op.f(f"ix_webhook_attempts_organization_endpoint_{column}"),
            "webhook_attempts",
            ["organization", "endpoint", column],
        )


def _organization(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organization"],
        ["organizations.id"],
        name=op.f(f"fk_{table}_organization_organizations"),
        ondelete="CASCADE",
    )


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    for table in ("webhook_attempts", "webhook_deliveries", "webhook_backlogs", "webhook_endpoints"):
        op.drop_table(table)
