"""Admits requests to /v1: the key, its scope and its organization. What is not declared is denied."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from flask import current_app, g, request

from scim_server import bearer
from scim_server.admin.problems import Problem
from scim_server.config import Config
from scim_server.services.access import commands, queries
from scim_server.services.context import Context
from scim_server.services.errors import UnknownOrganization
from scim_server.services.organizations.queries import look_up
from scim_server.services.people import queries as people
from scim_server.store.database.session import Actor, Database
from scim_server.store.rows.api_keys import ApiKey
from scim_server.store.rows.organizations import Organization
from seat_policy.ways_in import WayIn

if TYPE_CHECKING:
    from scim_server.admin.routes import Call

EVERYWHERE: Final = ""
"""A secret of a key is looked up without a place."""


class Keyholder:
    """Decides about each request to /v1 before its view runs."""

    def __init__(self, database: Database, calls: "Mapping[str, Call]") -> None:
        self._database = database
        self._calls = calls
        self._keys = bearer.Remembered(lambda _, secret: self._look_up(secret))

    def holder(self) -> ApiKey:
        """The key of the request.

        Raises:
            Problem: 401, with the same text for every reason.
        """
        secret = bearer.secret_of(request.headers.getlist("Authorization"))
        key = None if secret is None else self._keys.owner(EVERYWHERE, secret)
        if key is None:
            raise Problem("unauthenticated", "Send an active API key as a Bearer token.")
        g.holder, g.secret = key, secret
        return key

    def admit(self, key: ApiKey) -> None:
        """Check that the key allows the call. The body is not read before.

        Raises:
            Problem: 403 if the key does not allow the call; 404 if the address is not text.
            UnknownOrganization: the organization does not exist, or the key is for another one.
        """
        if "\0" in request.path:
            raise Problem("not_found", "The path contains a character that is not text.")
        call = self._calls.get(request.endpoint or "")
        if call is not None:
            self._require(key, call)

    def _require(self, key: ApiKey, call: "Call") -> None:
        if call.scope not in key.scopes:
            raise Problem("scope_missing", f"This key lacks the scope '{call.scope}'.")
        if call.names_organization:
            g.organization = self._organization(key, g.slug)
        elif key.organization is not None and not call.bound:
            raise Problem(
                "key_bound", f"This key is for the organization '{key.organization}' alone. Use another key."
            )

    def _organization(self, key: ApiKey, slug: str) -> Organization:
        """The organization in the address. For a key of one organization, all others do not exist."""
        found = None if key.organization not in (None, slug) else look_up(self._database, slug)
        if found is None:
            raise UnknownOrganization(f"the organization '{slug[:63]}' does not exist")
        return found

    def _look_up(self, secret: str) -> ApiKey | None:
        key = queries.live_api_key(self._database, secret)
        if key is not None:
            commands.stamp_api_key(self._database, key)
        return key


def database() -> Database:
    """The database of the request."""
    found: Database = g.get("database") or current_app.extensions["database"]
    return found


def config() -> Config:
    """The settings of the server."""
    found: Config = current_app.extensions["config"]
    return found


def organization() -> Organization:
    """The organization in the address."""
    found: Organization = g.organization
    return found


def enter(slug: str) -> None:
    """Let the request be about the only organization of its key.

    Raises:
        UnknownOrganization: the organization does not exist any more.
    """
    found = look_up(database(), slug)
    if found is None:
        raise UnknownOrganization(f"the organization '{slug[:63]}' does not exist")
    g.organization = found


def bound_to() -> str | None:
    """The slug of the only organization of the key; None if the key is for all."""
    only: str | None = g.holder.organization
    return only


def actor(way_in: WayIn = WayIn.API) -> Actor:
    """The key of the request, as the actor of changes."""
    return Actor(g.holder.name, way_in, g.request_id)


def context(way_in: WayIn = WayIn.API, *, owner: str | None = None) -> Context:
    """The organization in the address, and the actor.

    Args:
        owner: the id or userName of the Owner for whom the app acts; None if the app acts for the vendor.

    Raises:
        UnknownPerson, AmbiguousPerson: the name does not identify one person.
        RoleTooLow: the person is not an Owner with access.
    """
    place = Context(database(), organization().id, actor(way_in))
    if owner is None:
        return place
    acting = people.acting_owner(place, owner)
    return Context(database(), place.organization, Actor(acting.user_name, way_in, g.request_id, acting.id))
