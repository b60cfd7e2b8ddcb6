"""Custom schemas of organizations."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from scim_server.protocol.attributes import Schema
from scim_server.store.database.session import Read, Write
from scim_server.store.query import fields
from scim_server.store.tables import organizations, resource_types, resources, schemas


@dataclass(frozen=True, slots=True)
class StoredSchema:
    """A row of `schemas`.

    Attributes:
        key: the URN in lower case.
        extends: `User`, `Group`, or empty for a schema of a custom resource type.
        definition: JSON text, as /Schemas shows it.
    """

    key: str
    urn: str
    extends: str
    definition: str
    created: str


_COLUMNS: Final = tuple(schemas.c[name] for name in StoredSchema.__dataclass_fields__)


def every(read: Read) -> list[StoredSchema]:
    """The organization's schemas in the order of their creation."""
    query = select(*_COLUMNS).where(schemas.c.organization == read.organization)
    rows = read.connection.execute(query.order_by(schemas.c.created, schemas.c.key))
    return [StoredSchema(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class StoredType:
    """A row of `resource_types`.

    Attributes:
        key: the endpoint in lower case, without the leading slash.
        definition: JSON text, as /ResourceTypes shows it.
    """

    key: str
    name: str
    definition: str
    created: str


_TYPE_COLUMNS: Final = tuple(resource_types.c[name] for name in StoredType.__dataclass_fields__)


def types(read: Read) -> list[StoredType]:
    """The organization's custom resource types in the order of their creation."""
    query = select(*_TYPE_COLUMNS).where(resource_types.c.organization == read.organization)
    rows = read.connection.execute(query.order_by(resource_types.c.created, resource_types.c.key))
    return [StoredType(*row) for row in rows]


def add_type(write: Write, type_: StoredType) -> None:
    """Insert a resource type."""
    values = {name: getattr(type_, name) for name in StoredType.__dataclass_fields__}
    write.connection.execute(insert(resource_types).values(values | {"organization": write.organization}))
    _changed(write)


def remove_type(write: Write, name: str) -> None:
    """Delete a resource type that has no resources."""
    write.connection.execute(
        delete(resource_types).where(
            resource_types.c.organization == write.organization, resource_types.c.name == name
        )
    )
    _changed(write)


def resources_of(read: Read, name: str) -> int:
    """How many resources a type has."""
    query = select(func.count()).where(
        resources.c.organization == read.organization, resources.c.type == name
    )
    return int(read.connection.execute(query).scalar_one())


def add(write: Write, schema: StoredSchema) -> None:
    """Insert a schema. Every worker then reads the organization's schemas again."""
    values = {name: getattr(schema, name) for name in StoredSchema.__dataclass_fields__}
    write.connection.execute(insert(schemas).values(values | {"organization": write.organization}))
    _changed(write)


def remove(write: Write, key: str) -> None:
    """Delete a schema that is not in use."""
    write.connection.execute(
        delete(schemas).where(schemas.c.organization == write.organization, schemas.c.key == key)
    )
    _changed(write)


def _changed(write: Write) -> None:
    write.connection.execute(
        update(organizations)
        .where(organizations.c.id == write.organization)
        .values(schemas_version=organizations.c.schemas_version + 1)
    )


def used_by(read: Read, schema: Schema, extends: str) -> int:
    """How many resources have values of an extension."""
    searchable = fields.USERS if extends == "User" else fields.GROUPS
    has: ColumnElement[bool] = fields.has_key(searchable, schema.id.lower(), read.connection.dialect.name)
    query = select(func.count()).where(searchable.table.c.organization == read.organization, has)
    return int(read.connection.execute(query).scalar_one())
