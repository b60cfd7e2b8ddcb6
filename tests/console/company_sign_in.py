"""Organizations whose people sign in with a provider, and their browsers."""

from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from scim_server.app import create_app
from scim_server.oidc.provider import Providers
from scim_server.services.context import Context
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.create import NewOrganization
from scim_server.services.sso import commands, queries
from scim_server.services.sso.commands import Given, Provider
from scim_server.store.database.session import OPERATOR, Database
from scim_server.store.tables import events, sessions
from tests.api.in_process import PUBLIC_URL, settings
from tests.console.visiting import OWNER, Place, Visit, new_slug
from tests.support.servers import oidc
from tests.support.servers.oidc import CLIENT, SECRET

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BEGIN = "/sso"
FAILED = "The company sign-in did not work"


_APPS: dict[tuple[str, frozenset[str]], Flask] = {}


def app_of(database: Database, hosts: frozenset[str]) -> Flask:
    """The application that may call these hosts; it is made once."""
    key = (database.url, hosts)
    if key not in _APPS:
        _APPS[key] = create_app(replace(settings(database.url), internal_hosts=hosts), database)
    return _APPS[key]


def place_of(database: Database, provider: oidc.Provider, *, secret: str | None = SECRET) -> Place:
    """An organization with free seats whose provider is this one, about which nothing is remembered."""
    hosts = frozenset({provider.host})
    app = app_of(database, hosts)
    app.extensions["providers"] = Providers(hosts)
    new = NewOrganization(new_slug(), {"standard": 9}, owner=OWNER)
    made = organizations.create(database, OPERATOR, new)
    place = Place(app, Context(database, made.organization.id, OPERATOR), new.slug, made.token.secret)
    commands.configure(place.context, Given(provider.url, CLIENT, secret), hosts)
    return place


def provider_of(place: Place) -> Provider:
    """The stored provider of an organization."""
    found = queries.overview(place.context).provider
    assert found is not None
    return found


def begun(visit: Visit, query: str = "") -> str:
    """The address at the provider to which a browser is sent."""
    answer = visit.client.get(f"{visit.place.base}{BEGIN}{query}")
    assert answer.status_code == 303
    return answer.headers["Location"]


def arrive(visit: Visit, address: str) -> Visit:
    """A browser that the provider sends back."""
    parts = urlsplit(address)
    assert address.startswith(f"{PUBLIC_URL}/")
    return visit.get(f"{parts.path}?{parts.query}")


def sign_in(visit: Visit, provider: oidc.Provider, query: str = "") -> Visit:
    """The whole way of a browser."""
    return arrive(visit, provider.sign_in(begun(visit, query)))


def ways(place: Place) -> list[tuple[str, str | None]]:
    """How each session of an organization began, and when the person last proved who it is."""
    query = select(sessions.c.way, sessions.c.authenticated).where(
        sessions.c.organization == place.context.organization
    )
    with place.context.read() as read:
        return [(way, when) for way, when in read.connection.execute(query)]


def signed_in_events(place: Place) -> int:
    """How many sign-ins the history has."""
    query = select(events.c.sequence).where(
        events.c.organization == place.context.organization, events.c.type == "console.signed_in"
    )
    with place.context.read() as read:
        return len(read.connection.execute(query).all())
