"""The order of the events of all organizations."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "feed",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("organization", KEY, nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("first <= last", name=op.f("ck_feed_range")),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_feed_organization_organizations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_feed")),
        sa.UniqueConstraint("organization", "last", name=op.f("uq_feed_organization_last")),
    )
    head = op.create_table(
        "feed_head",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_feed_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_head")),
    )
    op.bulk_insert(head, [{"id": 1, "position": 0}])
    op.create_table(
        "unfed",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_unfed_organization_organizations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization", "sequence", name=op.f("pk_unfed")),
    )
    op.execute(
        "INSERT INTO unfed (organization, sequence) "
        "SELECT organization, sequence FROM organization_clock WHERE sequence > 0"
    )
    if op.get_bind().dialect.name == "postgresql":
        # Each row lives for about a second, so the table is cleaned by the number of its dead rows.
        op.execute(
            "ALTER TABLE unfed SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)"
        )


def downgrade() -> None:
    op.drop_table("unfed")
    op.drop_table("feed_head")
    op.drop_table("feed")
