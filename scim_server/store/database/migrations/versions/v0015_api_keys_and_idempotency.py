"""API keys for one organization, with expiry, last use and rotation; idempotency keys; scheduled deletions."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NEW_COLUMNS = ("bound_to", "expires", "last_used", "next_digest", "rotating")


def upgrade() -> None:
    for name in NEW_COLUMNS:
        op.add_column("api_keys", sa.Column(name, KEY, nullable=True))
    op.create_index(op.f("uq_api_keys_next_digest"), "api_keys", ["next_digest"], unique=True)
    op.add_column("organizations", sa.Column("deletes", KEY, nullable=True))
    op.create_table(
        "idempotency_keys",
        sa.Column("api_key", KEY, nullable=False),
        sa.Column("digest", KEY, nullable=False),
        sa.Column("request", KEY, nullable=False),
        sa.Column("created", KEY, nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("api_key", "digest", name=op.f("pk_idempotency_keys")),
    )


def downgrade() -> None:
    op.drop_table("idempotency_keys")
    op.drop_column("organizations", "deletes")
    op.drop_index(op.f("uq_api_keys_next_digest"), "api_keys")
    for name in reversed(NEW_COLUMNS):
        op.drop_column("api_keys", name)
