"""The directory of an organization, built from its custom schemas and resource types."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import orjson

from scim_server.protocol.attributes import ResourceType, Schema
from scim_server.protocol.custom import TypeDefinition, parse_resource_type, parse_schema
from scim_server.protocol.directory import STANDARD, Directory
from scim_server.store.database.session import Read
from scim_server.store.rows import schemas
from scim_server.store.rows.organizations import Organization

EXTENDED: Final = ("User", "Group")


def directory_of(read: Read, organization: Organization) -> Directory:
    """The organization's directory, from its settings."""
    found = known(organization)
    if found is not None:
        return found
    built = _built(
        tuple((one.extends, one.definition) for one in schemas.every(read)),
        tuple(one.definition for one in schemas.types(read)),
    )
    _latest[organization.id] = (organization.schemas_version, built)
    return built


_latest: dict[str, tuple[int, Directory]] = {}


def known(organization: Organization) -> Directory | None:
    """The directory if no query is needed to build it; None if its schemas must be read."""
    if organization.schemas_version == 0:
        return STANDARD
    version, found = _latest.get(organization.id, (-1, STANDARD))
    return found if version == organization.schemas_version else None


@lru_cache(maxsize=1_000)
def _built(stored: tuple[tuple[str, str], ...], types: tuple[str, ...]) -> Directory:
    """Build a directory. Organizations with the same schemas and types share one directory."""
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
