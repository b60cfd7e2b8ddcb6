"""The page behind the link of an invitation. Opening the page changes nothing; its button accepts.

The secret in the address is the only credential of the invitee. A POST must come from the page itself, so
that another site cannot accept in the name of the invitee.
"""

import base64
import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, g, request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from scim_server.console.invitation_words import WORDS
from scim_server.console.language import of_browser
from scim_server.console.visit import database, from_here, public_path
from scim_server.documents import formats
from scim_server.documents.invitation import as_role
from scim_server.services.errors import InvalidSeatRequest, ReasonMissing, ServiceError
from scim_server.services.invitations import commands, queries
from scim_server.services.invitations.commands import CannotAcceptNow, Obstacle, Shown
from scim_server.services.seat_requests import commands as seat_requests
from scim_server.services.seat_requests import queries as asked
from scim_server.services.seat_requests.queries import RequestState
from scim_server.store.errors import StoreUnavailable
from scim_server.telemetry import log
from seat_policy.invitations import State

invitations = Blueprint("invitation_pages", __name__)

PATH: Final = "/invitations/"
_LARGEST_FORM: Final = 16 * 1024
_STYLE: Final = """
:root { --ink: #1b2a2f; --soft: #5b6b70; --page: #fff; --act: #14545f; --on: #fff; --bad: #a3251d; }
:root { color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eef0; --soft: #9db0b6; --page: #12191c; --act: #7fc4cf; --on: #12191c; --bad: #ff9d94; }
}
body { margin: 0; background: var(--page); color: var(--ink); font: 17px/1.5 system-ui, sans-serif; }
main { max-width: 32rem; margin: 0 auto; padding: 15vh 24px 48px; }
h1 { font-size: 28px; line-height: 1.25; margin: 0 0 16px; text-wrap: balance; }
p { margin: 0 0 12px; overflow-wrap: anywhere; }
.note { color: var(--soft); font-size: 15px; }
button { margin: 16px 0 24px; padding: 12px 24px; border: 0; border-radius: 6px; background: var(--act);
         color: var(--on); font: inherit; font-weight: 600; cursor: pointer; }
label { display: block; font-weight: 600; font-size: 15px; }
textarea { width: 100%; min-height: 6em; box-sizing: border-box; font: inherit; color: inherit; padding: 8px;
           background: var(--page); border: 1px solid var(--soft); border-radius: 6px; }
blockquote { margin: 0 0 16px; padding-left: 12px; border-left: 3px solid; overflow-wrap: anywhere; }
.error { color: var(--bad); }
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
        return _joined(found, token)
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
    return _joined(found, token) if found is not None and found.state is State.ACCEPTED else _over(found)


def _filled(words: str, found: Shown) -> str:
    return words.format(
        organization=found.organization,
        email=found.email,
        as_role=as_role(found.language, found.role),
        expires=formats.moment(found.expires, found.language),
    )


@invitations.post(f"{PATH}<token>/request")
def ask(token: str) -> Response:
    """Ask for a seat in the name of the invitee, who has accepted and has none."""
    if not from_here():
        words = WORDS[of_browser()]
        return _page(of_browser(), words.foreign, words.foreign_why, status=HTTPStatus.FORBIDDEN)
    request.max_content_length = request.max_form_memory_size = _LARGEST_FORM
    reason, error = request.form.get("reason", ""), False
    try:
        seat_requests.ask_by_invitation(database(), token, reason, request_id=g.request_id)
    except StoreUnavailable as failure:
        return _unavailable(failure)
    except (ReasonMissing, InvalidSeatRequest):
        error = True
    except ServiceError as failure:
        # The invitee has a seat meanwhile, or has asked already. The page shows which.
        log.info("request not opened", code=failure.code)
    found = queries.show_by_token(database(), token)
    if found is None or found.state is not State.ACCEPTED:
        return _over(found)
    return _joined(found, token, typed=reason, error=error)


@dataclass(frozen=True, slots=True)
class _Ask:
    """The part of the page about a request for a seat.

    Attributes:
        about: what became of the last request; empty if there is nothing to say.
        quoted: the reason of the request, or of the decision.
        path: the address of the form; empty while a request is open.
        typed: the text that was typed.
        error: what is wrong with this text.
    """

    about: str
    quoted: str
    path: str
    intro: str
    label: str
    send: str
    typed: str
    error: str


def _asking(found: Shown, token: str, typed: str, *, error: bool) -> _Ask:
    """The last request of the invitee, and the form for a new one."""
    words, last = WORDS[found.language], asked.of_invitation(database(), token)
    about = quoted = ""
    path = f"{public_path()}{PATH}{token}/request"
    if last is not None and last.is_open:
        about = words.asked.format(since=formats.moment(last.opened, found.language))
        quoted, path = last.reason, ""
    elif last is not None and last.state is RequestState.DECLINED:
        about, quoted = words.declined, last.why or ""
    return _Ask(
        about,
        quoted,
        path,
        _filled(words.ask_for, found),
        words.reason,
        words.send,
        typed,
        words.no_reason if error else "",
    )


def _joined(found: Shown, token: str, *, typed: str = "", error: bool = False) -> Response:
    """The page of an accepted invitation. A member may have a seat, wait for one, or have none."""
    words = WORDS[found.language]
    then = {"seated": words.sign_in, "waiting": words.waits, "none": words.no_seat}.get(found.status or "")
    if then is None:
        return _page(found.language, words.accepted, _filled(words.away, found))
    lines = (_filled(words.joined_as, found), _filled(then, found))
    ask_ = None if found.status == "seated" else _asking(found, token, typed, error=error)
    status = HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK
    return _page(found.language, _filled(words.joined, found), *lines, status=status, ask=ask_)


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
    ask: _Ask | None = None,
) -> Response:
    style = Markup(_STYLE)  # noqa: S704 - a constant of this module
    html = _PAGES.get_template("invitation.html").render(
        language=language, title=title, lines=lines, button=button, note=note, style=style, ask=ask
    )
    return Response(html, status=int(status), headers=_HEADERS, content_type="text/html; charset=utf-8")
