"""Names of active tokens and of active API keys are unique. Existing duplicates get a number."""

from itertools import count

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ACTIVE = "revoked IS NULL"
TABLES = {"tokens": ["organization", "name"], "api_keys": ["name"]}
INDEXES = {"tokens": "uq_tokens_active_name", "api_keys": "uq_api_keys_active_name"}
STATISTICS = (
    ("tokens", "uq_tokens_active_name", "100000 100 1"),
    ("api_keys", "uq_api_keys_active_name", "100 1"),
)


def upgrade() -> None:
    connection = op.get_bind()
    for name, columns in TABLES.items():
        _rename_duplicates(connection, name, columns)
        where = sa.text(ACTIVE)
        op.create_index(INDEXES[name], name, columns, unique=True, sqlite_where=where, postgresql_where=where)
    if connection.dialect.name == "sqlite":
        for row in STATISTICS:
            connection.exec_driver_sql("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", row)


def _rename_duplicates(connection: sa.Connection, name: str, columns: list[str]) -> None:
    """Add a number to the name of each active row that is not the first with its name."""
    table = sa.table(name, *(sa.column(one) for one in {*columns, "name", "id", "created", "revoked"}))
    place = [table.c[one] for one in columns if one != "name"]
    query = sa.select(*place, table.c.id, table.c.name).where(table.c.revoked.is_(None))
    rows = connection.execute(query.order_by(*place, table.c.created, table.c.id)).all()
    taken = {(*row[:-2], row.name) for row in rows}
    seen = set()
    for row in rows:
        where = row[:-2]
        if (*where, row.name) not in seen:
            seen.add((*where, row.name))
            continue
        new = next(f"{row.name}-{n}" for n in count(2) if (*where, f"{row.name}-{n}") not in taken)
        taken.add((*where, new))
        here = [column == value for column, value in zip(place, where, strict=True)]
        connection.execute(table.update().where(*here, table.c.id == row.id).values(name=new))


def downgrade() -> None:
    for name in TABLES:
        op.drop_index(INDEXES[name], name)
    if op.get_bind().dialect.name == "sqlite":
        for _, index, _ in STATISTICS:
            op.get_bind().exec_driver_sql("DELETE FROM sqlite_stat1 WHERE idx = ?", (index,))
