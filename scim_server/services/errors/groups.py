"""Failures about groups, mappings and schemas."""

from scim_server.services.errors.base import Conflict, Denied, Invalid, NotFound


class InvalidMapping(Invalid):
    """A mapping has no group, gives nothing, or gives a role that cannot be mapped."""

    code = "invalid_mapping"


class UnknownMapping(NotFound):
    """No mapping exists for this group."""

    code = "unknown_mapping"


class OwnRoleLost(Denied):
    """The mapping would remove the role of the person who saves it."""

    code = "own_role_lost"


class InvalidSchema(Invalid):
    """The file contains no schema or resource type, or a malformed one."""

    code = "invalid_schema"


class SchemaExists(Conflict):
    """The organization already has a schema or resource type with this name or address."""

    code = "schema_exists"


class UnknownSchema(NotFound):
    """The organization has no schema or resource type with this name."""

    code = "unknown_schema"


class SchemaInUse(Conflict):
    """The schema or resource type is used by resources, people or resource types."""

    code = "schema_in_use"
