"""The last count of people who do not use their seat, and an index of refusals by userName."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "idle_counts",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("at", KEY, nullable=False),
        sa.PrimaryKeyConstraint("organization", name=op.f("pk_idle_counts")),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_idle_counts_organization_organizations"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        op.f("ix_refusals_organization_user_name_key"), "refusals", ["organization", "user_name_key"]
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_refusals_organization_user_name_key"), table_name="refusals")
    op.drop_table("idle_counts")
