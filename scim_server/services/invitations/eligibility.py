"""Checks which addresses may be invited, and selects their seats (SEATS 12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scim_server.protocol.normalise import user_name_key
from scim_server.protocol.seat_status import SeatStatus
from scim_server.services.addresses import domain_of
from scim_server.services.errors import InvitationsOff, NotInvitable, PrimaryOwnerExists
from scim_server.services.invoicing import missing_seats as shortfall
from scim_server.services.seats import gate
from scim_server.store.database.session import Write
from scim_server.store.rows import contracts, domains, invitations, members, organizations, people, seats
from scim_server.store.rows.organizations import Organization
from seat_policy.bill import Bill
from seat_policy.invitations import Short, holdable, short

_MOST_PROBLEMS: Final = 10


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Too few seats are free, so nothing was sent.

    Attributes:
        organization: its slug.
        short: how many seats of which tier are missing, including seats that the queue gets first.
        bill: the price of the missing seats now; None without a contract or price.
    """

    organization: str
    short: Short
    bill: Bill | None

    @property
    def detail(self) -> str:
        """The message for people."""
        short = self.short
        one = short.missing == 1
        needed = f"{short.missing} more {short.tier} {'seat is' if one else 'seats are'} needed"
        first = f"; waiting people who get seats first: {short.waiting}" if short.waiting else ""
        price = "" if self.bill is None else f", for {self.bill.total} {self.bill.currency} now"
        return f"nothing was sent, because {needed}{price} (free seats: {short.free}{first})"


def allowed(write: Write) -> Organization:
    """The settings of the organization. Checks that it may invite people and that seats are assigned now.

    Raises:
        InvitationsOff: its settings do not allow invitations.
        ServiceError: no seats are assigned now.
    """
    settings = organizations.get(write)
    if not settings.invites:
        raise InvitationsOff(
            f"{settings.slug} has the provisioning mode '{settings.mode}', and its settings do not "
            "allow invitations in this mode"
        )
    gate.require_grants(write, write.moment)
    return settings


def allowed_owner(write: Write, *, besides: str | None = None) -> Organization:
    """The settings of the organization. Checks that no Primary Owner exists or is invited (SEATS 12, 18).

    The operator requests and confirms the address, so neither the mode nor the domain matters.

    Args:
        besides: the id of an invitation that is sent again and therefore ignored.

    Raises:
        PrimaryOwnerExists: a Primary Owner exists or is invited.
    """
    present = members.primary_owner(write)
    if present is not None:
        raise PrimaryOwnerExists(
            f"{present.user_name} is the Primary Owner. Transfer the role to another member first"
        )
    invited = invitations.pending_owner(write)
    if invited is not None and invited.id != besides:
        raise PrimaryOwnerExists(
            f"{invited.email} is already invited as Primary Owner. Resend or revoke that invitation"
        )
    gate.require_grants(write, write.moment)
    return organizations.get(write)


def refuse_some(
    write: Write, addresses: Sequence[str], *, again: bool = False, vouched: bool = False
) -> None:
    """Refuse addresses that cannot be invited, with the reason for each.

    Args:
        again: whether a pending invitation is sent again.
        vouched: whether the operator confirms the addresses; their domains then do not matter.

    Raises:
        NotInvitable: one of the addresses cannot be invited.
    """
    verified = None if vouched else {one.domain for one in domains.every(write) if one.verified is not None}
    pending = {one.email_key for one in invitations.pending(write, [user_name_key(a) for a in addresses])}
    problems = [
        problem
        for address in addresses
        if (problem := _problem(write, address, verified, set() if again else pending)) is not None
    ]
    if problems:
        more = f"; and {len(problems) - _MOST_PROBLEMS} more" if len(problems) > _MOST_PROBLEMS else ""
        raise NotInvitable(f"nothing was sent: {'; '.join(problems[:_MOST_PROBLEMS])}{more}")


def _problem(write: Write, address: str, verified: set[str] | None, pending: set[str]) -> str | None:
    domain = domain_of(address.rpartition("@")[2])
    if verified is not None and domain not in verified:
        return f"{address} is in {domain}, which is not a verified domain of this organization"
    if user_name_key(address) in pending:
        return f"{address} is already invited (resend or revoke that invitation)"
    person = people.by_key(write, user_name_key(address))
    match None if person is None else person.status:
        case SeatStatus.SEATED:
            return f"{address} is already a member"
        case SeatStatus.WAITING:
            return f"{address} is already a member and waits for a seat (add seats)"
        case SeatStatus.NONE:
            return f"{address} is already a member without a seat (assign a seat)"
        case _:
            return None


def seats_for(write: Write, settings: Organization, wants: str, number: int) -> tuple[str, ...] | Shortfall:
    """The tier of a free seat for each invitee, or the shortfall if there are too few seats."""
    availability = seats.availability(write)
    found = holdable(availability, wants, number)
    if len(found) == number:
        return found
    plan = contracts.get(write)
    cheapest = shortfall.cheapest(plan, availability)
    missing = short(availability, members.places(write), wants, number, cheapest)
    bill = shortfall.price(plan, {missing.tier: missing.missing}, write.moment)
    return Shortfall(settings.slug, missing, bill)
