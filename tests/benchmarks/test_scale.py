"""The page about scale is computed from the measured costs and the declared tables."""

import re
from collections.abc import Callable

import psycopg

from benchmarks.scale import citus
from benchmarks.scale.costs import Cost, Costs
from benchmarks.scale.page import COSTS, MEASUREMENTS, PAGE, rate_in, written
from benchmarks.scale.simulation import Inputs, flows, machines, needed, stored
from scim_server.services.billing import due
from scim_server.store.database import schema
from scim_server.store.tables import metadata

KINDS = ("lookup", "read", "create", "change", "refusal", "repeated refusal")
SMALL = Inputs(
    organizations=2_400,
    people=1_000,
    memberships=2,
    changes=0,
    turnover=0,
    refused=0,
    connecting=2,
    requests_a_second=10,
    years=1,
)
COSTS_OF_ONE = Costs(
    {},
    {kind: Cost(server=100, database=50) for kind in KINDS},
    {"person": 1000, "membership": 100, "event": 10, "refusal": 1},
    {},
)


def test_the_page_shows_what_the_script_computes() -> None:
    page = PAGE.read_text()

    assert written(page) == page, "run: python -m benchmarks scale"


def test_the_requests_of_all_flows_are_added_up() -> None:
    # One search a second for the cycles; 20 requests a second of those that connect.
    assert sum(sum(flow.requests.values()) for flow in flows(SMALL)) == 1 + 20

    total = needed(SMALL, COSTS_OF_ONE)

    assert (total.requests, round(total.servers, 6), round(total.databases, 6)) == (21, 2.1, 1.05)


def test_the_rows_of_all_people_are_added_up() -> None:
    sizes = {kind: (count, size) for kind, count, size in stored(SMALL, COSTS_OF_ONE)}

    assert sizes == {
        "person": (1_000, 1_000_000),
        "membership": (2_000, 200_000),
        "event": (1_000, 10_000),
        "refusal": (0, 0),
    }


def test_twice_as_many_organizations_that_connect_need_twice_as_many_cores() -> None:
    costs = Costs.load(COSTS)
    (*_, once), (*_, twice) = (flows(Inputs(connecting=number)) for number in (100, 200))

    assert {kind: 2 * rate for kind, rate in once.requests.items()} == twice.requests
    assert needed(Inputs(connecting=200), costs).servers > needed(Inputs(), costs).servers


def test_machines_are_used_only_to_the_stated_share() -> None:
    half = Inputs(cores=4, busy=0.5)

    assert [machines(cores, half) for cores in (0.1, 2, 2.1, 8)] == [1, 1, 2, 4]


def test_a_rate_is_read_from_the_measurements() -> None:
    table = "| workload | this server, SQLite | this server, PostgreSQL |\n|---|\n| create | 1/s | 1,234/s |"

    assert rate_in(table, "create") == 1234
    assert rate_in(table, "get") is None
    assert rate_in(MEASUREMENTS.read_text(), "create") is not None


def test_every_table_is_distributed_copied_or_local_once() -> None:
    made = [
        name
        for statement in citus.statements()
        for name in re.findall(r"(?:create_\w+_table|add_local_table_to_metadata)\('(\w+)'", statement)
    ]

    assert sorted(made) == sorted(table.name for table in metadata.sorted_tables)
    assert made.index("organizations") < made.index(citus.FIRST)


def test_only_tables_with_a_key_without_the_organization_are_copied_to_every_node() -> None:
    copied = {table.name for table in metadata.sorted_tables if citus.is_reference(table)}

    # An endpoint belongs to one organization or to the vendor, and every node sends to it.
    assert copied == {"organizations", "domains", "api_keys", "webhook_endpoints"}


def test_a_copied_table_refers_only_to_copied_tables() -> None:
    """Citus allows no foreign key from a reference table to a distributed one."""
    referred = {
        key.referred_table
        for table in metadata.sorted_tables
        if citus.is_reference(table)
        for key in table.foreign_key_constraints
    }

    assert [table.name for table in referred if not citus.is_reference(table)] == []


def test_every_distributed_table_is_placed_with_the_first_by_the_organization() -> None:
    distributed = [one for one in citus.statements() if "create_distributed_table" in one]

    # They belong to the vendor's keys and to organizations alike, and have nothing to do with other rows.
    distributed.remove("SELECT create_distributed_table('idempotency_keys', 'api_key');")
    distributed.remove("SELECT create_distributed_table('rate_windows', 'caller');")
    first, *others = distributed
    assert first == "SELECT create_distributed_table('organization_clock', 'organization');"
    assert all(one.endswith("'organization', colocate_with => 'organization_clock');") for one in others)


def test_postgresql_accepts_the_statements_about_foreign_keys_and_ends_with_the_same_keys(
    new_url: Callable[[str], str],
) -> None:
    url = new_url("postgresql")
    database = due.opened(url)
    schema.upgrade(database)
    database.close()
    with psycopg.connect(url) as connection:
        before = foreign_keys(connection)

        for statement in citus.statements():
            if statement.startswith("ALTER TABLE"):
                connection.execute(statement.encode())
                if "DROP" in statement:
                    dropped = foreign_keys(connection)

        after = foreign_keys(connection)

    assert dropped == set()
    assert after == before
    assert len(after) > 30


def foreign_keys(connection: psycopg.Connection[tuple[str, str]]) -> set[tuple[str, str]]:
    rows = connection.execute(
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f'"
    )
    return set(rows.fetchall())
