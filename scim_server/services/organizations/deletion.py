"""The deletion of an organization is scheduled, and can be cancelled during a grace period."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from scim_server.history import (
    OrganizationDeletionCancelled,
    OrganizationDeletionScheduled,
    OrganizationSuspended,
)
from scim_server.services.errors import NoDeletion, SlugNotRepeated
from scim_server.store.database.session import Write, timestamp
from scim_server.store.rows import events, members, organizations

GRACE: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Deletion:
    """A scheduled deletion, or the end of it, done or previewed.

    Attributes:
        deletes: the end of the grace period; None if no deletion is scheduled any more.
        people: how many members the organization has.
    """

    organization: str
    deletes: str | None
    people: int


def schedule(write: Write, slug: str) -> Deletion:
    """Schedule the deletion, and suspend the organization. A deletion that is scheduled keeps its day.

    Args:
        slug: the slug of the organization, repeated.

    Raises:
        SlugNotRepeated: the organization has another slug.
    """
    organization = organizations.get(write)
    if slug != organization.slug:
        raise SlugNotRepeated(f"repeat the name of the organization, '{organization.slug}', to delete it")
    deletes = organization.deletes or timestamp(write.moment + GRACE)
    if organization.deletes is None:
        if write.clock.suspended is None:
            write.clock.suspended = write.at
            events.append(write, OrganizationSuspended())
        organizations.change(write, {"deletes": deletes})
        events.append(write, OrganizationDeletionScheduled(deletes=deletes))
    return Deletion(slug, deletes, _people(write))


def cancel(write: Write) -> Deletion:
    """Cancel the deletion. The organization stays suspended until it is resumed.

    Raises:
        NoDeletion: no deletion is scheduled.
    """
    organization = organizations.get(write)
    if organization.deletes is None:
        raise NoDeletion(f"no deletion of '{organization.slug}' is scheduled")
    organizations.change(write, {"deletes": None})
    events.append(write, OrganizationDeletionCancelled())
    return Deletion(organization.slug, None, _people(write))


def _people(write: Write) -> int:
    return sum(members.by_way_in(write).values())
