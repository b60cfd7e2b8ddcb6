"""Opens requests, and decides them at once if the policy of the organization says so."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from scim_server.history import SeatRequestApproved, SeatRequestOpened
from scim_server.services.errors import AlreadyAsked, InvalidSeatRequest, ReasonMissing
from scim_server.services.lists import Reference
from scim_server.services.notifications import owner_mail, requester_mail
from scim_server.services.seat_requests import asker as askers
from scim_server.services.seat_requests import grant
from scim_server.services.seat_requests.asker import Asker
from scim_server.store.database.session import Write, timestamp
from scim_server.store.rows import events, organizations, seat_requests
from scim_server.store.rows.people import Person
from scim_server.store.rows.seat_requests import SeatRequest
from seat_policy.requests import RequestPolicy, RequestState

LONGEST_REASON: Final = 500
NEWS_AFTER: Final = timedelta(days=1)
"""Owners get a mail about a new request only if no request was opened for this long."""


def checked_reason(text: str) -> str:
    """The words of a person, or the reason of a decision.

    Raises:
        ReasonMissing, InvalidSeatRequest: the text is empty, is too long, or has control characters.
    """
    reason = " ".join(text.split())
    if not reason:
        raise ReasonMissing("a reason is needed; the other side reads it")
    if len(reason) > LONGEST_REASON:
        raise InvalidSeatRequest(f"a reason has at most {LONGEST_REASON} characters, not {len(reason)}")
    if not reason.isprintable():
        raise InvalidSeatRequest("a reason has no control characters")
    return reason


def ask(write: Write, asker: Asker, reason: str, tier: str | None) -> SeatRequest:
    """Open a request, and give the seat at once if the policy allows it.

    Raises:
        AlreadyAsked: a request of the person is open.
        ServiceError: the person may not ask for this tier.
    """
    _require_none_open(write, asker)
    wants = askers.wanted_tier(write, asker, tier)
    policy = organizations.get(write).seat_requests
    gift = None
    if policy is not RequestPolicy.ASK:
        gift = grant.by_policy(write, asker, wants, buys=policy is RequestPolicy.UP_TO_CEILING)
    news = gift is None and not seat_requests.opened_since(write, timestamp(write.moment - NEWS_AFTER))
    request = _opened(write, asker, wants, reason, news=news)
    if gift is None:
        return request
    return approved(write, request, gift.carry_out(), reason=policy.value, bought=gift.bought)


def _require_none_open(write: Write, asker: Asker) -> None:
    """Check that the person has no open request. The database refuses a second one too."""
    ids = [] if asker.person is None else [asker.person.id]
    keys = [asker.user_name_key] if asker.person is None else []
    found = seat_requests.open_of(write, ids, keys) if write.clock.asking else []
    if found:
        reference = Reference(organizations.get(write).slug, found[0].request.number)
        raise AlreadyAsked(f"{asker.user_name} already has the open request {reference}")


def _opened(write: Write, asker: Asker, wants: str, reason: str, *, news: bool) -> SeatRequest:
    number = write.reserve()
    person = None if asker.person is None else asker.person.id
    event = SeatRequestOpened(
        person=person,
        request=number,
        wants=wants,
        personal={"userName": asker.user_name, "why": reason},
    )
    if news:
        owner_mail.notify(write, event, number)
    else:
        events.append(write, event, number)
    request = SeatRequest(
        number=number,
        person=person,
        user_name=asker.user_name,
        user_name_key=asker.user_name_key,
        wants=wants,
        reason=reason,
        way_in=write.actor.way_in,
        actor=write.actor.name,
        opened=write.at,
        state=RequestState.OPEN,
    )
    seat_requests.add(write, request)
    return request


def approved(write: Write, request: SeatRequest, person: Person, *, reason: str, bought: bool) -> SeatRequest:
    """Close a request of a person who has just got the seat, and mail the person."""
    event = SeatRequestApproved(
        person=person.id,
        reason=reason,
        request=request.number,
        wants=request.wants,
        bought=bought,
        personal={"userName": person.user_name},
    )
    number = events.append(write, event)
    joined = replace(request, person=person.id, user_name=person.user_name)
    after = seat_requests.close(write, joined, RequestState.APPROVED, number)
    requester_mail.notify(write, after, number, tier=person.tier)
    return after
