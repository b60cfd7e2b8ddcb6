"""Requests for seats, and priorities that an admin set."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
OPEN = "state = 'open'"
POLICY = "seat_requests IN ('ask', 'if_free', 'up_to_ceiling')"
ASKING = "asking >= 0"
STATISTICS = (
    ("seat_requests", "sqlite_autoindex_seat_requests_1", "1000000 1000 1"),
    ("seat_requests", "uq_seat_requests_one_open", "100000 100 1"),
    ("seat_requests", "uq_seat_requests_one_open_of_refused", "100000 100 1"),
    ("seat_requests", "ix_seat_requests_open", "100000 100 1"),
    ("seat_requests", "ix_seat_requests_organization_person_number", "1000000 1000 2 1"),
)


def upgrade() -> None:
    op.create_table(
        "seat_requests",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("person", KEY, nullable=True),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("user_name_key", KEY, nullable=False),
        sa.Column("wants", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("way_in", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("opened", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("closed", KEY, nullable=True),
        sa.Column("decider", sa.Text(), nullable=True),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("reminded", KEY, nullable=True),
        sa.PrimaryKeyConstraint("organization", "number", name=op.f("pk_seat_requests")),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_seat_requests_organization_organizations"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint(
            "state IN ('open', 'approved', 'declined', 'withdrawn', 'lapsed')",
            name=op.f("ck_seat_requests_state"),
        ),
        sa.CheckConstraint(
            "(closed IS NULL) = (state = 'open') AND (decider IS NULL) = (state = 'open')",
            name=op.f("ck_seat_requests_closed"),
        ),
    )
    _some("uq_seat_requests_one_open", ["person"], f"{OPEN} AND person IS NOT NULL", unique=True)
    _some(
        "uq_seat_requests_one_open_of_refused", ["user_name_key"], f"{OPEN} AND person IS NULL", unique=True
    )
    _some("ix_seat_requests_open", ["opened"], OPEN)
    op.create_index(
        op.f("ix_seat_requests_organization_person_number"),
        "seat_requests",
        ["organization", "person", "number"],
    )
    op.add_column("people", sa.Column("prioritised", sa.Boolean(), server_default=sa.false(), nullable=False))
    _checked("organizations", "seat_requests", sa.Text(), "ask", POLICY)
    _checked("organization_clock", "asking", sa.BigInteger(), "0", ASKING)
    if op.get_bind().dialect.name == "sqlite":
        for row in STATISTICS:
            op.get_bind().exec_driver_sql("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", row)


def _some(name: str, columns: list[str], condition: str, *, unique: bool = False) -> None:
    where = sa.text(condition)
    op.create_index(
        name,
        "seat_requests",
        ["organization", *columns],
        unique=unique,
        sqlite_where=where,
        postgresql_where=where,
    )


def _checked(table: str, column: str, type_: sa.Text | sa.BigInteger, default: str, condition: str) -> None:
    """Add a column with a CHECK. SQLite takes the CHECK only together with the column."""
    if op.get_bind().dialect.name == "postgresql":
        op.add_column(table, sa.Column(column, type_, server_default=default, nullable=False))
        op.create_check_constraint(op.f(f"ck_{table}_{column}"), table, condition)
        return
    added = f"{column} {type_.compile(op.get_bind().dialect)} DEFAULT '{default}' NOT NULL"
    op.get_bind().exec_driver_sql(
        f"ALTER TABLE {table} ADD COLUMN {added} CONSTRAINT ck_{table}_{column} CHECK ({condition})"
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup from before the upgrade")
