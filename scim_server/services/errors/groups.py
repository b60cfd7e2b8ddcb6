"""Failures about groups, mappings and schemas."""

from scim_server.services.errors.base import Conflict, Denied, Invalid, NotFound


class InvalidMapping(Invalid):
    """A mapping names no group, gives nothing, or gives a role that is not mapped."""

    code = "invalid_mapping"


class UnknownMapping(NotFound):
    """No mapping names this group."""

    code = "unknown_mapping"


class OwnRoleLost(Denied):
    """The mapping would remove the role of the person who saves it."""

    code = "own_role_lost"


class InvalidSchema(Invalid):
    """The file contains no schema or resource type, or a malformed one."""

    code = "invalid_schema"


class SchemaExists(Conflict):
    """The organization has a schema or resource type of this name or address."""

    code = "schema_exists"


class UnknownSchema(NotFound):
    """The organization has no such schema or resource type."""

    code = "unknown_schema"


class SchemaInUse(Conflict):
    """Resources, people or resource types use it."""

    code = "schema_in_use"
