"""Authentication of /v1: every address needs an active key that has the scope of the request."""

from http import HTTPStatus
from typing import Final

from flask import current_app, g

from scim_server import bearer
from scim_server.admin.problems import Problem
from scim_server.services.access import queries
from scim_server.services.context import Context
from scim_server.services.organizations.queries import look_up
from scim_server.store.database.session import Actor, Database
from scim_server.store.rows.api_keys import ApiKey
from scim_server.store.rows.organizations import Organization
from seat_policy.ways_in import WayIn

EVERYWHERE: Final = ""
"""A key gives access to /v1 for all organizations."""


class Keyholder:
    """Finds the owner of the key in a request to /v1."""

    def __init__(self, database: Database) -> None:
        self._keys = bearer.Remembered(lambda _, secret: queries.live_api_key(database, secret))

    def holder(self, authorizations: list[str]) -> ApiKey:
        """The key of the request, after authentication.

        Args:
            authorizations: every Authorization header of the request.

        Raises:
            Problem: 401, with the same text for every reason.
        """
        secret = bearer.secret_of(authorizations)
        key = None if secret is None else self._keys.owner(EVERYWHERE, secret)
        if key is None:
            raise _unauthenticated()
        return key


def _unauthenticated() -> Problem:
    return Problem(HTTPStatus.UNAUTHORIZED, "unauthenticated", "Send an active API key as a Bearer token.")


def require(scope: str) -> None:
    """Refuse a key that does not have a scope.

    Raises:
        Problem: 403.
    """
    if scope not in g.holder.scopes:
        raise Problem(HTTPStatus.FORBIDDEN, "scope_missing", f"This key lacks the scope '{scope}'.")


def database() -> Database:
    """The database of the application."""
    found: Database = current_app.extensions["database"]
    return found


def organization(slug: str) -> Organization:
    """The organization with the given slug.

    Raises:
        Problem: 404.
    """
    found = look_up(database(), slug)
    if found is None:
        raise Problem(
            HTTPStatus.NOT_FOUND, "organization_unknown", f"The organization '{slug[:63]}' does not exist."
        )
    return found


def context(slug: str) -> Context:
    """The organization with the given slug, and the key of the request.

    Raises:
        Problem: 404.
    """
    return Context(database(), organization(slug).id, Actor(g.holder.name, WayIn.JIT, g.request_id))
