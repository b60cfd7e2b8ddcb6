"""The page behind the link of an invitation. Opening the page changes nothing; its button accepts.

The secret in the address is the only credential of the invitee. A POST must come from the page itself, so
that another site cannot accept in the name of the invitee.
"""

import base64
import hashlib
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, g
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from scim_server.console.invitation_words import WORDS
from scim_server.console.language import of_browser
from scim_server.console.visit import database, from_here
from scim_server.documents import formats
from scim_server.documents.invitation import as_role
from scim_server.services.invitations import commands, queries
from scim_server.services.invitations.commands import CannotAcceptNow, Obstacle, Shown
from scim_server.store.errors import StoreUnavailable
from scim_server.telemetry import log
from seat_policy.invitations import State

invitations = Blueprint("invitations", __name__)

PATH: Final = "/invitations/"
_STYLE: Final = """
:root { --ink: #1b2a2f; --soft: #5b6b70; --page: #fff; --act: #14545f; --on: #fff; color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eef0; --soft: #9db0b6; --page: #12191c; --act: #7fc4cf; --on: #12191c; }
}
body { margin: 0; background: var(--page); color: var(--ink); font: 17px/1.5 system-ui, sans-serif; }
main { max-width: 32rem; margin: 0 auto; padding: 15vh 24px 48px; }
h1 { font-size: 28px; line-height: 1.25; margin: 0 0 16px; text-wrap: balance; }
p { margin: 0 0 12px; overflow-wrap: anywhere; }
.note { color: var(--soft); font-size: 15px; }
button { margin: 16px 0 24px; padding: 12px 24px; border: 0; border-radius: 6px; background: var(--act);
         color: var(--on); font: inherit; font-weight: 600; cursor: pointer; }
button:hover { filter: brightness(1.1); }
button:focus-visible { outline: 3px solid var(--ink); outline-offset: 3px; }
"""
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    # `no-referrer` is not used, because browsers would then also hide the origin of the POST.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_PAGES: Final = Environment(
    loader=PackageLoader("scim_server.console"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@invitations.get(f"{PATH}<token>")
def show(token: str) -> Response:
    """Show the organization, the role and a button. This changes nothing."""
    try:
        found = queries.show_by_token(database(), token)
    except StoreUnavailable as error:
        return _unavailable(error)
    if found is None or found.state not in (State.PENDING, State.ACCEPTED):
        return _over(found)
    if found.state is State.ACCEPTED:
        return _joined(found)
    words = WORDS[found.language]
    return _page(
        found.language,
        _filled(words.invited, found),
        _filled(words.joining, found),
        button=words.accept,
        note=_filled(words.until, found),
    )


@invitations.post(f"{PATH}<token>")
def accept(token: str) -> Response:
    """Accept the invitation; a repeated request gets the same page."""
    if not from_here():
        words = WORDS[of_browser()]
        return _page(of_browser(), words.foreign, words.foreign_why, status=HTTPStatus.FORBIDDEN)
    try:
        found = commands.accept(database(), token, request_id=g.request_id)
    except StoreUnavailable as error:
        return _unavailable(error)
    except CannotAcceptNow as error:
        return _not_now(queries.show_by_token(database(), token), error.why)
    return _joined(found) if found is not None and found.state is State.ACCEPTED else _over(found)


def _filled(words: str, found: Shown) -> str:
    return words.format(
        organization=found.organization,
        email=found.email,
        as_role=as_role(found.language, found.role),
        expires=formats.moment(found.expires, found.language),
    )


def _joined(found: Shown) -> Response:
    """The page of an accepted invitation. A member may have a seat, wait for one, or have none."""
    words = WORDS[found.language]
    then = {"seated": words.sign_in, "waiting": words.waits, "none": words.no_seat}.get(found.status or "")
    if then is None:
        return _page(found.language, words.accepted, _filled(words.away, found))
    lines = (_filled(words.joined_as, found), _filled(then, found))
    return _page(found.language, _filled(words.joined, found), *lines)


def _over(found: Shown | None) -> Response:
    """The page of an invitation that is not open.

    It is the same for every reason, so a guessed link reveals nothing.
    """
    language = of_browser() if found is None else found.language
    words = WORDS[language]
    return _page(language, words.over, words.over_why, words.ask, status=HTTPStatus.NOT_FOUND)


def _not_now(found: Shown | None, why: Obstacle) -> Response:
    if found is None:
        return _over(found)
    words = WORDS[found.language]
    lines = (_filled(line, found) for line in words.why_not[why])
    return _page(found.language, words.not_now, *lines, status=HTTPStatus.CONFLICT)


def _unavailable(error: StoreUnavailable) -> Response:
    log.error("database unavailable", cause=str(error))
    words = WORDS[of_browser()]
    response = _page(of_browser(), words.unavailable, words.again, status=HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = "5"
    return response


def _page(
    language: str,
    title: str,
    *lines: str,
    button: str = "",
    note: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    style = Markup(_STYLE)  # noqa: S704 - a constant of this module
    html = _PAGES.get_template("invitation.html").render(
        language=language, title=title, lines=lines, button=button, note=note, style=style
    )
    return Response(html, status=int(status), headers=_HEADERS, content_type="text/html; charset=utf-8")
