"""Changes of resources of custom types. Each function takes an open transaction."""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import uuid4

from orjson import loads

from scim_server.history import ResourceCreated, ResourceDeleted, ResourceEvent, ResourceUpdated
from scim_server.protocol import immutable
from scim_server.protocol import patch as patching
from scim_server.protocol.attributes import ResourceType
from scim_server.protocol.change import Change
from scim_server.protocol.errors import NotFound, VersionMismatch
from scim_server.protocol.etag import matches
from scim_server.protocol.resource import Described
from scim_server.protocol.schemas import ResourceSchema
from scim_server.store.database.session import Write
from scim_server.store.rows import events, resources
from scim_server.store.rows.resources import Resource


def create(
    write: Write,
    resource_type: ResourceType,
    described: Described,
    *,
    id_: str | None = None,
    created: str | None = None,
) -> Resource:
    """Create a resource.

    Args:
        id_: an id that was assigned before; None for a new id.
        created: when the resource was created elsewhere; None for now.
    """
    id_ = id_ or str(uuid4())
    made = Resource(
        id=id_,
        type=resource_type.name,
        sequence=_log(write, ResourceCreated, resource_type, HTTPStatus.CREATED, id_),
        external_id=described.external_id,
        created=write.at if created is None else min(created, write.at),
        modified=write.at,
        version=1,
        document=described.document,
    )
    resources.add(write, made, described.search)
    return made


def replace(write: Write, resource_type: ResourceType, before: Resource, described: Described) -> Resource:
    """Replace a resource (PUT)."""
    kept = immutable.kept(loads(before.document), loads(described.document), resource_type)
    return _save(write, resource_type, before, Described.of(kept, resource_type))


def patch(write: Write, before: Resource, changes: Sequence[Change], reader: ResourceSchema) -> Resource:
    """Change some values of a resource (PATCH)."""
    document = patching.apply_all(loads(before.document), changes, reader)
    return _save(write, reader.resource_type, before, Described.of(document, reader.resource_type))


def delete(write: Write, resource_type: ResourceType, before: Resource) -> None:
    """Delete a resource."""
    _log(write, ResourceDeleted, resource_type, HTTPStatus.NO_CONTENT, before.id)
    resources.remove(write, before)


def existing(write: Write, resource_type: ResourceType, id_: str, if_match: str | None) -> Resource:
    """The resource of a type with the given id; its version must be the one that the client expects.

    Raises:
        NotFound, VersionMismatch: see these classes.
    """
    found = resources.get(write, resource_type.name, id_)
    if found is None:
        raise NotFound(f"{resource_type.name} {id_} does not exist.")
    if if_match is not None and not matches(if_match, found.version):
        raise VersionMismatch(f"The {found.type} {id_} has changed. Its version is now {found.version}.")
    return found


def _save(write: Write, resource_type: ResourceType, before: Resource, described: Described) -> Resource:
    if loads(described.document) == loads(before.document):
        return before
    _log(write, ResourceUpdated, resource_type, HTTPStatus.OK, before.id)
    after = Resource(
        id=before.id,
        type=before.type,
        sequence=before.sequence,
        external_id=described.external_id,
        created=before.created,
        modified=before.modified,
        version=before.version,
        document=described.document,
    )
    return resources.change(write, before, after, described.search)


def _log(write: Write, event: type[ResourceEvent], resource_type: ResourceType, status: int, id_: str) -> int:
    return events.append(write, event(status=int(status), resource_type=resource_type.name, resource=id_))
