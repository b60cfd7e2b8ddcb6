"""An organization's own schemas and resource types, and the directory that follows from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import orjson

from scim_server.history import ResourceTypeAdded, ResourceTypeRemoved, SchemaAdded, SchemaRemoved
from scim_server.protocol.attributes import JSON, ResourceType, Schema
from scim_server.protocol.custom import TypeDefinition, parse_resource_type, parse_schema
from scim_server.protocol.directory import STANDARD, Directory
from scim_server.protocol.errors import InvalidValue
from scim_server.services.errors import OperatorError
from scim_server.store.database.session import Actor, Database, Read, Write
from scim_server.store.rows import events, schemas
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.schemas import StoredSchema, StoredType

EXTENDED: Final = ("User", "Group")


def directory(database: Database, organization: Organization) -> Directory:
    """The organization's directory as its settings were read."""
    known = _known(organization)
    if known is not None:
        return known
    with database.read(organization.id) as read:
        return directory_in(read, organization)


def directory_in(read: Read, organization: Organization) -> Directory:
    """The same in an open transaction."""
    known = _known(organization)
    if known is not None:
        return known
    built = _built(
        tuple((one.extends, one.definition) for one in schemas.every(read)),
        tuple(one.definition for one in schemas.types(read)),
    )
    _latest[organization.id] = (organization.schemas_version, built)
    return built


_latest: dict[str, tuple[int, Directory]] = {}


def _known(organization: Organization) -> Directory | None:
    if organization.schemas_version == 0:
        return STANDARD
    version, found = _latest.get(organization.id, (-1, STANDARD))
    return found if version == organization.schemas_version else None


@lru_cache(maxsize=1_000)
def _built(stored: tuple[tuple[str, str], ...], types: tuple[str, ...]) -> Directory:
    """Organizations with the same schemas and types share them."""
    parsed = [(extends, parse_schema(orjson.loads(text))) for extends, text in stored]
    by_urn = {schema.id.lower(): schema for _, schema in parsed}
    own = [_resource_type(parse_resource_type(orjson.loads(text)), by_urn) for text in types]
    of = {kind: [schema for extends, schema in parsed if extends == kind] for kind in EXTENDED}
    return Directory(of["User"], of["Group"], own)


def _resource_type(definition: TypeDefinition, by_urn: Mapping[str, Schema]) -> ResourceType:
    return ResourceType(
        name=definition.name,
        endpoint=definition.endpoint,
        description=definition.description,
        schema=by_urn[definition.schema.lower()],
        extensions=tuple(by_urn[urn.lower()] for urn in definition.extensions),
    )


@dataclass(frozen=True, slots=True)
class Definitions:
    """What a file brings."""

    schemas: tuple[Schema, ...]
    types: tuple[TypeDefinition, ...]

    def used_by_types(self) -> set[str]:
        """The URNs in lower case that the resource types name."""
        return {urn.lower() for one in self.types for urn in (one.schema, *one.extensions)}


def read_definitions(content: Mapping[str, JSON]) -> Definitions:
    """What a file holds: a schema, a resource type, or `Resources` with several of either.

    Raises:
        OperatorError: it holds anything else.
    """
    held = content.get("Resources", [dict(content)])
    try:
        items = [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []
        found = Definitions(
            schemas=tuple(parse_schema(one) for one in items if "endpoint" not in one),
            types=tuple(parse_resource_type(one) for one in items if "endpoint" in one),
        )
    except InvalidValue as error:
        raise OperatorError(error.detail) from None
    if not found.schemas and not found.types:
        raise OperatorError("the file holds neither a schema nor a resource type")
    return found


def add(database: Database, organization: str, actor: Actor, found: Definitions, extends: str) -> None:
    """Add schemas and resource types to an organization.

    Args:
        extends: `User` or `Group`: what those schemas extend that no resource type of the file names.

    Raises:
        OperatorError: one of them is there already, or a type names a schema that there is not.
    """

    def work(write: Write) -> None:
        known = {one.key for one in schemas.every(write)}
        for schema in found.schemas:
            if schema.id.lower() in known:
                raise OperatorError(f"there is already a schema {schema.id}; remove it first to replace it")
            own = schema.id.lower() in found.used_by_types()
            _add_schema(write, schema, "" if own else extends)
        known |= {schema.id.lower() for schema in found.schemas}
        for one in found.types:
            _add_type(write, one, known)

    database.write(organization, actor, work)


def _add_schema(write: Write, schema: Schema, extends: str) -> None:
    text = orjson.dumps({**schema.to_json(""), "meta": None}).decode()
    schemas.add(write, StoredSchema(schema.id.lower(), schema.id, extends, text, write.at))
    events.append(write, SchemaAdded(schema=schema.id, extends=extends))


def _add_type(write: Write, one: TypeDefinition, known: set[str]) -> None:
    for urn in (one.schema, *one.extensions):
        if urn.lower() not in known:
            raise OperatorError(f"{one.name} names the schema {urn}, which there is not: add it to the file")
    there = schemas.types(write)
    key = one.endpoint.lower().removeprefix("/")
    if any(key == other.key or one.name.lower() == other.name.lower() for other in there):
        raise OperatorError(f"there is already a resource type {one.name} or one at {one.endpoint}")
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


def remove(database: Database, organization: str, actor: Actor, name: str) -> None:
    """Remove a schema by its URN, or a resource type by its name, that nothing uses.

    Raises:
        OperatorError: there is none, or it is in use.
    """

    def work(write: Write) -> None:
        own = schemas.types(write)
        type_ = next((one for one in own if one.name.lower() == name.lower()), None)
        schema = next((one for one in schemas.every(write) if one.key == name.lower()), None)
        if type_ is not None:
            _remove_type(write, type_)
        elif schema is not None:
            _remove_schema(write, schema, own)
        else:
            raise OperatorError(f"there is no schema or resource type {name} of this organization's own")

    database.write(organization, actor, work)


def _remove_type(write: Write, type_: StoredType) -> None:
    used = schemas.resources_of(write, type_.name)
    if used:
        raise OperatorError(f"there are {used} resources of the type {type_.name}; remove those first")
    schemas.remove_type(write, type_.name)
    events.append(write, ResourceTypeRemoved(name=type_.name))


def _remove_schema(write: Write, found: StoredSchema, own: Sequence[StoredType]) -> None:
    for type_ in own:
        definition = parse_resource_type(orjson.loads(type_.definition))
        if found.key in {urn.lower() for urn in (definition.schema, *definition.extensions)}:
            raise OperatorError(f"the resource type {type_.name} uses {found.urn}; remove that first")
    if found.extends:
        used = schemas.used_by(write, parse_schema(orjson.loads(found.definition)), found.extends)
        if used:
            raise OperatorError(f"{used} {found.extends}s have values of {found.urn}; remove those first")
    schemas.remove(write, found.key)
    events.append(write, SchemaRemoved(schema=found.urn, extends=found.extends))


def every(database: Database, organization: str) -> tuple[list[StoredSchema], list[StoredType]]:
    """The organization's own schemas and resource types."""
    with database.read(organization) as read:
        return schemas.every(read), schemas.types(read)
