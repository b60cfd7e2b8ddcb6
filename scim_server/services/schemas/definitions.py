"""Custom schemas and resource types in an open transaction, and the parser of their files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from scim_server.history import ResourceTypeAdded, ResourceTypeRemoved, SchemaAdded, SchemaRemoved
from scim_server.protocol.attributes import JSON, Schema
from scim_server.protocol.custom import TypeDefinition, parse_resource_type, parse_schema
from scim_server.protocol.errors import InvalidValue
from scim_server.services.errors import InvalidSchema, SchemaExists, SchemaInUse, UnknownSchema
from scim_server.store.database.session import Write
from scim_server.store.rows import events, schemas
from scim_server.store.rows.schemas import StoredSchema, StoredType


@dataclass(frozen=True, slots=True)
class Definitions:
    """The schemas and resource types of a file."""

    schemas: tuple[Schema, ...]
    types: tuple[TypeDefinition, ...]

    def used_by_types(self) -> set[str]:
        """The URNs, in lower case, of the schemas that the resource types use."""
        return {urn.lower() for one in self.types for urn in (one.schema, *one.extensions)}


def read_definitions(content: Mapping[str, JSON]) -> Definitions:
    """Parse a file with a schema, a resource type, or `Resources` with several of them.

    Raises:
        InvalidSchema: the file does not have that form.
    """
    held = content.get("Resources", [dict(content)])
    try:
        items = [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []
        found = Definitions(
            schemas=tuple(parse_schema(one) for one in items if "endpoint" not in one),
            types=tuple(parse_resource_type(one) for one in items if "endpoint" in one),
        )
    except InvalidValue as error:
        raise InvalidSchema(error.detail) from None
    if not found.schemas and not found.types:
        raise InvalidSchema("the file contains neither a schema nor a resource type")
    return found


def add(write: Write, found: Definitions, extends: str) -> None:
    """Add schemas and resource types to an organization.

    Args:
        extends: `User` or `Group`. Schemas that no resource type in the file uses extend it.

    Raises:
        SchemaExists, InvalidSchema: a schema or type already exists, or a type uses a schema that does not
            exist.
    """
    known = {one.key for one in schemas.every(write)}
    for schema in found.schemas:
        if schema.id.lower() in known:
            raise SchemaExists(f"the schema {schema.id} already exists. To replace it, remove it first")
        own = schema.id.lower() in found.used_by_types()
        _add_schema(write, schema, "" if own else extends)
    known |= {schema.id.lower() for schema in found.schemas}
    for one in found.types:
        _add_type(write, one, known)


def _add_schema(write: Write, schema: Schema, extends: str) -> None:
    text = orjson.dumps({**schema.to_json(""), "meta": None}).decode()
    schemas.add(write, StoredSchema(schema.id.lower(), schema.id, extends, text, write.at))
    events.append(write, SchemaAdded(schema=schema.id, extends=extends))


def _add_type(write: Write, one: TypeDefinition, known: set[str]) -> None:
    for urn in (one.schema, *one.extensions):
        if urn.lower() not in known:
            raise InvalidSchema(
                f"{one.name} uses the schema {urn}, which does not exist. Add the schema to the file"
            )
    there = schemas.types(write)
    key = one.endpoint.lower().removeprefix("/")
    if any(key == other.key or one.name.lower() == other.name.lower() for other in there):
        raise SchemaExists(
            f"a resource type with the name {one.name} or the endpoint {one.endpoint} already exists"
        )
    extensions = [{"schema": urn, "required": False} for urn in one.extensions]
    definition = {
        "name": one.name,
        "endpoint": one.endpoint,
        "description": one.description,
        "schema": one.schema,
        "schemaExtensions": extensions,
    }
    schemas.add_type(write, StoredType(key, one.name, orjson.dumps(definition).decode(), write.at))
    events.append(write, ResourceTypeAdded(name=one.name, endpoint=one.endpoint))


def remove(write: Write, name: str) -> None:
    """Remove an unused schema by its URN, or an unused resource type by its name.

    Raises:
        UnknownSchema, SchemaInUse: the schema or type does not exist, or is in use.
    """
    own = schemas.types(write)
    type_ = next((one for one in own if one.name.lower() == name.lower()), None)
    schema = next((one for one in schemas.every(write) if one.key == name.lower()), None)
    if type_ is not None:
        _remove_type(write, type_)
    elif schema is not None:
        _remove_schema(write, schema, own)
    else:
        raise UnknownSchema(f"this organization has no custom schema or resource type {name}")


def _remove_type(write: Write, type_: StoredType) -> None:
    used = schemas.resources_of(write, type_.name)
    if used:
        raise SchemaInUse(f"{used} resources of the type {type_.name} exist. Remove them first")
    schemas.remove_type(write, type_.name)
    events.append(write, ResourceTypeRemoved(name=type_.name))


def _remove_schema(write: Write, found: StoredSchema, own: Sequence[StoredType]) -> None:
    for type_ in own:
        definition = parse_resource_type(orjson.loads(type_.definition))
        if found.key in {urn.lower() for urn in (definition.schema, *definition.extensions)}:
            raise SchemaInUse(
                f"the resource type {type_.name} uses {found.urn}. Remove the resource type first"
            )
    if found.extends:
        used = schemas.used_by(write, parse_schema(orjson.loads(found.definition)), found.extends)
        if used:
            raise SchemaInUse(
                f"{used} {found.extends}s have values of {found.urn}. Remove these values first"
            )
    schemas.remove(write, found.key)
    events.append(write, SchemaRemoved(schema=found.urn, extends=found.extends))
