"""Seats in use by day, how far the history was counted, and how providers name themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("tokens", sa.Column("user_agent", sa.Text(), nullable=True))
    op.create_table(
        "usage_days",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("tier", KEY, nullable=False),
        sa.Column("day", KEY, nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organization", "tier", "day", name=op.f("pk_usage_days")),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_usage_days_organization_organizations"),
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "usage_marks",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", KEY, nullable=False),
        sa.PrimaryKeyConstraint("organization", "sequence", name=op.f("pk_usage_marks")),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_usage_marks_organization_organizations"),
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    op.drop_table("usage_marks")
    op.drop_table("usage_days")
    op.drop_column("tokens", "user_agent")
