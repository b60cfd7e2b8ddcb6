"""Create, configure, suspend and resume organizations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from scim_server.history import OrganizationResumed, OrganizationSuspended
from scim_server.services.context import Context
from scim_server.services.errors import SlugTaken
from scim_server.services.organizations import create as creation
from scim_server.services.organizations import overflow, settings
from scim_server.services.organizations.create import CreatedOrganization, NewOrganization
from scim_server.services.seats import grants, queue
from scim_server.store.database.session import Actor, Database, Write
from scim_server.store.rows import events, organizations, seats
from scim_server.store.rows import organizations as organization_rows
from scim_server.store.rows.organizations import Organization
from seat_policy.availability import Availability
from seat_policy.overflow import Overflow

__all__ = [
    "Changes",
    "CreatedOrganization",
    "NewOrganization",
    "Suspension",
    "configure",
    "create",
    "resume",
    "suspend",
]


def create(database: Database, actor: Actor, new: NewOrganization) -> CreatedOrganization:
    """Create an organization with seats and a token; a Primary Owner and a contract are optional.

    Raises:
        SlugTaken: another organization has the slug.
        ServiceError: the slug, a tier, a quantity, a policy or a term is wrong, or there is no seat for the
            owner.
    """
    creation.check(new)

    def work(write: Write) -> CreatedOrganization:
        founded = creation.found(write, new)
        overflow.check(write)
        return founded

    try:
        return database.found(str(uuid4()), actor, work)
    except organization_rows.SlugTaken as error:
        raise SlugTaken(f"the organization '{new.slug}' already exists") from error


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes of an organization. Either all of them are made, or none.

    Attributes:
        settings: the changed settings among `overflow`, `mode`, `strict`, `seat_extension` and the other
            switches.
        totals: the total of granted seats, by tier.
        policies: the policies by tier; None means the organization's policy.
        ceilings: how many seats may be bought for new people in one term, by tier; 0 means none.
    """

    settings: Mapping[str, object] = field(default_factory=dict)
    totals: Mapping[str, int] = field(default_factory=dict)
    policies: Mapping[str, Overflow | None] = field(default_factory=dict)
    ceilings: Mapping[str, int] = field(default_factory=dict)


def configure(context: Context, changes: Changes) -> Organization:
    """Set settings, seats and policies in one transaction. Waiting people keep their places (SEATS 28).

    Raises:
        BuyNeedsContract, BuyNeedsCeiling: the policy is `buy`, but no seat could ever be bought.
        ServiceError: a tier or a number of seats is wrong.
    """

    def work(write: Write) -> Organization:
        if changes.totals:
            grants.set_totals(write, changes.totals)
        settings.change(write, changes.settings)
        overflow.change(write, changes.policies, changes.ceilings)
        if changes.policies or changes.ceilings or "overflow" in changes.settings:
            overflow.check(write)
        return organizations.get(write)

    return context.write(work)


@dataclass(frozen=True, slots=True)
class Suspension:
    """The suspension of an organization or its end, done or previewed.

    Attributes:
        changed: whether the state changes.
        seats: the seats after the change.
        promoted: how many waiting people got a seat.
    """

    organization: str
    suspended: bool
    changed: bool
    seats: Availability
    promoted: int = 0


def suspend(context: Context, *, preview: bool = False) -> Suspension:
    """Assign no seats until `resume`. Reads, deactivations and deletions still work (SEATS 10)."""

    def work(write: Write) -> Suspension:
        changed = write.clock.suspended is None
        if changed:
            write.clock.suspended = write.at
            events.append(write, OrganizationSuspended())
        return Suspension(organizations.get(write).slug, True, changed, seats.availability(write))

    return (context.preview if preview else context.write)(work)


def resume(context: Context, *, preview: bool = False) -> Suspension:
    """Assign seats again. Waiting people get the free seats at once."""

    def work(write: Write) -> Suspension:
        slug = organizations.get(write).slug
        changed, promoted = write.clock.suspended is not None, 0
        if changed:
            write.clock.suspended = None
            events.append(write, OrganizationResumed())
            promoted = queue.move(write)
        return Suspension(slug, False, changed, seats.availability(write), promoted)

    return (context.preview if preview else context.write)(work)
