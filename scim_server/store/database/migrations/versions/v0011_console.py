"""Sign-in links and sessions of the console."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "sign_in_links",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("digest", KEY, nullable=False),
        sa.Column("person", KEY, nullable=True),
        sa.Column("invitation", KEY, nullable=True),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("created", KEY, nullable=False),
        sa.Column("expires", KEY, nullable=False),
        sa.Column("used", KEY, nullable=True),
        sa.PrimaryKeyConstraint("organization", "digest", name=op.f("pk_sign_in_links")),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_sign_in_links_organization_organizations"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("(person IS NULL) <> (invitation IS NULL)", name=op.f("ck_sign_in_links_entrant")),
    )
    op.create_index(
        op.f("ix_sign_in_links_organization_expires"), "sign_in_links", ["organization", "expires"]
    )
    op.create_table(
        "sessions",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("digest", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created", KEY, nullable=False),
        sa.Column("expires", KEY, nullable=False),
        sa.Column("last_used", KEY, nullable=False),
        sa.Column("notice", DOCUMENT, nullable=True),
        sa.PrimaryKeyConstraint("organization", "digest", name=op.f("pk_sessions")),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_sessions_organization_organizations"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("way IN ('link', 'oidc')", name=op.f("ck_sessions_way")),
    )
    op.create_index(op.f("ix_sessions_organization_person"), "sessions", ["organization", "person"])
    op.create_index(op.f("ix_sessions_organization_expires"), "sessions", ["organization", "expires"])


def downgrade() -> None:
    op.drop_table("sessions")
    op.drop_table("sign_in_links")
