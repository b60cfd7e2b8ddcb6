"""Imports, with their entries and members; what a refused person of an import keeps."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("refusals", sa.Column("kept", DOCUMENT, nullable=True))
    op.create_table(
        "imports",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", KEY, nullable=False),
        sa.Column("options", DOCUMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reading", DOCUMENT, nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("counts", DOCUMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created", KEY, nullable=False),
        sa.Column("changed", KEY, nullable=False),
        sa.CheckConstraint(
            "state IN ('reading', 'ready', 'running', 'done', 'cancelled')", name=op.f("ck_imports_state")
        ),
        sa.PrimaryKeyConstraint("organization", "id", name=op.f("pk_imports")),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_imports_organization_organizations"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_imports_organization_digest"), "imports", ["organization", "digest"])
    _create_entries()
    op.create_table(
        "import_members",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("job", KEY, nullable=False),
        sa.Column("group_position", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("member", KEY, nullable=False),
        sa.PrimaryKeyConstraint(
            "organization", "job", "group_position", "number", name=op.f("pk_import_members")
        ),
        _of_import("import_members"),
    )
    op.create_index(
        op.f("ix_import_members_organization_member_job"), "import_members", ["organization", "member", "job"]
    )


def _create_entries() -> None:
    op.create_table(
        "import_entries",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("job", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("source_id", KEY, nullable=False),
        sa.Column("key", KEY, nullable=True),
        sa.Column("target", KEY, nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("organization", "job", "kind", "position", name=op.f("pk_import_entries")),
        _of_import("import_entries"),
    )
    for column in ("source_id", "key", "target"):
        op.create_index(
            op.f(f"ix_import_entries_organization_{column}_job_kind"),
            "import_entries",
            ["organization", column, "job", "kind"],
        )


def _of_import(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organization", "job"],
        ["imports.organization", "imports.id"],
        name=op.f(f"fk_{table}_organization_job_imports"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    for table in ("import_members", "import_entries", "imports"):
        op.drop_table(table)
    op.drop_column("refusals", "kept")
