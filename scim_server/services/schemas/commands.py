"""Add and remove custom schemas and resource types."""

from collections.abc import Mapping

from scim_server.protocol.attributes import JSON
from scim_server.services.context import Context
from scim_server.services.schemas import definitions
from scim_server.services.schemas.definitions import Definitions


def read_definitions(content: Mapping[str, JSON]) -> Definitions:
    """Parse a file with a schema, a resource type, or `Resources` with several of them.

    Raises:
        InvalidSchema: the file does not have that form.
    """
    return definitions.read_definitions(content)


def add(context: Context, found: Definitions, extends: str) -> None:
    """Add schemas and resource types to an organization.

    Args:
        extends: `User` or `Group`. Schemas that no resource type in the file uses extend it.

    Raises:
        SchemaExists, InvalidSchema: a schema or type already exists, or a type uses a schema that does not
            exist.
    """
    context.write(lambda write: definitions.add(write, found, extends))


def remove(context: Context, name: str) -> None:
    """Remove an unused schema by its URN, or an unused resource type by its name.

    Raises:
        UnknownSchema, SchemaInUse: the schema or type does not exist, or is in use.
    """
    context.write(lambda write: definitions.remove(write, name))
