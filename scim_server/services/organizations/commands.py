"""Create, configure, suspend and resume organizations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from scim_server.history import OrganizationResumed, OrganizationSuspended
from scim_server.services.confirmations import Done, Part, Stale, carry_out
from scim_server.services.context import Context
from scim_server.services.errors import DeletionScheduled, SlugTaken
from scim_server.services.invoicing import missing_seats as shortfall
from scim_server.services.organizations import create as creation
from scim_server.services.organizations import deletion, overflow, queries, settings
from scim_server.services.organizations.create import CreatedOrganization, NewOrganization
from scim_server.services.organizations.deletion import Deletion
from scim_server.services.organizations.queries import Listed
from scim_server.services.seats import grants, queue
from scim_server.store.database.session import Actor, Database, Write
from scim_server.store.rows import contracts, events, members, organizations, seats
from scim_server.store.rows import organizations as organization_rows
from scim_server.store.rows.organizations import Organization
from seat_policy.availability import Availability
from seat_policy.bill import Bill
from seat_policy.overflow import Overflow
from seat_policy.requests import RequestPolicy
from seat_policy.ways_in import WayIn

__all__ = [
    "Changes",
    "Configured",
    "CreatedOrganization",
    "Deletion",
    "Done",
    "NewOrganization",
    "Stale",
    "Suspension",
    "cancel_deletion",
    "configure",
    "create",
    "reconfigure",
    "resume",
    "schedule_deletion",
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
        settings: the changed settings among `overflow`, `mode`, `strict`, `seat_requests` and the other
            switches.
        totals: the total of granted seats, by tier.
        policies: the policies by tier; None means the organization's policy.
        ceilings: how many seats may be bought for new people in one term, by tier; 0 means none.
    """

    settings: Mapping[str, object] = field(default_factory=dict)
    totals: Mapping[str, int] = field(default_factory=dict)
    policies: Mapping[str, Overflow | None] = field(default_factory=dict)
    ceilings: Mapping[str, int] = field(default_factory=dict)


def configure(
    context: Context, changes: Changes, *, require: Callable[[Listed], None] | None = None
) -> Organization:
    """Set settings, seats and policies in one transaction. Waiting people keep their places (SEATS 28).

    Args:
        require: raises an error if the organization, as it is before the change, must not be changed.

    Raises:
        BuyNeedsContract, BuyNeedsCeiling: the policy is `buy`, but no seat could ever be bought.
        ServiceError: a tier or a number of seats is wrong.
    """

    def work(write: Write) -> Organization:
        if require is not None:
            require(queries.listed(write))
        return _configured(write, changes)

    return context.write(work)


def _configured(write: Write, changes: Changes) -> Organization:
    if changes.totals:
        grants.set_totals(write, changes.totals)
    settings.change(write, changes.settings)
    overflow.change(write, changes.policies, changes.ceilings)
    if changes.policies or changes.ceilings or "overflow" in changes.settings:
        overflow.check(write)
    return organizations.get(write)


@dataclass(frozen=True, slots=True)
class Configured:
    """A change of settings, done or previewed. Nobody is removed, and waiting people keep their places.

    Attributes:
        members: how many people stay, by the way in which they became members.
        most: the seats, by tier, that may be bought for new people in one term after the change.
        price: the price of all these seats today; None if there are none, or they cannot be bought.
    """

    before: Listed
    after: Listed
    members: Mapping[WayIn, int]
    most: Mapping[str, int]
    price: Bill | None

    @property
    def waiting(self) -> int:
        """How many people wait for a seat."""
        seats = self.after.seats
        return seats.waiting_any + sum(tier.waiting for tier in seats.tiers)


def reconfigure(
    context: Context, changes: Changes, *, preview: bool = False, confirmation: str | None = None
) -> Done[Configured] | Stale:
    """Set settings and policies as `configure` does, with a preview of what they do.

    Raises:
        BuyNeedsContract, BuyNeedsCeiling: the policy is `buy`, but no seat could ever be bought.
        ServiceError: a tier is wrong.
    """

    def work(write: Write) -> Configured:
        before = queries.listed(write)
        _configured(write, changes)
        after = queries.listed(write)
        most = _most_bought(after)
        price = shortfall.price(contracts.get(write), most, write.moment)
        return Configured(before, after, members.by_way_in(write), most, price)

    return carry_out(context, "configure", work, _shown, preview=preview, confirmation=confirmation)


def _most_bought(after: Listed) -> dict[str, int]:
    """The seats that new people and requests may buy in one term, by tier."""
    asked = after.organization.seat_requests is RequestPolicy.UP_TO_CEILING
    return {
        tier: one.ceiling
        for tier, one in after.tiers.items()
        if one.ceiling and (asked or (one.overflow or after.organization.overflow) == Overflow.BUY)
    }


def _shown(result: Configured) -> list[Part]:
    values = [_settings(one) for one in (result.before, result.after)]
    price = result.price
    total = None if price is None else [str(price.total), price.currency]
    return [
        Part("the settings are", values[0], ", ".join(map(str, values[0].values()))),
        Part("they become", values[1], ", ".join(map(str, values[1].values()))),
        Part("the price of all seats up to the ceilings is", total, str(total)),
    ]


def _settings(one: Listed) -> dict[str, object]:
    found: dict[str, object] = {
        name: getattr(one.organization, name)
        for name in ("mode", "overflow", "seat_requests", "allow_invitations", "hold_removals")
    }
    return found | {tier: [policy.overflow, policy.ceiling] for tier, policy in one.tiers.items()}


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
    """Assign seats again. Waiting people get the free seats at once.

    Raises:
        DeletionScheduled: the organization will be deleted.
    """

    def work(write: Write) -> Suspension:
        organization = organizations.get(write)
        slug = organization.slug
        if organization.deletes is not None:
            raise DeletionScheduled(f"'{slug}' will be deleted. Cancel the deletion first")
        changed, promoted = write.clock.suspended is not None, 0
        if changed:
            write.clock.suspended = None
            events.append(write, OrganizationResumed())
            promoted = queue.move(write)
        return Suspension(slug, False, changed, seats.availability(write), promoted)

    return (context.preview if preview else context.write)(work)


def schedule_deletion(context: Context, slug: str, *, preview: bool = False) -> Deletion:
    """Suspend an organization, and schedule its deletion after 30 days.

    Raises:
        SlugNotRepeated: the organization has another slug.
    """
    return (context.preview if preview else context.write)(lambda write: deletion.schedule(write, slug))


def cancel_deletion(context: Context) -> Deletion:
    """Cancel the deletion of an organization, which stays suspended until it is resumed.

    Raises:
        NoDeletion: no deletion is scheduled.
    """
    return context.write(deletion.cancel)
