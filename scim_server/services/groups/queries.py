"""Groups in the form of SCIM. Each function reads one snapshot."""

from scim_server.protocol.attributes import ResourceType
from scim_server.protocol.errors import NotFound
from scim_server.protocol.group import ShownGroup
from scim_server.protocol.projection import Projection
from scim_server.services.context import Context
from scim_server.services.scim.search import Page, Query, page_of, shown_groups
from scim_server.store.query import fields
from scim_server.store.query.filters import Compiler
from scim_server.store.rows import groups


def get(context: Context, id_: str, projection: Projection) -> ShownGroup:
    """One group.

    Raises:
        NotFound: no group of the organization has this id.
    """
    with context.read() as read:
        found = groups.get(read, id_)
        if found is None:
            raise NotFound(f"Group {id_} does not exist.")
        return shown_groups(read, [found], projection)[0]


def find(context: Context, query: Query, resource_type: ResourceType) -> Page[ShownGroup]:
    """Groups that meet a filter, in the order of their creation.

    Raises:
        InvalidFilter: the filter names an attribute that does not exist.
    """
    compiler = Compiler(resource_type, fields.GROUPS, context.database.dialect, query.base_url, query.allowed)
    with context.read() as read:
        rows, total, end = page_of(read, compiler, query, groups.COLUMNS, groups.count)
        found = [groups.group_of(row) for row in rows]
        return Page(shown_groups(read, found, query.projection), total, end)
