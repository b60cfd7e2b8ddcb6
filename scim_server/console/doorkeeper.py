"""Admits requests to the console, and answers those that fail. Everything is denied that is not declared."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Final

from flask import Response, g, request
from werkzeug.exceptions import BadRequest, HTTPException

from scim_server import bodies
from scim_server.console import pages
from scim_server.console.routes import PREFIX, Permission
from scim_server.console.visit import (
    CSRF_FIELD,
    Visit,
    cookie_name,
    from_here,
    gettext,
    offers_company_sign_in,
)
from scim_server.services.console import commands, queries
from scim_server.services.errors import NotFound, ServiceError
from scim_server.store.database.session import Database
from scim_server.store.errors import StoreUnavailable
from scim_server.telemetry import log

LARGEST_FORM: Final = 8 * 1024 * 1024
"""The largest form with its files, in bytes."""
_SAFE: Final = ("GET", "HEAD")


class NotSignedIn(Exception):
    """The request has no open session."""


class NotAllowed(Exception):
    """The role of the person does not allow the page or the action."""


class NotFresh(Exception):
    """The action spends money, and the last sign-in is too long ago."""


class Forged(Exception):
    """The form does not come from a page of this session."""


class Doorkeeper:
    """Decides about each request to the console before its view runs."""

    def __init__(self, database: Database, permissions: Mapping[str, Permission]) -> None:
        self._database = database
        self._permissions = permissions

    def admit(self) -> Visit | None:
        """The visit of the request; None on public pages.

        Raises:
            NotSignedIn, NotAllowed, NotFresh, Forged, BadRequest: the request is refused.
        """
        g.slug = _slug()
        _require_text([request.path, *request.args.values()])
        if request.method not in _SAFE and not from_here():
            raise Forged
        allows = self._permissions.get(request.endpoint or "")
        if allows is Permission.PUBLIC:
            if request.method not in _SAFE:
                bodies.admit_form(LARGEST_FORM)
                _require_text(request.form.values())
            return None
        found = self._visit(g.slug)
        if found is None:
            raise NotSignedIn
        g.visit = found
        if request.method not in _SAFE:
            bodies.know_caller()
            bodies.admit_form()
            _require_text(request.form.values())
            if not found.proves(request.form.get(CSRF_FIELD, "")):
                raise Forged
        if allows is not None and not allows.admits(found.role):
            raise NotAllowed
        if allows is Permission.SPENDING and not found.visitor.fresh:
            raise NotFresh
        commands.stamp_visit(self._database, found.visitor)
        return found

    def _visit(self, slug: str) -> Visit | None:
        secret = request.cookies.get(cookie_name(slug), "")
        visitor = queries.visitor(self._database, slug, secret) if secret else None
        return None if visitor is None else Visit(slug, visitor, secret, g.request_id, self._database)


def _require_text(values: Iterable[str]) -> None:
    """Refuse a NUL, which PostgreSQL cannot store or compare, in the address and in the fields of a form."""
    if any("\0" in value for value in values):
        raise BadRequest(gettext("The address or the form contains a character that is not text."))


def _slug() -> str:
    return request.path.removeprefix(PREFIX).partition("/")[0]


def respond(error: Exception) -> Response:
    """The page about a request that failed."""
    match error:
        case NotSignedIn():
            return _to_sign_in()
        case NotFresh():
            company = offers_company_sign_in()
            return pages.page("fresh.html", status=HTTPStatus.FORBIDDEN, company=company)
        case StoreUnavailable():
            log.error("database unavailable", cause=str(error))
            answer = _explained(error)
            answer.headers["Retry-After"] = "5"
            return answer
        case _:
            return _explained(error)


def _to_sign_in() -> Response:
    """Ask for a sign-in that leads back to the page."""
    here = request.full_path.rstrip("?").removeprefix(f"{PREFIX}{g.slug}")
    back = {"next": here} if request.method in _SAFE and here else {}
    return pages.go(g.slug, "/sign-in", **back)


def _explained(error: Exception) -> Response:
    status, title, why = _explanation(error)
    return pages.page("failed.html", status=status, title=title, why=why)


def _explanation(error: Exception) -> tuple[HTTPStatus, str, str]:
    """The status, the title and the sentence about a failure."""
    match error:
        case NotAllowed():
            status, title = HTTPStatus.FORBIDDEN, gettext("Your role does not allow this")
            why = gettext("Ask an Owner of your organization. Owners see billing and buy seats.")
        case Forged():
            status, title = HTTPStatus.FORBIDDEN, gettext("This form is no longer valid")
            why = gettext("Nothing was changed. Open the page again and repeat what you wanted to do.")
        case StoreUnavailable():
            status, title = HTTPStatus.SERVICE_UNAVAILABLE, gettext("Please try again in a moment")
            why = gettext("The server could not answer. No data was lost.")
        case NotFound() | HTTPException(code=HTTPStatus.NOT_FOUND | HTTPStatus.METHOD_NOT_ALLOWED):
            status, title = HTTPStatus.NOT_FOUND, gettext("There is no such page")
            why = gettext("The address may be mistyped, or what it showed no longer exists.")
        case ServiceError():
            status, title, why = HTTPStatus.CONFLICT, gettext("This was not possible"), sentence(error.detail)
        case HTTPException(code=int(code)):
            status, title, why = HTTPStatus(code), gettext("This was not possible"), error.description or ""
        case _:
            log.error("unexpected error", exc_info=error)
            status, title = HTTPStatus.INTERNAL_SERVER_ERROR, gettext("Something went wrong on our side")
            why = gettext(
                "Nothing was changed. The operator finds the cause by the number %(number)s.",
                number=g.request_id,
            )
    return status, title, why


def sentence(text: str) -> str:
    """A message of a service as a sentence."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
