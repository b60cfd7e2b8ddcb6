"""What happens to resources of an organization's own types: each function is one transaction."""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import uuid4

from orjson import loads

from scim_server.history import ResourceCreated, ResourceDeleted, ResourceEvent, ResourceUpdated
from scim_server.protocol import immutable, patch
from scim_server.protocol.attributes import ResourceType
from scim_server.protocol.change import Change
from scim_server.protocol.errors import NotFound, VersionMismatch
from scim_server.protocol.etag import matches
from scim_server.protocol.resource import Described
from scim_server.protocol.schemas import ResourceSchema
from scim_server.services.modes import accepting_scim
from scim_server.services.scim.search import Page, Query, page_of
from scim_server.store.database.session import Actor, Database, Write
from scim_server.store.query import fields
from scim_server.store.query.filters import Compiler
from scim_server.store.rows import events, resources
from scim_server.store.rows.resources import Resource


def show(database: Database, organization: str, resource_type: ResourceType, id_: str) -> Resource:
    """One resource.

    Raises:
        NotFound: there is none of this type with this id.
    """
    with database.read(organization) as read:
        found = resources.get(read, resource_type.name, id_)
    if found is None:
        raise NotFound(f"There is no {resource_type.name} {id_}.")
    return found


def find(database: Database, organization: str, resource_type: ResourceType, query: Query) -> Page[Resource]:
    """Resources of a type that meet a filter.

    Raises:
        InvalidFilter, InvalidPath: there is no such attribute.
    """
    compiler = Compiler(resource_type, fields.RESOURCES, database.dialect, query.base_url, query.allowed)
    with database.read(organization) as read:
        rows, total, end = page_of(
            read,
            compiler,
            query,
            resources.COLUMNS,
            lambda open_, condition: resources.count(open_, resource_type.name, condition),
            only=resources.of_type(resource_type.name),
        )
    return Page([resources.of(row) for row in rows], total, end)


def create(
    database: Database, organization: str, actor: Actor, resource_type: ResourceType, described: Described
) -> Resource:
    """Create a resource.

    Raises:
        Forbidden: the organization does not provision by SCIM.
    """

    def work(write: Write) -> Resource:
        accepting_scim(write)
        return create_in(write, resource_type, described)

    return database.write(organization, actor, work)


def create_in(
    write: Write, resource_type: ResourceType, described: Described, *, id_: str | None = None
) -> Resource:
    """Create a resource in an open transaction; `id_` where others were told its id before."""
    id_ = id_ or str(uuid4())
    made = Resource(
        id=id_,
        type=resource_type.name,
        sequence=_log(write, ResourceCreated, resource_type, HTTPStatus.CREATED, id_),
        external_id=described.external_id,
        created=write.at,
        modified=write.at,
        version=1,
        document=described.document,
    )
    resources.add(write, made, described.search)
    return made


def replace_resource(  # noqa: PLR0913 - who, where, what, and the condition
    database: Database,
    organization: str,
    actor: Actor,
    resource_type: ResourceType,
    id_: str,
    described: Described,
    *,
    if_match: str | None = None,
) -> Resource:
    """PUT: what is not sent is cleared, but for immutable values.

    Raises:
        NotFound, VersionMismatch, MutabilityViolation, Forbidden: as their names say.
    """

    def work(write: Write) -> Resource:
        accepting_scim(write)
        return replace_in(write, resource_type, existing(write, resource_type, id_, if_match), described)

    return database.write(organization, actor, work)


def replace_in(write: Write, resource_type: ResourceType, before: Resource, described: Described) -> Resource:
    """PUT a resource in an open transaction."""
    kept = immutable.kept(loads(before.document), loads(described.document), resource_type)
    return _save(write, resource_type, before, Described.of(kept, resource_type))


def patch_resource(  # noqa: PLR0913 - who, where, what, and the condition
    database: Database,
    organization: str,
    actor: Actor,
    reader: ResourceSchema,
    id_: str,
    changes: Sequence[Change],
    *,
    if_match: str | None = None,
) -> Resource:
    """PATCH: all changes or none.

    Raises:
        NotFound, VersionMismatch, NoTarget, InvalidValue, InvalidPath, MutabilityViolation, Forbidden.
    """

    def work(write: Write) -> Resource:
        accepting_scim(write)
        return patch_in(write, existing(write, reader.resource_type, id_, if_match), changes, reader)

    return database.write(organization, actor, work)


def patch_in(write: Write, before: Resource, changes: Sequence[Change], reader: ResourceSchema) -> Resource:
    """PATCH a resource in an open transaction."""
    document = patch.apply_all(loads(before.document), changes, reader)
    return _save(write, reader.resource_type, before, Described.of(document, reader.resource_type))


def delete(
    database: Database,
    organization: str,
    actor: Actor,
    resource_type: ResourceType,
    id_: str,
    *,
    if_match: str | None = None,
) -> None:
    """DELETE.

    Raises:
        NotFound, VersionMismatch, Forbidden: as their names say.
    """

    def work(write: Write) -> None:
        accepting_scim(write)
        delete_in(write, resource_type, existing(write, resource_type, id_, if_match))

    database.write(organization, actor, work)


def delete_in(write: Write, resource_type: ResourceType, before: Resource) -> None:
    """Delete a resource in an open transaction."""
    _log(write, ResourceDeleted, resource_type, HTTPStatus.NO_CONTENT, before.id)
    resources.remove(write, before)


def existing(write: Write, resource_type: ResourceType, id_: str, if_match: str | None) -> Resource:
    """The resource of a type with an id, at the version that the client saw.

    Raises:
        NotFound, VersionMismatch: as their names say.
    """
    found = resources.get(write, resource_type.name, id_)
    if found is None:
        raise NotFound(f"There is no {resource_type.name} {id_}.")
    if if_match is not None and not matches(if_match, found.version):
        raise VersionMismatch(f"The {found.type} {id_} has changed: it is at version {found.version}.")
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
