"""On PostgreSQL, the index of the search documents finds values of one organization only."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    for table in ("people", "groups", "resources"):
        connection.exec_driver_sql(f"DROP INDEX ix_{table}_search")
        connection.exec_driver_sql(
            f"CREATE INDEX ix_{table}_search ON {table} "
            "USING gin (jsonb_set('{}'::jsonb, ARRAY[organization], search, true) jsonb_path_ops)"
        )


def downgrade() -> None:
    raise NotImplementedError("restore the backup from before the upgrade")
