"""Asks for seats, and approves, declines or withdraws requests. Each function is one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from scim_server.history import SeatRequestDeclined, SeatRequestWithdrawn
from scim_server.services import confirmations, roles
from scim_server.services.billing import purchases
from scim_server.services.billing.purchases import Purchase
from scim_server.services.confirmations import Done, Part, Stale, names
from scim_server.services.context import Context
from scim_server.services.errors import AlreadySeated, SeatRequestClosed
from scim_server.services.invitations import accept as acceptance
from scim_server.services.notifications import requester_mail
from scim_server.services.seat_requests import ask as asking
from scim_server.services.seat_requests import asker as askers
from scim_server.services.seat_requests import grant, listed
from scim_server.services.seat_requests.ask import LONGEST_REASON
from scim_server.services.seat_requests.grant import NoneFree
from scim_server.services.seat_requests.listed import Listed
from scim_server.store.database.session import Actor, Database, Read, Write
from scim_server.store.rows import events, organizations, seat_requests
from scim_server.store.rows.events import Promoted
from scim_server.store.rows.seat_requests import SeatRequest
from seat_policy.requests import RequestState
from seat_policy.roles import Role
from seat_policy.ways_in import WayIn

__all__ = [
    "LONGEST_REASON",
    "Approved",
    "Done",
    "Listed",
    "NoneFree",
    "Stale",
    "approve",
    "ask",
    "ask_by_invitation",
    "decline",
    "withdraw",
]


@dataclass(frozen=True, slots=True)
class Approved:
    """An approved request, or the preview of approving it.

    Attributes:
        listed: the request after the approval.
        purchase: the purchase; None if a free seat was given.
        let_in: waiting people who got a seat that became free.
        preview: whether everything was rolled back.
    """

    listed: Listed
    purchase: Purchase | None
    let_in: tuple[Promoted, ...]
    preview: bool

    @property
    def promoted(self) -> int:
        """How many waiting people got a seat."""
        return len(self.let_in)


def ask(context: Context, person: str, reason: str, tier: str | None = None) -> Listed:
    """Ask for a seat or a better tier in the name of a person. The policy may give it at once.

    Args:
        person: the id or userName of a member, or the userName of a person who was refused.
        reason: the words of the person.
        tier: the wanted tier, or `any`; None for the tier that the person waits for or was refused, or for
            the next better tier.

    Raises:
        UnknownPerson, PersonInactive: nobody has this name, or the person is inactive and was not refused.
        AlreadyAsked: a request of the person is open.
        AlreadySeated, GivenByGroup, UnknownTier: the person may not ask for this tier.
        ReasonMissing, InvalidSeatRequest: the reason is missing or too long.
    """
    words = asking.checked_reason(reason)

    def work(write: Write) -> Listed:
        request = asking.ask(write, askers.named(write, person), words, tier)
        return _listed(write, request.number)

    return context.write(work)


def ask_by_invitation(
    database: Database, token: str, reason: str, *, request_id: str | None = None
) -> Listed | None:
    """Ask for a seat by the link of an accepted invitation, for an invitee without a seat.

    Returns:
        The request; None if the link gives nobody, or not any more.

    Raises:
        AlreadySeated: the invitee has a seat.
        ServiceError: as for `ask`.
    """
    member = acceptance.member_of(database, token)
    if member is None:
        return None
    words = asking.checked_reason(reason)

    def work(write: Write) -> Listed:
        asker = askers.named(write, member.person)
        if asker.tier is not None:
            raise AlreadySeated(f"{asker.user_name} already has a {asker.tier} seat")
        return _listed(write, asking.ask(write, asker, words, None).number)

    actor = Actor(acceptance.INVITEE, WayIn.INVITATION, request_id)
    return Context(database, member.organization, actor).write(work)


def approve(
    context: Context,
    reference: str,
    *,
    buys: bool = True,
    preview: bool = False,
    confirmation: str | None = None,
) -> Done[Approved] | NoneFree | Stale:
    """Give the seat of a request: a free one that nobody waits for, or a bought one.

    A person with a seat has this seat upgraded. Other people who wait are not overtaken.

    Args:
        buys: whether the missing seat is bought if none is free; needs an Owner.
        confirmation: the confirmation code of a preview; None if the caller needs none.

    Raises:
        UnknownSeatRequest, SeatRequestClosed: the request does not exist, or is not open.
        RoleTooLow: the acting person is not an Admin, or must be an Owner to buy.
        PeopleWait, NotLetIn, GivenByGroup: the person cannot get the seat.
        ServiceError: no seats are assigned now, or seats are not sold now.
    """

    def work(write: Write) -> Approved | NoneFree:
        roles.require_above(write, Role.ADMIN)
        request, before = _open(write, reference), write.last_number
        given = grant.by_decision(write, askers.of_request(write, request), request.wants, buys=buys)
        if isinstance(given, NoneFree):
            return given
        person, bought = given
        asking.approved(write, request, person, reason="approved", bought=bought is not None)
        let_in = tuple(one for one in events.promoted_since(write, before) if one.person != person.id)
        return Approved(_listed(write, request.number), bought, let_in, preview)

    outcome = confirmations.carry_out(
        context, "seat_request.approve", work, _shows, preview=preview, confirmation=confirmation
    )
    if isinstance(outcome, Stale):
        return outcome
    done = outcome.result
    return done if isinstance(done, NoneFree) else Done(done, outcome.confirmation, outcome.preview)


def _shows(done: Approved | NoneFree) -> Sequence[Part]:
    if isinstance(done, NoneFree):
        return (Part("the seat is", done.wants, "not free"),)
    one, let_in = done.listed, purchases.names_of(done.let_in)
    seat = [one.request.number, one.request.user_name, one.tier]
    return (
        Part("the seat is", seat, f"a {one.tier} seat for {one.request.user_name}"),
        Part("the price is", *purchases.price_shown(done.purchase)),
        Part("the other people who get a seat are", let_in, names(let_in)),
    )


def decline(context: Context, reference: str, why: str) -> Listed:
    """Decline a request. The person gets a mail with the reason.

    Raises:
        UnknownSeatRequest, SeatRequestClosed: the request does not exist, or is not open.
        ReasonMissing, InvalidSeatRequest: the reason is missing or too long.
        RoleTooLow: the acting person is not an Admin.
    """
    words = asking.checked_reason(why)

    def work(write: Write) -> Listed:
        roles.require_above(write, Role.ADMIN)
        request = _open(write, reference)
        event = SeatRequestDeclined(
            person=request.person,
            request=request.number,
            wants=request.wants,
            why=words,
            personal={"userName": request.user_name},
        )
        number = events.append(write, event)
        after = seat_requests.close(write, request, RequestState.DECLINED, number, words)
        requester_mail.notify(write, after, number)
        return _listed(write, request.number)

    return context.write(work)


def withdraw(context: Context, reference: str) -> Listed:
    """Withdraw a request in the name of the person who asked.

    Raises:
        UnknownSeatRequest, SeatRequestClosed: the request does not exist, or is not open.
    """

    def work(write: Write) -> Listed:
        request = _open(write, reference)
        event = SeatRequestWithdrawn(
            person=request.person,
            request=request.number,
            wants=request.wants,
            personal={"userName": request.user_name},
        )
        seat_requests.close(write, request, RequestState.WITHDRAWN, events.append(write, event))
        return _listed(write, request.number)

    return context.write(work)


def _open(write: Write, reference: str) -> SeatRequest:
    """An open request.

    Raises:
        UnknownSeatRequest, SeatRequestClosed: the request does not exist, or is not open.
    """
    found = listed.named(write, reference)
    if not found.request.is_open:
        raise SeatRequestClosed(f"the request {found.reference} is {found.request.state} already")
    return found.request


def _listed(read: Read, number: int) -> Listed:
    found = seat_requests.get(read, number)
    if found is None:
        raise LookupError(f"the request {number} was just written")
    return Listed.of(organizations.get(read).slug, found)
