"""Groups in the form of SCIM. Each function reads one consistent state."""

from scim_server.history import GroupDeleted
from scim_server.protocol.attributes import ResourceType
from scim_server.protocol.errors import NotFound
from scim_server.protocol.group import ShownGroup
from scim_server.protocol.projection import Projection
from scim_server.services.context import Context
from scim_server.services.scim.search import (
    Page,
    Query,
    listed,
    shown_group,
    shown_groups,
    sorted_page,
    without_members,
)
from scim_server.store.query import fields
from scim_server.store.query.filters import Compiler
from scim_server.store.query.lists import Kind, Table, last, of_clock
from scim_server.store.rows import groups


def get(context: Context, id_: str, projection: Projection) -> ShownGroup:
    """One group.

    Raises:
        NotFound: no group of the organization has this id.
    """
    if not projection.has("members"):
        found = groups.get_by(context.ask, id_)
        if found is not None:
            return without_members(found)
        raise NotFound(f"Group {id_} does not exist.")
    with context.read() as read:
        found = groups.get(read, id_)
        if found is None:
            raise NotFound(f"Group {id_} does not exist.")
        return shown_group(read, found, projection)


def find(context: Context, query: Query, resource_type: ResourceType) -> Page[ShownGroup]:
    """The groups that match a filter, in the order of their creation.

    Raises:
        InvalidFilter: an attribute in the filter does not exist.
    """
    dialect = context.database.single.dialect
    compiler = Compiler(resource_type, fields.GROUPS, dialect.name, query.base_url, query.allowed)

    def table() -> Table:
        return Table(groups.COLUMNS, last(GroupDeleted.type), of_clock("groups"), dialect)

    kind = Kind(compiler, "groups", table)
    if query.sort_by is None and not query.projection.has("members"):
        rows, total, end = listed(context, kind, query)
        return Page([without_members(groups.group_of(row)) for row in rows], total, end)
    with context.read() as read:
        if query.sort_by is None:
            rows, total, end = listed(context, kind, query, read)
        else:
            rows, total, end = sorted_page(read, compiler, query, groups.COLUMNS, groups.count)
        found = [groups.group_of(row) for row in rows]
        return Page(shown_groups(read, found, query.projection), total, end)
