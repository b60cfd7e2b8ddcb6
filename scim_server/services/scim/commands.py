"""Changes of resources of custom types by SCIM."""

from collections.abc import Sequence

from scim_server.protocol.attributes import ResourceType
from scim_server.protocol.change import Change
from scim_server.protocol.resource import Described
from scim_server.protocol.schemas import ResourceSchema
from scim_server.services.context import Context
from scim_server.services.modes import accepting_scim
from scim_server.services.scim import resources
from scim_server.services.scim.resources import existing
from scim_server.store.database.session import Write
from scim_server.store.rows.resources import Resource


def create(context: Context, resource_type: ResourceType, described: Described) -> Resource:
    """Create a resource.

    Raises:
        Forbidden: the organization does not provision by SCIM.
    """

    def work(write: Write) -> Resource:
        accepting_scim(write)
        return resources.create(write, resource_type, described)

    return context.write(work)


def replace(
    context: Context,
    resource_type: ResourceType,
    id_: str,
    described: Described,
    *,
    if_match: str | None = None,
) -> Resource:
    """PUT: replace a resource. Values that are not sent are cleared, except immutable ones.

    Raises:
        NotFound, VersionMismatch, MutabilityViolation, Forbidden: see these classes.
    """

    def work(write: Write) -> Resource:
        accepting_scim(write)
        before = existing(write, resource_type, id_, if_match)
        return resources.replace(write, resource_type, before, described)

    return context.write(work)


def patch(
    context: Context,
    reader: ResourceSchema,
    id_: str,
    changes: Sequence[Change],
    *,
    if_match: str | None = None,
) -> Resource:
    """PATCH: make all changes or none.

    Raises:
        NotFound, VersionMismatch, NoTarget, InvalidValue, InvalidPath, MutabilityViolation, Forbidden.
    """

    def work(write: Write) -> Resource:
        accepting_scim(write)
        return resources.patch(write, existing(write, reader.resource_type, id_, if_match), changes, reader)

    return context.write(work)


def delete(context: Context, resource_type: ResourceType, id_: str, *, if_match: str | None = None) -> None:
    """DELETE: delete a resource.

    Raises:
        NotFound, VersionMismatch, Forbidden: see these classes.
    """

    def work(write: Write) -> None:
        accepting_scim(write)
        resources.delete(write, resource_type, existing(write, resource_type, id_, if_match))

    context.write(work)
