"""Queries of resource types and of resources of custom types, and a search over all types."""

from dataclasses import dataclass

from scim_server.protocol.attributes import ResourceType
from scim_server.protocol.directory import Directory
from scim_server.protocol.errors import NotFound
from scim_server.protocol.group import ShownGroup
from scim_server.protocol.projection import Projection
from scim_server.protocol.user import Shown
from scim_server.services.context import Context
from scim_server.services.scim import schemas
from scim_server.services.scim.schemas import EXTENDED
from scim_server.services.scim.search import Page, Query, counted, shown, shown_groups, sorted_page, window
from scim_server.store.database.session import Read
from scim_server.store.query import fields, pages
from scim_server.store.query.comparisons import Condition
from scim_server.store.query.filters import Compiler
from scim_server.store.rows import groups, people, resources
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.resources import Resource

__all__ = [
    "EXTENDED",
    "FoundResource",
    "Page",
    "Query",
    "directory",
    "find",
    "get",
    "search_all",
]


def directory(context: Context, organization: Organization) -> Directory:
    """The organization's directory, from its settings."""
    known = schemas.known(organization)
    if known is not None:
        return known
    with context.read() as read:
        return schemas.directory_of(read, organization)


def get(context: Context, resource_type: ResourceType, id_: str) -> Resource:
    """One resource of a custom type.

    Raises:
        NotFound: no resource of this type has this id.
    """
    with context.read() as read:
        found = resources.get(read, resource_type.name, id_)
    if found is None:
        raise NotFound(f"{resource_type.name} {id_} does not exist.")
    return found


def find(context: Context, query: Query, resource_type: ResourceType) -> Page[Resource]:
    """The resources of a custom type that match a filter.

    Raises:
        InvalidFilter, InvalidPath: an attribute does not exist.
    """
    compiler = Compiler(
        resource_type, fields.RESOURCES, context.database.dialect, query.base_url, query.allowed
    )
    with context.read() as read:
        rows, total, end = sorted_page(
            read,
            compiler,
            query,
            resources.COLUMNS,
            lambda open_, condition: resources.count(open_, resource_type.name, condition),
            only=resources.of_type(resource_type.name),
        )
    return Page([resources.of(row) for row in rows], total, end)


@dataclass(frozen=True, slots=True)
class FoundResource:
    """A found resource of any type; exactly one of the three fields is set."""

    person: Shown | None = None
    group: ShownGroup | None = None
    own: Resource | None = None


def search_all(context: Context, query: Query, directory_: Directory, *, seats: bool) -> Page[FoundResource]:
    """The resources of all types that match a filter, as one list (RFC 7644 section 3.4.3).

    Raises:
        InvalidFilter, InvalidPath: no type has the attribute.
    """
    about = (context.database.dialect, query.base_url, query.allowed)
    users, groups_, *own = directory_.types(seats=seats)
    kinds: list[tuple[Compiler, Condition | None]] = [
        (Compiler(users, fields.USERS, *about), None),
        (Compiler(groups_, fields.GROUPS, *about), None),
    ]
    kinds += [(Compiler(one, fields.RESOURCES, *about), resources.of_type(one.name)) for one in own]
    with context.read() as read:
        table, order = pages.merged(kinds, query.filter, query.sort_by, descending=query.descending)
        rows = pages.page(read, [table.c.id, table.c.sequence], None, order, window(query))
        found, total, end = counted(query, rows, lambda: pages.count(read, table))
        by_id = _with_ids(read, [row.id for row in found], query.projection, seats=seats)
    return Page([by_id[row.id] for row in found], total, end)


def _with_ids(read: Read, ids: list[str], projection: Projection, *, seats: bool) -> dict[str, FoundResource]:
    members = shown(read, people.with_ids(read, ids), projection, seats=seats)
    sets = shown_groups(read, groups.with_ids(read, ids), projection)
    return (
        {one.id: FoundResource(person=one) for one in members}
        | {one.id: FoundResource(group=one) for one in sets}
        | {one.id: FoundResource(own=one) for one in resources.with_ids(read, ids)}
    )
