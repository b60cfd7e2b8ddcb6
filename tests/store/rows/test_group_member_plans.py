"""The members of a small group are read without reading the other people of a large organization."""

import re
from collections.abc import Callable

import pytest

from scim_server.services.billing import due
from scim_server.store.database import schema
from scim_server.store.database.compiled import Compiled
from scim_server.store.database.session import Database
from scim_server.store.rows import group_members
from tests.api.statement_counts import place
from tests.api.wire import create_group
from tests.conftest import DIALECTS


def plan_of(database: Database, query: Compiled) -> str:
    """The plan of a statement, which is the same for all values."""
    with database.writer.connect() as connection:
        sql = query.form(connection.dialect).sql
        if database.dialect == "postgresql":
            connection.exec_driver_sql("ANALYZE people, group_members")
            numbers: dict[str, int] = {}
            numbered = re.sub(
                r"%\((\w+)\)s", lambda found: f"${numbers.setdefault(found[1], len(numbers) + 1)}", sql
            )
            rows = connection.exec_driver_sql(f"EXPLAIN (GENERIC_PLAN) {numbered}")
            return "; ".join(row[0] for row in rows)
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", ("",) * sql.count("?"))
        return "; ".join(row[3] for row in rows)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_members_of_a_small_group_are_found_by_their_ids(
    dialect: str, new_url: Callable[[str], str]
) -> None:
    database = due.opened(new_url(dialect))
    schema.upgrade(database)
    with place(database, 1_000, 1_000) as where:
        group = create_group(where.client, *where.outsiders[:3])["id"]
        with database.read(where.at.organization.id) as read:
            shown = group_members.of(read, group)

        plan = plan_of(database, group_members.query_of_one(dialect, among=False))
    database.close()

    assert [member.id for member in shown] == where.outsiders[:3]
    accesses = [line for line in plan.split(";") if " people" in line]
    assert accesses
    assert all("autoindex_people_1" in line or "Index Scan using pk_people" in line for line in accesses)
