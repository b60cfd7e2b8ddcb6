"""Requests for seats: open them in a person's name, list, approve, decline and withdraw them."""

from http import HTTPStatus
from typing import Any, Final

from scim_server.admin import auth, lists, previews
from scim_server.admin.parsing import Input, choice, text
from scim_server.admin.routes import OF_ORGANIZATION, Confirmed, Noun
from scim_server.representations import seat_requests as shapes
from scim_server.representations.base import dump
from scim_server.services.access.commands import Scope
from scim_server.services.context import Context
from scim_server.services.errors import (
    AlreadyAsked,
    AlreadySeated,
    AmbiguousPerson,
    GivenByGroup,
    InvalidSeatRequest,
    InvalidTerms,
    NoContract,
    NoFreeSeat,
    NoSeatGiven,
    NotLetIn,
    PeopleWait,
    PersonInactive,
    ReasonMissing,
    RoleTooLow,
    SeatRequestClosed,
    UnknownPerson,
    UnknownSeatRequest,
    UnknownTier,
)
from scim_server.services.seat_requests import commands, queries
from scim_server.services.seat_requests.commands import LONGEST_REASON, Approved, Done, NoneFree, Stale
from scim_server.services.seat_requests.queries import RequestState

seat_requests = Noun("seat-requests", "Requests of people for a seat or a better tier.")

_REQUESTS: Final = f"{OF_ORGANIZATION}/seat-requests"
_ONE: Final = f"{_REQUESTS}/<seat_request>"
_CLOSED: Final = (UnknownSeatRequest, SeatRequestClosed)
_IMPOSSIBLE: Final = (*_CLOSED, GivenByGroup, NoSeatGiven, NotLetIn, PeopleWait)


class SeatRequestInput(Input):
    """A new request."""

    person = text(required=True, about="The id or userName of a member, or the userName of a refused person.")
    reason = text(required=True, longest=LONGEST_REASON, about="Why the person asks; Owners read it.")
    tier = text(
        load_default=None,
        longest=32,
        about="The wanted tier, or `any`; usually the tier that the person waits for or was refused, or the "
        "next better one.",
    )


class SeatRequestQuery(lists.ListQuery):
    """The filters of a list of requests."""

    state = choice([one.value for one in RequestState], load_default=None, about="Only in this state.")
    person = text(load_default=None, about="Only requests of the member with this id.")


class DecisionInput(Input):
    """The reason of a decision."""

    reason = text(required=True, longest=LONGEST_REASON, about="The person gets it by mail.")


class BuyInput(Confirmed):
    """The Owner for whom the app buys."""

    owner = text(
        load_default=None,
        about="The id or userName of the acting Owner; without it, the vendor is recorded as the buyer.",
    )


@seat_requests.do(
    _REQUESTS,
    Scope.LEFT_OUT_WRITE,
    shapes.SeatRequest,
    SeatRequestInput,
    status=HTTPStatus.CREATED,
    raises=(
        UnknownPerson,
        PersonInactive,
        AlreadyAsked,
        AlreadySeated,
        GivenByGroup,
        UnknownTier,
        ReasonMissing,
        InvalidSeatRequest,
    ),
    example={"person": "ada@example.com", "reason": "a new project", "tier": "premium"},
)
def create(body: dict[str, Any]) -> dict[str, object]:
    """Ask for a seat or a better tier in the name of a person.

    The organization's `seat_requests` policy may grant the request at once; `state` is `approved` then. Each
    person has at most one open request.
    """
    one = commands.ask(auth.context(), body["person"], body["reason"], body["tier"])
    return dump(shapes.SEAT_REQUEST, one)


@seat_requests.list(_REQUESTS, Scope.LEFT_OUT_READ, shapes.SeatRequest, query=SeatRequestQuery)
def list_requests(query: dict[str, Any]) -> dict[str, object]:
    """List requests, the newest first."""
    state = None if query["state"] is None else RequestState(query["state"])
    page = queries.page(
        auth.context(),
        state=state,
        person=query["person"],
        after=lists.after(query),
        limit=query["limit"],
    )
    return lists.listing(shapes.SEAT_REQUEST, page)


@seat_requests.show(_ONE, Scope.LEFT_OUT_READ, shapes.SeatRequest, raises=(UnknownSeatRequest,))
def show(seat_request: str) -> dict[str, object]:
    """One request, open or not."""
    return dump(shapes.SEAT_REQUEST, queries.show(auth.context(), seat_request))


@seat_requests.do(
    f"{_ONE}/approve",
    Scope.LEFT_OUT_WRITE,
    shapes.ApprovedSeatRequest,
    Confirmed,
    preview=True,
    raises=(*_IMPOSSIBLE, NoFreeSeat),
    example={"confirmation": "5b1f9c"},
    untried="a confirmation is valid for one preview only",
)
def approve(seat_request: str, body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Approve a request with a free seat for which nobody waits. This buys nothing."""
    return _approved(auth.context(), seat_request, body, buys=False, preview=preview)


@seat_requests.do(
    f"{_ONE}/buy",
    Scope.SEATS_BUY,
    shapes.ApprovedSeatRequest,
    BuyInput,
    preview=True,
    raises=(*_IMPOSSIBLE, UnknownPerson, AmbiguousPerson, RoleTooLow, NoContract, InvalidTerms),
    example={"owner": "boss@example.com"},
)
def buy(seat_request: str, body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Approve a request, and buy the missing seat if none is free.

    A person with a seat has this seat upgraded. Nobody who waits is overtaken.
    """
    context = auth.context(owner=body["owner"])
    return _approved(context, seat_request, body, buys=True, preview=preview)


def _approved(
    context: Context, seat_request: str, body: dict[str, Any], *, buys: bool, preview: bool
) -> dict[str, object]:
    slug = auth.organization().slug

    def run(preview: bool, code: str | None) -> Done[Approved] | Stale:  # noqa: FBT001 - as previews call it
        outcome = commands.approve(context, seat_request, buys=buys, preview=preview, confirmation=code)
        if isinstance(outcome, NoneFree):
            raise NoFreeSeat(f"no seat that this person may take is free ({outcome.wants})")
        return outcome

    return previews.carry_out(run, lambda done: shapes.approved(slug, done), preview=preview, body=body)


@seat_requests.do(
    f"{_ONE}/decline",
    Scope.LEFT_OUT_WRITE,
    shapes.SeatRequest,
    DecisionInput,
    raises=(*_CLOSED, ReasonMissing, InvalidSeatRequest),
    example={"reason": "use the shared seat"},
)
def decline(seat_request: str, body: dict[str, Any]) -> dict[str, object]:
    """Decline a request. The person gets the reason by mail."""
    return dump(shapes.SEAT_REQUEST, commands.decline(auth.context(), seat_request, body["reason"]))


@seat_requests.do(f"{_ONE}/withdraw", Scope.LEFT_OUT_WRITE, shapes.SeatRequest, raises=_CLOSED)
def withdraw(seat_request: str) -> dict[str, object]:
    """Withdraw a request in the name of the person who asked."""
    return dump(shapes.SEAT_REQUEST, commands.withdraw(auth.context(), seat_request))
