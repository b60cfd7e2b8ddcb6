"""Customers of the vendor: created, set, suspended and resumed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from scim_server.history import OrganizationResumed, OrganizationSuspended
from scim_server.services.context import Context
from scim_server.services.errors import SlugTaken
from scim_server.services.organizations import create as creation
from scim_server.services.organizations import overflow, settings
from scim_server.services.organizations.create import CreatedOrganization, NewOrganization
from scim_server.services.seats import gate
from scim_server.store.database.session import Actor, Database, Write
from scim_server.store.rows import events, organizations, seats
from scim_server.store.rows import organizations as organization_rows
from scim_server.store.rows.organizations import Organization
from seat_policy.availability import Availability
from seat_policy.overflow import Overflow


def create(database: Database, actor: Actor, new: NewOrganization) -> CreatedOrganization:
    """Create an organization with seats, a first token, perhaps its Primary Owner and its contract.

    Raises:
        SlugTaken: another organization has the slug.
        ServiceError: the slug, a tier, a quantity, a policy or a term is wrong, or the owner finds no seat.
    """
    creation.check(new)

    def work(write: Write) -> CreatedOrganization:
        founded = creation.found(write, new)
        overflow.check(write)
        return founded

    try:
        return database.found(str(uuid4()), actor, work)
    except organization_rows.SlugTaken as error:
        raise SlugTaken(f"there is already an organization '{new.slug}'") from error


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to change of an organization, all of it or nothing.

    Attributes:
        settings: of `overflow`, `mode`, `strict`, `seat_extension` and the other switches, those that change.
        totals: granted seats by tier.
        policies: tiers' own policies; None follows the organization's.
        ceilings: how many seats may be bought for newcomers in one term, by tier; 0 for none.
    """

    settings: Mapping[str, object] = field(default_factory=dict)
    totals: Mapping[str, int] = field(default_factory=dict)
    policies: Mapping[str, Overflow | None] = field(default_factory=dict)
    ceilings: Mapping[str, int] = field(default_factory=dict)


def configure(context: Context, changes: Changes) -> Organization:
    """Set settings, seats and policies in one transaction; people who wait keep their places (SEATS 28).

    Raises:
        BuyNeedsContract, BuyNeedsCeiling: the policy `buy` could then never buy a seat.
        ServiceError: a tier or a number of seats is wrong.
    """

    def work(write: Write) -> Organization:
        if changes.totals:
            gate.grant(write, changes.totals)
        settings.change(write, changes.settings)
        overflow.change(write, changes.policies, changes.ceilings)
        if changes.policies or changes.ceilings or "overflow" in changes.settings:
            overflow.check(write)
        return organizations.get(write)

    return context.write(work)


@dataclass(frozen=True, slots=True)
class Suspension:
    """A suspension or its end, done or previewed.

    Attributes:
        changed: whether it was otherwise before.
        seats: as they are then.
        promoted: how many waiting people got a seat.
    """

    organization: str
    suspended: bool
    changed: bool
    seats: Availability
    promoted: int = 0


def suspend(context: Context, *, preview: bool = False) -> Suspension:
    """Give no more seats until `resume`; reads, deactivations and deletions go on (SEATS 10)."""

    def work(write: Write) -> Suspension:
        changed = write.clock.suspended is None
        if changed:
            write.clock.suspended = write.at
            events.append(write, OrganizationSuspended())
        return Suspension(organizations.get(write).slug, True, changed, seats.availability(write))

    return (context.preview if preview else context.write)(work)


def resume(context: Context, *, preview: bool = False) -> Suspension:
    """Give seats again; people who wait for a free seat get it at once."""

    def work(write: Write) -> Suspension:
        slug = organizations.get(write).slug
        changed, promoted = write.clock.suspended is not None, 0
        if changed:
            write.clock.suspended = None
            events.append(write, OrganizationResumed())
            promoted = gate.move_queue(write)
        return Suspension(slug, False, changed, seats.availability(write), promoted)

    return (context.preview if preview else context.write)(work)
