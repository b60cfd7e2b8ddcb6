"""Schemas and resource types of an organization's own as they are read."""

from dataclasses import dataclass

from scim_server.services.context import Context
from scim_server.store.rows import schemas
from scim_server.store.rows.schemas import StoredSchema, StoredType


@dataclass(frozen=True, slots=True)
class OwnSchemas:
    """An organization's own schemas and resource types."""

    schemas: tuple[StoredSchema, ...]
    resource_types: tuple[StoredType, ...]


def every(context: Context) -> OwnSchemas:
    """The organization's own schemas and resource types."""
    with context.read() as read:
        return OwnSchemas(tuple(schemas.every(read)), tuple(schemas.types(read)))
