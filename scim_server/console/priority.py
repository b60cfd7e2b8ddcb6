"""The priority of a waiting person, changed after a review that says which people this passes."""

from http import HTTPStatus

from flask import Response, request

from scim_server.console import pages
from scim_server.console.doorkeeper import sentence
from scim_server.console.filters import person_name
from scim_server.console.pages import Undo
from scim_server.console.people import member
from scim_server.console.routes import Pages, Permission
from scim_server.console.visit import context, gettext
from scim_server.services.errors import InvalidPriority, ServiceError
from scim_server.services.left_out import commands
from scim_server.services.left_out.commands import Stale

priority = Pages("priority")

_MOST_DIGITS = 6


@priority.show("/people/<id_>/priority", Permission.MEMBERS)
def review(id_: str) -> Response:
    """Ask for a priority; with a number in the address, what it does."""
    return _review(id_, request.args.get("priority", ""))


@priority.do("/people/<id_>/priority", Permission.MEMBERS)
def change(id_: str) -> Response:
    """Set the reviewed priority, or nothing. An undo sets the former priority without a review."""
    person, given = member(id_).person, request.form.get("priority", "")
    try:
        outcome = commands.prioritise(
            context(), person.id, _number(given), confirmation=request.form.get("confirmation") or None
        )
    except ServiceError as error:
        return pages.not_done(sentence(error.detail), f"/people/{person.id}")
    if isinstance(outcome, Stale):
        return _review(id_, given, stale=True)
    done = outcome.result
    line = gettext(
        "%(person)s has the place %(place)s in the queue now.",
        person=person_name(person),
        place=done.place_after,
    )
    undo = Undo(f"/people/{person.id}/priority", {"priority": str(done.before.priority)})
    return pages.done(line, "/left-out", undo=undo if done.count else None, kind="waiting")


def _review(id_: str, given: str, *, stale: bool = False) -> Response:
    person, error, preview = member(id_).person, "", None
    status = HTTPStatus.CONFLICT if stale else HTTPStatus.OK
    try:
        if given.strip():
            preview = commands.prioritise(context(), person.id, _number(given), preview=True)
    except InvalidPriority as wrong:
        error, status = sentence(wrong.detail), HTTPStatus.BAD_REQUEST
    except ServiceError as wrong:
        return pages.not_done(sentence(wrong.detail), f"/people/{person.id}")
    if isinstance(preview, Stale):
        raise TypeError(preview)
    return pages.page(
        "priority.html",
        status=status,
        person=person,
        given=given.strip() or str(person.priority),
        error=error,
        preview=preview,
        stale=stale,
    )


def _number(text: str) -> int:
    """The number of a form. Text that is not a number is a priority that does not exist."""
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS else 0
