"""Queries of custom schemas and resource types."""

from dataclasses import dataclass

from scim_server.services.context import Context
from scim_server.store.rows import schemas
from scim_server.store.rows.schemas import StoredSchema, StoredType


@dataclass(frozen=True, slots=True)
class OwnSchemas:
    """The custom schemas and resource types of an organization."""

    schemas: tuple[StoredSchema, ...]
    resource_types: tuple[StoredType, ...]


def every(context: Context) -> OwnSchemas:
    """The custom schemas and resource types of an organization."""
    with context.read() as read:
        return OwnSchemas(tuple(schemas.every(read)), tuple(schemas.types(read)))
