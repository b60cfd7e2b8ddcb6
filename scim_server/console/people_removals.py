"""Mass removals by a provider: the people, and the two answers, confirm or restore."""

from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, TypeVar
from uuid import uuid4

from flask import Response, abort, request

from scim_server.console import filters, listing, pages
from scim_server.console.doorkeeper import sentence
from scim_server.console.routes import Pages, Permission
from scim_server.console.visit import context, gettext, ngettext, visit
from scim_server.services.errors import InvalidReference, ServiceError, UnknownRemoval
from scim_server.services.mass_removals import commands, queries
from scim_server.services.mass_removals.commands import Confirmed, Done, Restored, Stale
from scim_server.services.mass_removals.queries import Part
from scim_server.store.rows.removals import RemovalState

people_removals = Pages("people_removals")

T = TypeVar("T")
_LIST: Final = "/people/removals"


@people_removals.show("/people/removals", Permission.MEMBERS)
def show_all() -> Response:
    """The mass removals, newest first."""
    chosen = listing.of_request()
    return pages.page("removals.html", sheet=queries.sheet(context(), chosen.number), chosen=chosen)


@people_removals.show("/people/removals/<reference>", Permission.MEMBERS)
def show_one(reference: str) -> Response:
    """One mass removal with its people."""
    chosen = listing.of_request()
    return pages.page(
        "removal.html",
        part=_part(reference, chosen.number),
        chosen=chosen,
        is_open=RemovalState.OPEN,
        may_decide=Permission.BILLING.admits(visit().role),
    )


@people_removals.show("/people/removals/<reference>/confirm", Permission.BILLING)
def review_confirm(reference: str) -> Response:
    """What confirming a removal does: the seats that become free, and the people who get them."""
    return _review_confirm(reference)


@people_removals.do("/people/removals/<reference>/confirm", Permission.BILLING)
def confirm(reference: str) -> Response:
    """Confirm that a removal was intended."""
    _part(reference)
    given = request.form.get("confirmation", "")
    outcome = _decided(reference, lambda: commands.confirm(context(), reference, confirmation=given))
    if isinstance(outcome, Response):
        return outcome
    if isinstance(outcome, Stale):
        return _review_confirm(reference, stale=True)
    return pages.done(_confirmed(outcome.result), f"{_LIST}/{reference}")


@people_removals.show("/people/removals/<reference>/restore", Permission.BILLING)
def review_restore(reference: str) -> Response:
    """What restoring a removal does: the people, their seats, and the price of the missing seats."""
    return _review_restore(reference, buys=request.args.get("buys") != "no")


@people_removals.do("/people/removals/<reference>/restore", Permission.SPENDING)
def restore(reference: str) -> Response:
    """Restore the people as the review showed, or do nothing."""
    _part(reference)
    form, buys = request.form, request.form.get("buys") != "no"
    outcome = _decided(
        reference,
        lambda: commands.restore(
            context(),
            reference,
            buys=buys,
            key=form.get("key") or None,
            confirmation=form.get("confirmation", ""),
        ),
    )
    if isinstance(outcome, Response):
        return outcome
    if isinstance(outcome, Stale):
        return _review_restore(reference, buys=buys, stale=True)
    return pages.done(_restored(outcome.result), f"{_LIST}/{reference}")


def _part(reference: str, number: int = 1) -> Part:
    """A mass removal of the address; the page 404 if the organization has none with this reference."""
    try:
        return queries.part(context(), reference, number)
    except (InvalidReference, UnknownRemoval):
        abort(404)


def _decided(reference: str, work: Callable[[], T]) -> T | Response:
    """The result of a command, or the page that says why nothing was done."""
    try:
        return work()
    except ServiceError as error:
        return pages.not_done(sentence(error.detail), f"{_LIST}/{reference}")


def _review_confirm(reference: str, *, stale: bool = False) -> Response:
    part = _part(reference)
    preview = _decided(reference, lambda: commands.confirm(context(), reference, preview=True))
    if isinstance(preview, Response):
        return preview
    if not isinstance(preview, Done):
        raise TypeError(preview)
    return pages.page(
        "removal_confirm.html",
        status=_status(stale=stale),
        counted=part.counted,
        confirmed=preview.result,
        confirmation=preview.confirmation,
        stale=stale,
    )


def _review_restore(reference: str, *, buys: bool, stale: bool = False) -> Response:
    part = _part(reference)
    preview = _decided(reference, lambda: commands.restore(context(), reference, buys=buys, preview=True))
    if isinstance(preview, Response):
        return preview
    if not isinstance(preview, Done):
        raise TypeError(preview)
    restored = preview.result
    return pages.page(
        "removal_restore.html",
        status=_status(stale=stale),
        counted=part.counted,
        restored=restored,
        outcomes=Counter(one.outcome.value for one in restored.people),
        bill=None if restored.purchase is None else restored.purchase.bill,
        confirmation=preview.confirmation,
        key=str(uuid4()),
        buys=buys,
        stale=stale,
    )


def _status(*, stale: bool) -> HTTPStatus:
    return HTTPStatus.CONFLICT if stale else HTTPStatus.OK


def _confirmed(done: Confirmed) -> str:
    if not done.freed:
        return gettext("The removal is confirmed. No seats were held.")
    return gettext(
        "The removal is confirmed. %(seats)s became free; waiting people got %(number)s of them.",
        seats=filters.tiers(done.freed),
        number=filters.number(done.promoted),
    )


def _restored(done: Restored) -> str:
    said = ngettext(
        "%(number)s person was restored.",
        "%(number)s people were restored.",
        len(done.people),
        number=filters.number(len(done.people)),
    )
    invoice = None if done.purchase is None else done.purchase.invoice
    if invoice is None:
        return said
    return f"{said} " + gettext("Invoice %(number)s was issued.", number=invoice.reference)
