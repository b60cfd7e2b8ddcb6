"""Signing in by a link that works once, signing out, sessions, and the language.

Opening a link spends nothing, because mail scanners open links too; its button signs in.
"""

from http import HTTPStatus

from flask import Response, g, request

from scim_server.console import pages
from scim_server.console.language import known
from scim_server.console.routes import Pages, Permission
from scim_server.console.visit import (
    behind_tls,
    context,
    cookie_name,
    database,
    gettext,
    language_of_request,
    offers_company_sign_in,
    unknown_visitor,
    visit,
)
from scim_server.services.console import commands, queries
from scim_server.services.console.commands import NewSession

sign_in = Pages("sign_in")


@sign_in.show("/sign-in", Permission.PUBLIC)
def ask() -> Response:
    """Ask for the address to which a link is sent."""
    target = pages.local(request.args.get("next", ""))
    return _page(None, target, signed_out="left" in request.args)


@sign_in.do("/sign-in", Permission.PUBLIC)
def send() -> Response:
    """Send a link, if the address is that of an Admin or Owner. The answer is the same in every case."""
    address = request.form.get("email", "").strip()
    here, target = unknown_visitor(), pages.local(request.form.get("next", ""))
    if here is not None and address:
        commands.mail_link(here, address, language_of_request(), target)
    return _page(address, target)


@sign_in.show("/sign-in/<secret>", Permission.PUBLIC)
def open_link(secret: str) -> Response:
    """Show the button that signs in. This spends nothing."""
    here = unknown_visitor()
    if here is None or not queries.open_link(here, secret):
        return _over()
    return pages.page("link.html", valid=True)


@sign_in.do("/sign-in/<secret>", Permission.PUBLIC)
def use_link(secret: str) -> Response:
    """Spend the link, and begin a session with a new secret."""
    here = unknown_visitor()
    browser = request.headers.get("User-Agent", "")
    new = None if here is None else commands.sign_in(here, secret, browser, language_of_request())
    if new is None:
        return _over()
    return entered(new)


def entered(new: NewSession) -> Response:
    """Give the browser the cookie of its new session, and open the first page."""
    answer = pages.go(g.slug, new.target)
    answer.set_cookie(
        cookie_name(g.slug), new.secret, httponly=True, secure=behind_tls(), samesite="Lax", path="/"
    )
    return answer


@sign_in.do("/sign-out", Permission.MEMBERS)
def sign_out() -> Response:
    """End this session."""
    commands.end_session(database(), visit().visitor, visit().visitor.session.id)
    answer = pages.go(g.slug, "/sign-in", left="1")
    answer.delete_cookie(cookie_name(g.slug), path="/", secure=behind_tls(), httponly=True, samesite="Lax")
    return answer


@sign_in.show("/sessions", Permission.MEMBERS)
def sessions() -> Response:
    """List the open sessions of the person."""
    found = queries.open_sessions(context(), visit().visitor.session.person)
    return pages.page("sessions.html", sessions=found, own=visit().visitor.session.id)


@sign_in.do("/sessions/end", Permission.MEMBERS)
def end_session() -> Response:
    """End another session of the person, or all."""
    own, id_ = visit().visitor.session.id, request.form.get("id") or None
    ended = commands.end_session(database(), visit().visitor, id_)
    if id_ in (None, own):
        return pages.go(g.slug, "/sign-in")
    if not ended:
        return pages.not_done(gettext("This session has already ended."), "/sessions")
    return pages.done(gettext("The session was ended."), "/sessions")


@sign_in.do("/language", Permission.MEMBERS)
def change_language() -> Response:
    """Choose the language of this session."""
    chosen = known(request.form.get("language", ""))
    commands.change_session(database(), visit().visitor, language=chosen)
    return pages.go(g.slug, request.form.get("next", ""))


def _page(sent: str | None, target: str, *, signed_out: bool = False) -> Response:
    """The page of the sign-in. It says nothing about people.

    Args:
        sent: the address to which a link was asked for.
    """
    company = offers_company_sign_in()
    return pages.page("sign_in.html", sent=sent, next=target, signed_out=signed_out, company=company)


def _over() -> Response:
    """The page of a link that does not work; it is the same for every reason."""
    return pages.page("link.html", status=HTTPStatus.NOT_FOUND, valid=False)
