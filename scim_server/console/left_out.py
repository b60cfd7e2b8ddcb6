"""People without the seat they want: who and why, let in by a retry or a purchase, or dismissed."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

from flask import Response, request

from scim_server.console import listing, pages
from scim_server.console.doorkeeper import sentence
from scim_server.console.left_out_words import LET_IN, banner, outcome, people_coming, people_in, seated
from scim_server.console.routes import Pages, Permission
from scim_server.console.visit import context, gettext, read_again, visit
from scim_server.services.errors import NobodyLeftOut, ServiceError
from scim_server.services.left_out import commands, queries
from scim_server.services.left_out.commands import Stale
from scim_server.services.seat_requests import queries as seat_requests
from scim_server.services.seat_requests.queries import Beside, Sheet
from scim_server.services.seats import queries as seats
from seat_policy.contract import ANY

left_out = Pages("left_out")

_LISTS: Final[dict[str, Callable[..., Any]]] = {
    "waiting": queries.waiting,
    "refused": queries.refused,
    "better": queries.wanting_better,
    "asked": seat_requests.sheet,
}


@left_out.show("/left-out", Permission.MEMBERS)
def show() -> Response:
    """The people of one kind, with the numbers of the other kinds."""
    missing = queries.summary(context())
    counts = {
        "waiting": sum(missing.waiting.values()),
        "refused": sum(missing.refused.values()) + missing.older,
        "better": sum(missing.wants_better_tier.values()) + missing.asking_better,
        "asked": missing.asking,
    }
    chosen = listing.of_request("kind", "q", "wants")
    first = next((kind for kind, count in counts.items() if count), "waiting")
    kind = chosen.get("kind") if chosen.get("kind") in _LISTS else first
    wants = chosen.get("wants") or None
    sheet = _LISTS[kind](context(), search=chosen.get("q"), wants=wants, number=chosen.number)
    return pages.page(
        "left_out.html",
        kind=kind,
        counts=counts,
        chosen=chosen,
        sheet=sheet,
        beside=_beside(kind, sheet),
        tiers=[*(tier.tier.name for tier in seats.show(context()).tiers), ANY],
        missing=missing,
        said=banner(missing),
        may_buy=_may_buy() and missing.has_contract,
    )


def _beside(kind: str, sheet: Sheet[Any]) -> Beside:
    """The requests of the people of a page."""
    if kind == "waiting":
        return seat_requests.beside(context(), [one.id for one in sheet.data])
    if kind == "refused":
        found = [one.refusal for one in sheet.data]
        ids = [one.person for one in found if one.person is not None]
        return seat_requests.beside(context(), ids, [one.user_name_key for one in found])
    ids = [one.person.id for one in sheet.data] if kind == "better" else []
    return seat_requests.beside(context(), ids)


def _may_buy() -> bool:
    return Permission.BILLING.admits(visit().role)


@left_out.do("/left-out/retry", Permission.MEMBERS)
def retry() -> Response:
    """Try again one refused person, or all recent ones; show the result of each."""
    reference = request.form.get("id") or None
    kind = "better" if request.form.get("kind") == "better" else "refused"
    try:
        attempts = commands.retry(context(), reference)
    except ServiceError as error:
        return pages.not_done(sentence(error.detail), "/left-out", kind=kind)
    if reference is None:
        return pages.page("retried.html", attempts=attempts, outcome=outcome, let_in=LET_IN)
    one = attempts.tried[0]
    said = outcome(one)
    if one.outcome in LET_IN:
        return pages.done(said, "/left-out", kind=kind)
    return pages.not_done(said, "/left-out", kind=kind)


@left_out.show("/left-out/dismiss", Permission.MEMBERS)
def ask_dismiss() -> Response:
    """Ask for the reason of a dismissal, and say what it does."""
    reference = request.args.get("id", "")
    preview = commands.dismiss(context(), reference, "preview", preview=True)
    return pages.page("dismiss.html", preview=preview, reason="", error="")


@left_out.do("/left-out/dismiss", Permission.MEMBERS)
def dismiss() -> Response:
    """Close a refusal without a seat."""
    reference, reason = request.form.get("id", ""), request.form.get("reason", "").strip()
    if not reason:
        preview = commands.dismiss(context(), reference, "preview", preview=True)
        return pages.page(
            "dismiss.html",
            status=HTTPStatus.BAD_REQUEST,
            preview=preview,
            reason=reason,
            error=gettext("Give a reason. It is shown in the audit."),
        )
    done = commands.dismiss(context(), reference, reason)
    kind = "refused" if done.tier is None else "better"
    return pages.done(gettext("%(person)s was dismissed.", person=done.user_name), "/left-out", kind=kind)


@left_out.show("/left-out/buy", Permission.BILLING)
def review() -> Response:
    """What is bought for everyone who is left out, what it costs, and who gets in."""
    return _review()


@left_out.do("/left-out/buy", Permission.SPENDING)
def buy() -> Response:
    """Buy what the review showed, or nothing."""
    given = request.form.get("confirmation", "")
    try:
        outcome_ = commands.buy(context(), key=request.form.get("key") or None, confirmation=given)
    except NobodyLeftOut:
        return pages.done(gettext("Nobody is left out any more. Nothing was bought."), "/left-out")
    if isinstance(outcome_, Stale):
        return _review(outcome_)
    cleared = outcome_.result
    read_again()
    purchase = cleared.purchase
    invoice = None if purchase is None else purchase.invoice
    return pages.page(
        "cleared.html",
        cleared=cleared,
        invoice=invoice,
        said=people_in(cleared),
        seated=seated(cleared),
        outcome=outcome,
        let_in=LET_IN,
    )


def _review(stale: Stale | None = None) -> Response:
    """The review; after a confirmation that no longer fits, with what has changed."""
    try:
        preview = commands.buy(context(), preview=True) if stale is None else stale.instead
    except NobodyLeftOut:
        return pages.done(gettext("Nobody is left out any more."), "/left-out")
    if isinstance(preview, Stale):
        raise TypeError(preview)
    return pages.page(
        "review_left_out.html",
        status=HTTPStatus.OK if stale is None else HTTPStatus.CONFLICT,
        preview=preview,
        cleared=preview.result,
        said=people_coming(preview.result),
        seated=seated(preview.result),
        key=str(uuid4()),
        stale=stale,
        outcome=outcome,
        let_in=LET_IN,
    )
