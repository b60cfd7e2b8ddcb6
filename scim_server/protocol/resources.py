"""The resource types of the server, built from the attribute table."""

from __future__ import annotations

from scim_server.protocol.attributes import ResourceType
from scim_server.protocol.tables.discovery import DISCOVERY_SCHEMAS
from scim_server.protocol.tables.enterprise import ENTERPRISE_SCHEMA
from scim_server.protocol.tables.group import GROUP_SCHEMA
from scim_server.protocol.tables.seat import SEAT_SCHEMA
from scim_server.protocol.tables.user import USER_SCHEMA

__all__ = [
    "DISCOVERY_SCHEMAS",
    "ENTERPRISE_SCHEMA",
    "GROUP",
    "GROUP_SCHEMA",
    "SEAT_SCHEMA",
    "USER",
    "USER_SCHEMA",
    "user_type",
]

USER = ResourceType("User", "/Users", "User Account", USER_SCHEMA, (ENTERPRISE_SCHEMA,))
GROUP = ResourceType("Group", "/Groups", "Group", GROUP_SCHEMA, ())

_USER_WITH_SEAT = ResourceType(
    USER.name, USER.endpoint, USER.description, USER.schema, (*USER.extensions, SEAT_SCHEMA)
)


def user_type(*, seat_extension: bool) -> ResourceType:
    """The User type of an organization; it has the seat extension if SCIM shows it."""
    return _USER_WITH_SEAT if seat_extension else USER
