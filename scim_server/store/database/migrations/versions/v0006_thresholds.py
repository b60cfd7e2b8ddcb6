"""Alerts that were sent about a tier, the time of the last refusal, and the times of sign-ins."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("seat_pool", sa.Column("alerted", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("organization_clock", sa.Column("refused", KEY, nullable=True))
    op.add_column("people", sa.Column("signed_in", KEY, nullable=True))


def downgrade() -> None:
    raise NotImplementedError("restore the backup from before the upgrade")
