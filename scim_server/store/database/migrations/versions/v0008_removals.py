"""People whose access a provider ended, and mass removals."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
HELD = sa.text("held IS NOT NULL")
STATISTICS = (
    ("departures", "sqlite_autoindex_departures_1", "1000000 1000 1"),
    ("departures", "ix_departures_organization_person", "1000000 1000 1"),
    ("departures", "ix_departures_organization_removal_at", "1000000 1000 100 1"),
    ("departures", "ix_departures_held", "100000 100 1"),
    ("removals", "sqlite_autoindex_removals_1", "1000000 1000 1"),
)


def upgrade() -> None:
    _departures()
    _removals()
    op.add_column(
        "organizations",
        sa.Column("hold_removals", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        for row in STATISTICS:
            op.get_bind().exec_driver_sql("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", row)


def _of_organization(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_organization_organizations")
    return sa.ForeignKeyConstraint(["organization"], ["organizations.id"], name=name, ondelete="CASCADE")


def _departures() -> None:
    op.create_table(
        "departures",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("user_name_key", KEY, nullable=False),
        sa.Column("at", KEY, nullable=False),
        sa.Column("tier", KEY, nullable=True),
        sa.Column("wants", KEY, nullable=True),
        sa.Column("arrival", sa.BigInteger(), nullable=True),
        sa.Column("waiting_since", KEY, nullable=True),
        sa.Column("unseated", sa.Text(), nullable=True),
        sa.Column("deleted", sa.Text(), nullable=True),
        sa.Column("removal", sa.BigInteger(), nullable=True),
        sa.Column("held", KEY, nullable=True),
        _of_organization("departures"),
        sa.ForeignKeyConstraint(
            ["organization", "held"],
            ["seat_pool.organization", "seat_pool.tier"],
            name=op.f("fk_departures_organization_held_seat_pool"),
        ),
        sa.CheckConstraint("held IS NULL OR removal IS NOT NULL", name=op.f("ck_departures_held")),
        sa.PrimaryKeyConstraint("organization", "sequence", name=op.f("pk_departures")),
    )
    op.create_index(op.f("ix_departures_organization_person"), "departures", ["organization", "person"])
    op.create_index(
        op.f("ix_departures_organization_removal_at"),
        "departures",
        ["organization", "removal", "at"],
    )
    op.create_index(
        "ix_departures_held",
        "departures",
        ["organization", "user_name_key"],
        sqlite_where=HELD,
        postgresql_where=HELD,
    )


def _removals() -> None:
    op.create_table(
        "removals",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("at", KEY, nullable=False),
        sa.Column("members", sa.BigInteger(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("closed", KEY, nullable=True),
        _of_organization("removals"),
        sa.CheckConstraint("state IN ('open', 'confirmed', 'restored')", name=op.f("ck_removals_state")),
        sa.CheckConstraint("(closed IS NULL) = (state = 'open')", name=op.f("ck_removals_closed")),
        sa.PrimaryKeyConstraint("organization", "id", name=op.f("pk_removals")),
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup from before the upgrade")
