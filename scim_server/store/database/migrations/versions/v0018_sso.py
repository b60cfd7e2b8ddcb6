"""Identity providers for the sign-in at the console, and when a person last proved to be this person."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "sso_providers",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("client_secret", sa.Text(), nullable=True),
        sa.Column("cookie_key", sa.Text(), nullable=False),
        sa.Column("configured", KEY, nullable=False),
        sa.Column("last_sign_in", KEY, nullable=True),
        sa.Column("last_failure", KEY, nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("organization", name=op.f("pk_sso_providers")),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_sso_providers_organization_organizations"),
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "sso_answered",
        sa.Column("organization", KEY, nullable=False),
        sa.Column("digest", KEY, nullable=False),
        sa.Column("expires", KEY, nullable=False),
        sa.PrimaryKeyConstraint("organization", "digest", name=op.f("pk_sso_answered")),
        sa.ForeignKeyConstraint(
            ["organization"],
            ["organizations.id"],
            name=op.f("fk_sso_answered_organization_organizations"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_sso_answered_organization_expires"), "sso_answered", ["organization", "expires"])
    op.add_column("sessions", sa.Column("authenticated", KEY, nullable=True))
    op.execute("UPDATE sessions SET authenticated = created")


def downgrade() -> None:
    op.drop_column("sessions", "authenticated")
    op.drop_table("sso_answered")
    op.drop_table("sso_providers")
