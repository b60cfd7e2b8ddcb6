"""Promises of DESIGN about the whole tree, checked on the source."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import CheckConstraint, Column, Index, make_url
from sqlalchemy.schema import CreateIndex
from sqlalchemy.sql.schema import ColumnCollectionConstraint

from scim_server.store.tables import metadata

ROOT = Path(__file__).parents[1]
PACKAGES = ("scim_server", "seat_policy", "conformance")
BEGINNING = {"write", "found", "write_unnumbered"}
"""Methods of Database that begin and commit a transaction."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            yield str(file.relative_to(ROOT)), ast.parse(file.read_text())


def test_only_config_reads_the_environment() -> None:
    readers = {name for name, tree in modules() if reads_environment(tree)}

    # The replay tool passes its environment to the commands of the user.
    assert readers == {"scim_server/config.py", "conformance/commands.py"}


def reads_environment(tree: ast.Module) -> bool:
    nodes = list(ast.walk(tree))
    # Writing is allowed: `serve` passes its settings to its workers this way.
    written = [n.value for n in nodes if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store)]
    return any(
        (isinstance(node, ast.ImportFrom) and node.module == "environs")
        or (isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv") and is_os(node.value))
        for node in nodes
        if node not in written
    )


def is_os(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "os"


def test_only_services_begin_and_commit() -> None:
    offenders = {
        name
        for name, tree in modules()
        if not name.startswith(("scim_server/services/", "scim_server/store/"))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in BEGINNING
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("database", "db")
    }

    assert offenders == set()


INTERFACES = tuple(
    f"scim_server/{one}"
    for one in (
        "api/",
        "admin/",
        "cli/",
        "console/",
        "worker/",
        "app.py",
        "wsgi.py",
        "bodies.py",
        "bearer.py",
    )
)
OPEN_MODULES = re.compile(r"scim_server\.services\.(context|errors|\w+\.(commands|queries))(\.|$)")


def test_interfaces_import_only_commands_queries_the_context_and_errors_of_services() -> None:
    offenders = {
        (name, imported)
        for name, tree in modules()
        if name.startswith(INTERFACES)
        for imported in inner_imports(tree)
    }

    assert offenders == set()


def test_an_import_of_another_module_of_services_is_found_in_every_form() -> None:
    forms = (
        "from scim_server.services.seats import gate",
        "from scim_server.services.seats.gate import admit",
        "import scim_server.services.seats.gate",
        "def late():\n    from scim_server.services import confirmations",
    )

    assert all(list(inner_imports(ast.parse(form))) for form in forms)


def inner_imports(tree: ast.Module) -> Iterator[str]:
    """The imports from services that are not open to interfaces."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{one.name}" for one in node.names]
        services = [name for name in names if name.startswith("scim_server.services")]
        yield from (name for name in services if not OPEN_MODULES.match(name))


def test_only_the_session_its_units_and_the_work_on_whole_databases_commit() -> None:
    allowed = {
        "scim_server/store/database/session.py",
        "scim_server/store/database/unit.py",
        "scim_server/store/database/schema.py",
        # It fills a whole database, which has no organization yet.
        "scim_server/store/database/backup.py",
    }
    committing = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("begin", "commit", "begin_nested")
    }

    assert committing == allowed


OF_NO_ORGANIZATION = {"organizations", "api_keys", "idempotency_keys", "rate_windows", "feed_head"}
"""The organizations themselves, the vendor's keys, which serve all of them, the requests of both, and the
last position of the feed."""
NOT_BY_ORGANIZATION = {
    "organizations": {("id",), ("slug",)},
    "api_keys": {("id",), ("digest",), ("next_digest",), ("name",)},
    "idempotency_keys": {("api_key", "digest")},
    "domains": {("domain",)},
    "feed": {("position",)},
    "feed_head": {("id",)},
    "rate_windows": {("caller",)},
    "webhook_endpoints": {("id",)},
}
"""A slug is in addresses, so it is unique over all organizations. The vendor's keys serve all of them, so an
idempotency key is used for one request, in whichever organization. A verified domain is one organization's:
anyone who proves it owns its addresses (SECURITY 8). The feed orders the events of all organizations
(decision 47). Requests are counted for organizations and keys alike. An endpoint of webhooks for all
organizations is the vendor's."""


def test_every_unique_key_except_the_listed_ones_begins_with_the_organization() -> None:
    found: dict[str, set[tuple[str, ...]]] = {}
    for table in metadata.sorted_tables:
        constraints = [one for one in table.constraints if isinstance(one, ColumnCollectionConstraint)]
        keys = [tuple(one.columns.keys()) for one in constraints if not isinstance(one, CheckConstraint)]
        keys += [tuple(column.name for column in index.columns) for index in table.indexes if index.unique]
        others = {key for key in keys if key[0] != "organization"}
        if others:
            found[table.name] = others

    assert found == NOT_BY_ORGANIZATION


def test_every_index_except_the_listed_ones_begins_with_the_organization() -> None:
    loose = {
        (table.name, index.name)
        for table in metadata.sorted_tables
        for index in table.indexes
        if not begins_with_organization(index)
    }

    assert loose == {
        ("domains", "uq_domains_verified"),
        ("api_keys", "uq_api_keys_next_digest"),
        ("api_keys", "uq_api_keys_active_name"),
    }


def begins_with_organization(index: Index) -> bool:
    first = index.expressions[0]
    if isinstance(first, Column):
        return first.name == "organization"
    # Values of search documents, inside an object whose only key is the organization (decision 35).
    return "ARRAY[organization], search" in str(
        CreateIndex(index).compile(dialect=make_url("postgresql://").get_dialect()())
    )


def test_every_foreign_key_of_an_organizations_rows_names_the_organization() -> None:
    """A row can refer only to rows of its own organization, which are on the same node of a database."""
    leaving = [
        f"{table.name}: {key.name}"
        for table in metadata.sorted_tables
        for key in table.foreign_key_constraints
        if ("organization", "id" if key.referred_table.name == "organizations" else "organization")
        not in [(one.parent.name, one.column.name) for one in key.elements]
    ]
    referring = {table.name for table in metadata.sorted_tables if table.foreign_key_constraints}

    assert leaving == []
    assert referring == {table.name for table in metadata.sorted_tables} - OF_NO_ORGANIZATION


def test_every_table_except_the_listed_ones_belongs_to_organizations() -> None:
    others = {table.name for table in metadata.sorted_tables if "organization" not in table.c}

    assert others == OF_NO_ORGANIZATION
