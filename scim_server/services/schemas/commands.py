"""Add and remove custom schemas and resource types."""

from collections.abc import Mapping

from scim_server.protocol.attributes import JSON
from scim_server.services.context import Context
from scim_server.services.schemas import definitions
from scim_server.services.schemas.definitions import Definitions


def read_definitions(content: Mapping[str, JSON]) -> Definitions:
    """Parse a file: a schema, a resource type, or `Resources` with several of either.

    Raises:
        InvalidSchema: the file contains something else.
    """
    return definitions.read_definitions(content)


def add(context: Context, found: Definitions, extends: str) -> None:
    """Add schemas and resource types to an organization.

    Args:
        extends: `User` or `Group`: extended by the schemas that no resource type in the file names.

    Raises:
        SchemaExists, InvalidSchema: one of them already exists, or a type names a schema that does not exist.
    """
    context.write(lambda write: definitions.add(write, found, extends))


def remove(context: Context, name: str) -> None:
    """Remove a schema by its URN, or a resource type by its name, if it is not in use.

    Raises:
        UnknownSchema, SchemaInUse: it does not exist, or is in use.
    """
    context.write(lambda write: definitions.remove(write, name))
