"""The visit of a request: the organization, the person, the language, and the proof that a form is ours."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

from babel.support import NullTranslations
from flask import current_app, g, request
from flask import session as form_session
from flask.sessions import SessionInterface, SessionMixin
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms import ValidationError

from scim_server.config import Config
from scim_server.console import language
from scim_server.oidc.provider import Providers
from scim_server.services.console import queries
from scim_server.services.console.queries import Visitor
from scim_server.services.context import Context
from scim_server.services.organizations import queries as organizations
from scim_server.services.sso import queries as sso
from scim_server.store.database.session import Actor, Database
from seat_policy.roles import Role
from seat_policy.ways_in import WayIn

CSRF_FIELD: Final = "csrf_token"
_VISITOR: Final = "visitor"
"""The actor of a sign-in, before it is known who signs in."""


@dataclass(frozen=True)
class Visit:
    """A request of a signed-in person.

    Attributes:
        secret: the secret of the cookie.
    """

    slug: str
    visitor: Visitor
    secret: str
    request_id: str
    database: Database

    @property
    def role(self) -> Role:
        """The role of the person at this moment."""
        return self.visitor.role

    @property
    def language(self) -> str:
        """The language of the pages."""
        return language.known(self.visitor.session.language)

    @cached_property
    def context(self) -> Context:
        """The organization, with the person as the actor."""
        actor = Actor(self.visitor.user_name, WayIn.CONSOLE, self.request_id, self.visitor.session.person)
        return Context(self.database, self.visitor.organization, actor)

    @property
    def _key(self) -> str:
        """The key that signs the forms of this session. It ends with the session."""
        return hashlib.sha256(f"forms {self.secret}".encode()).hexdigest()

    def csrf(self) -> str:
        """The token that proves that a form comes from a page of this session."""
        form_session[CSRF_FIELD] = self._key
        token: str = generate_csrf(secret_key=self._key, token_key=CSRF_FIELD)
        return token

    def proves(self, token: str) -> bool:
        """Whether a token is from a page of this session."""
        form_session[CSRF_FIELD] = self._key
        try:
            # The session ends after 12 hours, and its forms with it.
            validate_csrf(token, secret_key=self._key, time_limit=None, token_key=CSRF_FIELD)
        except ValidationError:
            return False
        return True


class _InMemory(dict[str, Any], SessionMixin):
    """The session of Flask, which holds only the token of the forms of this request."""


class NoCookieSession(SessionInterface):
    """Flask writes no cookie of its own: sessions of the console are rows of the database."""

    def open_session(self, app: object, request: object) -> _InMemory:  # noqa: ARG002 - Flask's own signature
        """An empty session."""
        return _InMemory()

    def save_session(self, app: object, session: SessionMixin, response: object) -> None:
        """Nothing is kept."""


def visit() -> Visit:
    """The visit of this request."""
    found: Visit = g.visit
    return found


def read_again() -> None:
    """Read the visitor again, so that the page shows the numbers after a change."""
    before = visit()
    visitor = queries.visitor(before.database, before.slug, before.secret)
    if visitor is not None:
        g.visit = replace(before, visitor=visitor)


def context() -> Context:
    """The organization and the actor of this request."""
    return visit().context


def database() -> Database:
    """The database of the server."""
    found: Database = current_app.extensions["database"]
    return found


def config() -> Config:
    """The settings of the server."""
    found: Config = current_app.extensions["config"]
    return found


def providers() -> Providers:
    """The identity providers with which people sign in."""
    found: Providers = current_app.extensions["providers"]
    return found


def offers_company_sign_in() -> bool:
    """Whether people of the organization of the address can sign in with its provider."""
    return sso.offered(database(), g.slug)


def unknown_visitor() -> Context | None:
    """The organization of the address, before it is known who signs in; None if there is none."""
    found = organizations.look_up(database(), g.slug)
    actor = Actor(_VISITOR, WayIn.CONSOLE, g.request_id)
    return None if found is None else Context(database(), found.id, actor)


def words() -> NullTranslations:
    """The messages in the language of this request."""
    return language.translations(language_of_request())


def translated(message: str) -> str:
    """A message in the language of this request, without its values."""
    found: str = words().gettext(message)
    return found


def translated_plural(one: str, several: str, count: int) -> str:
    """The form of a message for a number, in the language of this request, without its values."""
    found: str = words().ngettext(one, several, count)
    return found


def gettext(message: str, **values: object) -> str:
    """A message in the language of this request, with its values."""
    return translated(message) % values if values else translated(message)


def ngettext(one: str, several: str, count: int, **values: object) -> str:
    """The form of a message for a number, in the language of this request, with its values."""
    return translated_plural(one, several, count) % values


def forms(one: str, several: str) -> tuple[str, str]:
    """Mark the two forms of a message, which is translated later by `ngettext`."""
    return one, several


def public_path() -> str:
    """The path under which people reach this server, without a slash at the end; usually empty."""
    return urlsplit(config().public_url).path.rstrip("/")


def cookie_name(slug: str) -> str:
    """The name of the cookie of an organization. Behind TLS, the browser accepts it from this host only."""
    return f"{'__Host-' if behind_tls() else ''}scim-seats-{slug}"


def sso_cookie_name(slug: str) -> str:
    """The name of the cookie of a sign-in with the provider of an organization."""
    return f"{'__Host-' if behind_tls() else ''}scim-seats-sso-{slug}"


def behind_tls() -> bool:
    """Whether people reach this server by HTTPS."""
    return config().public_url.startswith("https://")


def from_here() -> bool:
    """Whether the request comes from a page of this server (protection against CSRF)."""
    if request.headers.get("Sec-Fetch-Site") == "same-origin":
        return True
    public = urlsplit(config().public_url)
    return request.headers.get("Origin") == f"{public.scheme}://{public.netloc}"


def language_of_request() -> str:
    """The language of the signed-in person, or the one that the browser prefers."""
    signed_in: Visit | None = g.get("visit")
    return language.of_browser() if signed_in is None else signed_in.language
