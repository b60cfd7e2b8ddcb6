"""Add and remove schemas and resource types of an organization's own."""

from collections.abc import Mapping

from scim_server.protocol.attributes import JSON
from scim_server.services.context import Context
from scim_server.services.schemas import definitions
from scim_server.services.schemas.definitions import Definitions


def read_definitions(content: Mapping[str, JSON]) -> Definitions:
    """Read a file: a schema, a resource type, or `Resources` with several of either.

    Raises:
        InvalidSchema: it holds anything else.
    """
    return definitions.read_definitions(content)


def add(context: Context, found: Definitions, extends: str) -> None:
    """Add schemas and resource types to an organization.

    Args:
        extends: `User` or `Group`: what those schemas extend that no resource type of the file names.

    Raises:
        SchemaExists, InvalidSchema: one of them is there already, or a type names a schema that is not.
    """
    context.write(lambda write: definitions.add(write, found, extends))


def remove(context: Context, name: str) -> None:
    """Remove a schema by its URN, or a resource type by its name, that nothing uses.

    Raises:
        UnknownSchema, SchemaInUse: there is none, or it is in use.
    """
    context.write(lambda write: definitions.remove(write, name))
