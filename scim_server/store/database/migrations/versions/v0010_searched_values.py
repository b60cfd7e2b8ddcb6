"""Indexes on SQLite for values by which people are searched. On PostgreSQL, one index has all values."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user"
INDEXES = {
    "ix_people_family_name": '$."name"."familyname"',
    "ix_people_given_name": '$."name"."givenname"',
    "ix_people_employee_number": f'$."{ENTERPRISE}"."employeenumber"',
    "ix_people_department": f'$."{ENTERPRISE}"."department"',
    "ix_people_manager": f'$."{ENTERPRISE}"."manager"."value"',
}


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    for name, path in INDEXES.items():
        value = f"json_extract(search, '{path}')"
        connection.exec_driver_sql(
            f"CREATE INDEX {name} ON people (organization, {value}) WHERE {value} IS NOT NULL"
        )
        connection.exec_driver_sql(
            "INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", ("people", name, "1000000 1000 4")
        )


def downgrade() -> None:
    raise NotImplementedError("restore the backup from before the upgrade")
