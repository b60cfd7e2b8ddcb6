"""Overflow by tier, automatic purchases, and more data about people without a seat."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
OLD = "overflow IN ('reject', 'queue')"
NEW = "overflow IN ('reject', 'queue', 'fallback', 'buy')"
CHECKS = {
    ("people", "unseated"): "unseated IS NULL OR (active AND tier IS NULL AND wants IS NULL)",
    ("seat_pool", "overflow"): NEW,
    ("seat_pool", "automatic"): "ceiling >= 0 AND automatic >= 0 AND unbilled >= 0",
}


def upgrade() -> None:
    op.create_table(
        "former_people",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("user_name_key", KEY, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_former_people_organization_organizations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization", "person", name=op.f("pk_former_people")),
    )
    op.create_index(
        op.f("ix_former_people_organization_user_name_key"),
        "former_people",
        ["organization", "user_name_key"],
        unique=False,
    )
    op.add_column("people", sa.Column("way_in", sa.Text(), server_default="scim", nullable=False))
    op.add_column("people", sa.Column("unconfirmed", KEY, nullable=True))
    op.add_column("people", sa.Column("touched", KEY, nullable=True))
    op.add_column("contracts", sa.Column("unbilled_day", KEY, nullable=True))
    op.add_column("seat_pool", sa.Column("ceiling", sa.BigInteger(), nullable=True))
    op.add_column("seat_pool", sa.Column("unbilled", sa.BigInteger(), server_default="0", nullable=False))
    if op.get_bind().dialect.name == "postgresql":
        _check_postgresql()
    else:
        _check_sqlite()


def _check_postgresql() -> None:
    op.add_column("people", sa.Column("unseated", sa.Text(), nullable=True))
    op.add_column("seat_pool", sa.Column("overflow", sa.Text(), nullable=True))
    op.add_column("seat_pool", sa.Column("automatic", sa.BigInteger(), server_default="0", nullable=False))
    for (table, name), condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    op.drop_constraint(op.f("ck_organizations_overflow"), "organizations", type_="check")
    op.create_check_constraint(op.f("ck_organizations_overflow"), "organizations", NEW)


def _check_sqlite() -> None:
    """Add columns with their CHECKs; rewrite the existing CHECK of `organizations` in place.

    SQLite cannot alter a CHECK, and deleting the old table after a copy would delete all rows that refer to
    it. The manual of SQLite describes this method for changes that keep the rows as they are.
    """
    connection = op.get_bind()
    for column, (table, name) in {
        "unseated TEXT": ("people", "unseated"),
        "overflow TEXT": ("seat_pool", "overflow"),
        "automatic BIGINT DEFAULT '0' NOT NULL": ("seat_pool", "automatic"),
    }.items():
        check = f"CONSTRAINT ck_{table}_{name} CHECK ({CHECKS[table, name]})"
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {column} {check}")
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'organizations' "
        "AND instr(sql, ?)",
        (OLD, NEW, OLD),
    )
    if changed.rowcount != 1:
        raise RuntimeError("the table of organizations is not as the first migration made it")
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
    table, index = "former_people", "ix_former_people_organization_user_name_key"
    for name, stat in ((index, "1000000 1000 1"), ("sqlite_autoindex_former_people_1", "1000000 1000 1")):
        connection.exec_driver_sql("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", (table, name, stat))


def downgrade() -> None:
    raise NotImplementedError("restore the backup from before the upgrade")
