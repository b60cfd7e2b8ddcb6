"""Changes of groups by SCIM, and bulk requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scim_server.protocol.bulk import BulkRequest
from scim_server.protocol.change import Change, Kind
from scim_server.protocol.group import Group, MemberChange, ShownGroup, apply_own
from scim_server.protocol.projection import EVERYTHING, Projection
from scim_server.protocol.schemas import ResourceSchema
from scim_server.services.context import Context
from scim_server.services.groups import bulk, provision
from scim_server.services.groups.bulk import Result
from scim_server.services.groups.provision import existing
from scim_server.services.modes import accepting_scim
from scim_server.services.scim.search import shown_group
from scim_server.store.database.session import Write
from scim_server.store.rows.groups import StoredGroup

__all__ = [
    "MOST_SHOWN",
    "Result",
    "SavedGroup",
    "create",
    "delete",
    "patch",
    "replace",
    "run_bulk",
]

MOST_SHOWN: Final = 200
"""A PATCH of a larger group is answered with 204, because clients do not want 100,000 members after adding
one.
"""


@dataclass(frozen=True, slots=True)
class SavedGroup:
    """The group after the change.

    Attributes:
        shown: the group in the form of the answer, read in the same transaction; None if the answer has no
            body.
    """

    group: StoredGroup
    shown: ShownGroup | None


def create(
    context: Context, group: Group, members: Sequence[str], projection: Projection = EVERYTHING
) -> SavedGroup:
    """Create a group with its members.

    Args:
        projection: the attributes of the answer.

    Raises:
        InvalidValue: a member does not exist in the organization.
        Forbidden: the organization does not provision by SCIM.
    """

    def work(write: Write) -> SavedGroup:
        return _answered(write, provision.create(write, accepting_scim(write), group, members), projection)

    return context.write(work)


def replace(
    context: Context,
    group_id: str,
    group: Group,
    members: Sequence[str],
    *,
    if_match: str | None = None,
    projection: Projection = EVERYTHING,
) -> SavedGroup:
    """PUT: replace values and members. Only differences are written.

    Raises:
        NotFound, VersionMismatch, InvalidValue, Forbidden: see these classes.
    """

    def work(write: Write) -> SavedGroup:
        settings = accepting_scim(write)
        before = existing(write, group_id, if_match)
        changes = [MemberChange(Kind.REPLACE, tuple(members))]
        return _answered(write, provision.save(write, settings, before, group, changes), projection)

    return context.write(work)


def patch(  # noqa: PLR0913 - where, what, and the condition
    context: Context,
    group_id: str,
    own: Sequence[Change],
    members: Sequence[MemberChange],
    reader: ResourceSchema,
    *,
    if_match: str | None = None,
    projection: Projection = EVERYTHING,
) -> SavedGroup:
    """PATCH: make all changes or none. The cost depends on the given members, not on the size of the group.

    Raises:
        NotFound, VersionMismatch, InvalidValue, NoTarget, InvalidPath, Forbidden: see these classes.
    """

    def work(write: Write) -> SavedGroup:
        settings = accepting_scim(write)
        before = existing(write, group_id, if_match)
        group = apply_own(before.document, own, reader)
        stored = provision.save(write, settings, before, group, members)
        if stored.members > MOST_SHOWN and projection.only is None:
            return SavedGroup(stored, None)
        return _answered(write, stored, projection)

    return context.write(work)


def delete(context: Context, group_id: str, *, if_match: str | None = None) -> None:
    """DELETE: delete a group. Its members stay in the organization.

    Raises:
        NotFound, VersionMismatch, Forbidden: see these classes.
    """

    def work(write: Write) -> None:
        settings = accepting_scim(write)
        provision.delete(write, settings, existing(write, group_id, if_match))

    context.write(work)


def run_bulk(context: Context, request: BulkRequest) -> list[bulk.Result]:
    """Carry out a bulk request; return the results in the order of the request, until failOnErrors stops it.

    Raises:
        Forbidden: the organization does not provision by SCIM.
    """
    return bulk.run(context, request)


def _answered(write: Write, stored: StoredGroup, projection: Projection) -> SavedGroup:
    """The group in the form of the answer. If it was read later, another writer might have changed it."""
    return SavedGroup(stored, shown_group(write, stored, projection))
