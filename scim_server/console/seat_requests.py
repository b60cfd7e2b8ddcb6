"""Requests of people for a seat or a better tier: approved after a review, or declined with a reason."""

from http import HTTPStatus

from flask import Response, abort, request

from scim_server.console import pages
from scim_server.console.doorkeeper import sentence
from scim_server.console.routes import Pages, Permission
from scim_server.console.seat_requests_words import said_approved, title
from scim_server.console.visit import context, gettext, read_again, visit
from scim_server.services.errors import (
    InvalidSeatRequest,
    ReasonMissing,
    ServiceError,
    UnknownSeatRequest,
)
from scim_server.services.seat_requests import commands, queries
from scim_server.services.seat_requests.commands import Done, NoneFree, Stale
from scim_server.services.seat_requests.queries import Listed

seat_requests = Pages("seat_requests")

_ADDRESS = "/left-out/requests/<reference>"


@seat_requests.show(f"{_ADDRESS}/approve", Permission.MEMBERS)
def review(reference: str) -> Response:
    """What approving a request gives, and what it costs."""
    return _review(_found(reference))


@seat_requests.do(f"{_ADDRESS}/approve", Permission.MEMBERS)
def approve(reference: str) -> Response:
    """Give a free seat. This buys nothing."""
    return _carry_out(_found(reference), buys=False)


@seat_requests.do(f"{_ADDRESS}/buy", Permission.SPENDING)
def buy(reference: str) -> Response:
    """Buy the missing seat that the review showed, or nothing."""
    return _carry_out(_found(reference), buys=True)


def _carry_out(found: Listed, *, buys: bool) -> Response:
    given = request.form.get("confirmation", "")
    try:
        outcome = commands.approve(context(), str(found.reference), buys=buys, confirmation=given)
    except ServiceError as error:
        return pages.not_done(sentence(error.detail), "/left-out", kind="asked")
    if not isinstance(outcome, Done):
        return _review(found, stale=True)
    read_again()
    return pages.done(said_approved(outcome.result), "/left-out", kind="asked")


def _review(found: Listed, *, stale: bool = False) -> Response:
    """The review; after a confirmation that no longer fits, with the new result."""
    may_buy = Permission.BILLING.admits(visit().role)
    try:
        outcome = commands.approve(context(), str(found.reference), buys=may_buy, preview=True)
    except ServiceError as error:
        return pages.not_done(sentence(error.detail), "/left-out", kind="asked")
    if isinstance(outcome, Stale):
        raise TypeError(outcome)
    none = outcome if isinstance(outcome, NoneFree) else None
    return pages.page(
        "seat_request_review.html",
        status=HTTPStatus.CONFLICT if stale else HTTPStatus.OK,
        one=found,
        title=title(found),
        none=none,
        done=outcome if none is None else None,
        stale=stale,
    )


@seat_requests.show(f"{_ADDRESS}/decline", Permission.MEMBERS)
def ask_decline(reference: str) -> Response:
    """Ask for the reason, which the person gets by mail."""
    return pages.page("seat_request_decline.html", one=_found(reference), why="", error="")


@seat_requests.do(f"{_ADDRESS}/decline", Permission.MEMBERS)
def decline(reference: str) -> Response:
    """Decline a request."""
    found, why = _found(reference), request.form.get("why", "")
    try:
        commands.decline(context(), str(found.reference), why)
    except (ReasonMissing, InvalidSeatRequest) as error:
        missing = gettext("Give a reason. The person gets it by mail.")
        return pages.page(
            "seat_request_decline.html",
            status=HTTPStatus.BAD_REQUEST,
            one=found,
            why=why,
            error=missing if isinstance(error, ReasonMissing) else sentence(error.detail),
        )
    except ServiceError as error:
        return pages.not_done(sentence(error.detail), "/left-out", kind="asked")
    read_again()
    line = gettext("The request of %(person)s was declined.", person=found.request.user_name)
    return pages.done(line, "/left-out", kind="asked")


def _found(reference: str) -> Listed:
    """The request of the address; the page 404 if the organization has none."""
    try:
        return queries.show(context(), reference)
    except UnknownSeatRequest:
        abort(404)
