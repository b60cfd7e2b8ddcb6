"""Several mails for one event, mail that expires, and invitations of a Primary Owner."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
OLD_ROLES = "role IN ('user', 'admin', 'owner')"
NEW_ROLES = "role IN ('user', 'admin', 'owner', 'primary_owner')"
EXPIRES = "expires IS NOT NULL"
OWNS = "role IN ('owner', 'primary_owner')"
FIRST_OWNER = "state = 'pending' AND role = 'primary_owner'"
COLUMNS = (
    "organization, id, recipient, kind, language, facts, created, sent, attempts, next_attempt, last_error"
)
STATISTICS = (
    ("mails", "sqlite_autoindex_mails_1", "1000000 1000 2 1"),
    ("mails", "ix_mails_due", "100000 100 1"),
    ("mails", "ix_mails_expiring", "100000 100 1"),
    ("people", "ix_people_owners", "10000 10 5"),
    ("invitations", "uq_invitations_one_primary_owner", "1000 1"),
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("pk_mails"), "mails", type_="primary")
        op.create_primary_key(op.f("pk_mails"), "mails", ["organization", "id", "recipient"])
        op.add_column("mails", sa.Column("expires", KEY, nullable=True))
        op.drop_constraint(op.f("ck_invitations_role"), "invitations", type_="check")
        op.create_check_constraint(op.f("ck_invitations_role"), "invitations", NEW_ROLES)
    else:
        _mails_sqlite()
        _roles_sqlite()
    _some("ix_mails_expiring", "mails", ["organization", "expires"], EXPIRES)
    _some("ix_people_owners", "people", ["organization", "role"], OWNS)
    _some("uq_invitations_one_primary_owner", "invitations", ["organization"], FIRST_OWNER, unique=True)
    if op.get_bind().dialect.name == "sqlite":
        for row in STATISTICS:
            op.get_bind().exec_driver_sql("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", row)


def _some(name: str, table: str, columns: list[str], condition: str, *, unique: bool = False) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)


def _mails_sqlite() -> None:
    """SQLite cannot alter a primary key. No table refers to mails, so they can be copied (decision 13)."""
    op.create_table(
        "mails_copied",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("facts", DOCUMENT, nullable=False),
        sa.Column("created", KEY, nullable=False),
        sa.Column("expires", KEY, nullable=True),
        sa.Column("sent", KEY, nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("next_attempt", KEY, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_mails_organization_organizations"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_mails_attempts")),
        sa.PrimaryKeyConstraint("organization", "id", "recipient", name=op.f("pk_mails")),
    )
    op.execute(f"INSERT INTO mails_copied ({COLUMNS}) SELECT {COLUMNS} FROM mails")  # noqa: S608 - constants
    op.drop_table("mails")
    op.rename_table("mails_copied", "mails")
    where = sa.text("next_attempt IS NOT NULL")
    op.create_index("ix_mails_due", "mails", ["organization", "next_attempt"], sqlite_where=where)


def _roles_sqlite() -> None:
    """Rewrite a CHECK in place (decision 13)."""
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'invitations' "
        "AND instr(sql, ?)",
        (OLD_ROLES, NEW_ROLES, OLD_ROLES),
    )
    if changed.rowcount != 1:
        raise RuntimeError("the table of invitations is not as the seventh migration made it")
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")


def downgrade() -> None:
    raise NotImplementedError("restore the backup from before the upgrade")
