"""Who calls /v1: every address needs a living key with the scope of what is asked."""

import re
import time
from http import HTTPStatus
from typing import Final

from flask import current_app, g

from scim_server.admin.problems import Problem
from scim_server.services.access import api_keys
from scim_server.services.access.tokens import digest
from scim_server.services.context import Context
from scim_server.services.organizations.settings import look_up
from scim_server.store.database.session import Actor, Database
from scim_server.store.rows.api_keys import ApiKey
from scim_server.store.rows.organizations import Organization

CACHE_SECONDS: Final = 0.9
"""A revoked key is refused by every worker within one second."""
SIGN_IN: Final = "jit"
"""The way in of sign-ins."""
_CACHE_SIZE: Final = 1_000
_BEARER: Final = re.compile(r"bearer +([A-Za-z0-9_\-.~+/=]+) *", re.IGNORECASE)


class Keyholder:
    """Finds the key of a request, remembering for less than a second which it found."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[str, tuple[float, ApiKey]] = {}

    def holder(self, authorizations: list[str]) -> ApiKey:
        """The key that the caller proved.

        Args:
            authorizations: every Authorization header of the request.

        Raises:
            Problem: 401, the same whatever is wrong.
        """
        bearer = _BEARER.fullmatch(authorizations[0]) if len(authorizations) == 1 else None
        if bearer is None:
            raise _unauthenticated()
        name, now = digest(bearer[1]), time.monotonic()
        known = self._seen.get(name)
        if known is not None and now - known[0] < CACHE_SECONDS:
            return known[1]
        key = api_keys.find(self._database, bearer[1])
        if key is None:
            raise _unauthenticated()
        if len(self._seen) >= _CACHE_SIZE:
            self._seen.clear()
        self._seen[name] = (now, key)
        return key


def _unauthenticated() -> Problem:
    return Problem(HTTPStatus.UNAUTHORIZED, "unauthenticated", "Send a living API key as a Bearer token.")


def require(scope: str) -> None:
    """Refuse a key without a scope.

    Raises:
        Problem: 403.
    """
    if scope not in g.holder.scopes:
        raise Problem(HTTPStatus.FORBIDDEN, "scope_missing", f"This key lacks the scope '{scope}'.")


def database() -> Database:
    """The application's database."""
    found: Database = current_app.extensions["database"]
    return found


def organization(slug: str) -> Organization:
    """The organization with a slug.

    Raises:
        Problem: 404.
    """
    found = look_up(database(), slug)
    if found is None:
        raise Problem(
            HTTPStatus.NOT_FOUND, "organization_unknown", f"There is no organization '{slug[:63]}'."
        )
    return found


def context(slug: str) -> Context:
    """The organization with a slug, and the key that asks.

    Raises:
        Problem: 404.
    """
    return Context(database(), organization(slug).id, Actor(g.holder.name, SIGN_IN, g.request_id))
