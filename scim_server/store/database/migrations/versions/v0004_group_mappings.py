"""Mappings, which define what groups give their members."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
UNMAPPED = "unmapped IN ('highest', 'lowest', 'none')"


def upgrade() -> None:
    op.create_table(
        "group_mappings",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("tier", KEY, nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("priority", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("role IN ('user', 'admin', 'owner')", name=op.f("ck_group_mappings_role")),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_group_mappings_organization_organizations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization", "tier"],
            ["seat_pool.organization", "seat_pool.tier"],
            name=op.f("fk_group_mappings_organization_tier_seat_pool"),
        ),
        sa.PrimaryKeyConstraint("organization", "key", name=op.f("pk_group_mappings")),
    )
    op.add_column("people", sa.Column("role_mapped", sa.Boolean(), server_default=sa.false(), nullable=False))
    if op.get_bind().dialect.name == "postgresql":
        op.add_column("organizations", sa.Column("unmapped", sa.Text(), nullable=True))
        op.create_check_constraint(op.f("ck_organizations_unmapped"), "organizations", UNMAPPED)
        return
    connection = op.get_bind()
    check = f"CONSTRAINT ck_organizations_unmapped CHECK ({UNMAPPED})"
    connection.exec_driver_sql(f"ALTER TABLE organizations ADD COLUMN unmapped TEXT {check}")
    stat = ("group_mappings", "sqlite_autoindex_group_mappings_1", "1000000 1000 1")
    connection.exec_driver_sql("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", stat)


def downgrade() -> None:
    raise NotImplementedError("restore the backup from before the upgrade")
