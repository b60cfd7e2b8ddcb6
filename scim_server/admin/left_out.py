"""People without the seat they want: listed with the price, retried, dismissed, and let in by a purchase."""

from typing import Any, Final

from marshmallow import fields, validate

from scim_server.admin import auth, lists, references
from scim_server.admin.acting import Acting, ByOwner, context_of
from scim_server.admin.parsing import text
from scim_server.admin.previews import carry_out
from scim_server.admin.routes import OF_ORGANIZATION, Noun
from scim_server.representations import left_out as shapes
from scim_server.representations import seat_requests
from scim_server.representations.base import dump
from scim_server.services.access.commands import Scope
from scim_server.services.errors import (
    AmbiguousPerson,
    GivenByGroup,
    InvalidPriority,
    InvalidReference,
    NobodyLeftOut,
    NoContract,
    NoSeatGiven,
    NotWaiting,
    PriceMissing,
    ReasonMissing,
    RoleTooLow,
    UnknownPerson,
    UnknownRefusal,
)
from scim_server.services.left_out import commands, queries

left_out = Noun("left-out", "People without the seat they want: they wait, or they were refused.")

_LEFT_OUT: Final = f"{OF_ORGANIZATION}/left-out"
_ONE: Final = f"{_LEFT_OUT}/<refusal>"
_MOST_IDS: Final = 1_000
_MOST_PRIORITY: Final = 1_000
_REFUSAL: Final = "open refusal"
_OWNER: Final = (UnknownPerson, AmbiguousPerson, RoleTooLow)


class DismissInput(ByOwner):
    """The reason for closing a refusal."""

    reason = text(required=True, about="The reason; the log shows it.")


class ClearInput(Acting):
    """The people for whom seats are bought, besides those who wait or were refused recently."""

    ids = fields.List(
        text(longest=100),
        load_default=list,
        validate=validate.Length(max=_MOST_IDS),
        metadata={"description": "The ids of refusals that are older than 7 days, such as acme-12."},
    )


class PriorityInput(Acting):
    """The new priority of a waiting person."""

    priority = fields.Integer(
        strict=True,
        required=True,
        validate=validate.Range(1, _MOST_PRIORITY),
        metadata={"description": "A smaller number is served first; the usual number is 100."},
    )


@left_out.show(_LEFT_OUT, Scope.LEFT_OUT_READ, shapes.LeftOutSummary)
def summary() -> dict[str, object]:
    """How many people are left out, and the price of letting everyone in now."""
    return dump(shapes.LeftOutSummary(), queries.summary(auth.context()))


@left_out.list(f"{_LEFT_OUT}/waiting", Scope.LEFT_OUT_READ, shapes.WaitingRepresentation)
def list_waiting(query: dict[str, Any]) -> dict[str, object]:
    """List the people who wait, in the order in which they will get seats."""
    page = queries.waiting_page(auth.context(), after=lists.after(query), limit=query["limit"])
    return lists.listing(shapes.WAITING, page)


@left_out.list(f"{_LEFT_OUT}/refused", Scope.LEFT_OUT_READ, shapes.RejectedRepresentation)
def list_refused(query: dict[str, Any]) -> dict[str, object]:
    """List the people who were refused, the oldest refusal first.

    Each has the reason, the number of attempts, and the last answer to the provider.
    """
    page = queries.refused_page(auth.context(), after=lists.after(query), limit=query["limit"])
    return lists.listing(shapes.REJECTED, page)


@left_out.list(f"{_LEFT_OUT}/wants-better-tier", Scope.LEFT_OUT_READ, shapes.WantsBetterRepresentation)
def list_wanting_better(query: dict[str, Any]) -> dict[str, object]:
    """List the people who keep a seat and were refused a better tier, or ask for one."""
    found = queries.every_wanting_better(auth.context())
    return lists.listing(shapes.WANTS_BETTER, lists.cut(found, lambda one: str(one.reference), query))


@left_out.do(
    f"{_ONE}/retry",
    Scope.LEFT_OUT_WRITE,
    shapes.AttemptsRepresentation,
    ByOwner,
    raises=(UnknownRefusal, *_OWNER),
    example={},
)
def retry(refusal: str, body: dict[str, Any]) -> dict[str, object]:
    """Try again to give a person the seat or the better tier that was refused.

    A person without a seat is created with the values that their provider sent. If the person is refused
    again, the answer still is a success, with the outcome `rejected`.
    """
    context = context_of(body)
    with references.known(UnknownRefusal, _REFUSAL):
        return dump(shapes.ATTEMPTS, commands.retry(context, refusal))


@left_out.do(
    f"{_LEFT_OUT}/retry",
    Scope.LEFT_OUT_WRITE,
    shapes.AttemptsRepresentation,
    ByOwner,
    raises=_OWNER,
    example={},
)
def retry_all(body: dict[str, Any]) -> dict[str, object]:
    """Retry everyone who was refused in the last 7 days, or who was refused a better tier.

    The answer has the result for each person. After one person is refused again, other people who want the
    same tier are not tried (`not_tried`).
    """
    return dump(shapes.ATTEMPTS, commands.retry(context_of(body), None))


@left_out.do(
    f"{_ONE}/dismiss",
    Scope.LEFT_OUT_WRITE,
    shapes.DismissedRepresentation,
    DismissInput,
    preview=True,
    raises=(UnknownRefusal, ReasonMissing, *_OWNER),
    example={"reason": "left the company"},
)
def dismiss(refusal: str, body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Close a refusal without giving the seat.

    A person who wants a better tier keeps the present seat. Another attempt of the provider opens a new
    refusal.
    """
    context = context_of(body)
    with references.known(UnknownRefusal, _REFUSAL):
        return dump(shapes.DISMISSED, commands.dismiss(context, refusal, body["reason"], preview=preview))


@left_out.do(
    f"{_LEFT_OUT}/buy",
    Scope.SEATS_BUY,
    shapes.LeftOutPurchase,
    ClearInput,
    preview=True,
    raises=(InvalidReference, UnknownRefusal, *_OWNER, NobodyLeftOut, NoSeatGiven, NoContract, PriceMissing),
    example={"owner": "boss@example.com"},
)
def buy(body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Buy the missing seats, and give them to the people who are left out.

    People who wait get seats first, including people who wait for a better tier. Then people who were refused
    get seats.
    """
    context = context_of(body)
    return carry_out(
        lambda shown, code: commands.buy(context, body["ids"], preview=shown, confirmation=code),
        lambda done: shapes.cleared(auth.organization().slug, done),
        preview=preview,
        body=body,
    )


@left_out.do(
    f"{_LEFT_OUT}/waiting/<person>/priority",
    Scope.LEFT_OUT_WRITE,
    seat_requests.PriorityChange,
    PriorityInput,
    preview=True,
    raises=(*_OWNER, NotWaiting, GivenByGroup, InvalidPriority),
    example={"priority": 10},
)
def prioritise(person: str, body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Change the priority of a waiting person, for the present wait.

    The answer has the place in the queue before and after, and the people who are passed.
    """
    context = context_of(body)
    return carry_out(
        lambda shown, code: commands.prioritise(
            context, person, body["priority"], preview=shown, confirmation=code
        ),
        seat_requests.prioritised,
        preview=preview,
        body=body,
    )
