"""Organizations whose people sign in with a provider, and their browsers."""

from dataclasses import replace
from urllib.parse import urlsplit

from sqlalchemy import select

from scim_server.services.organizations.create import NewOrganization
from scim_server.services.sso import commands, queries
from scim_server.services.sso.commands import Given, Provider
from scim_server.store.database.session import Database
from scim_server.store.tables import events, sessions
from tests.api.in_process import PUBLIC_URL, settings
from tests.console.visiting import OWNER, Place, Visit, founded, new_slug
from tests.support.servers import oidc
from tests.support.servers.oidc import CLIENT, SECRET

BEGIN = "/sso"
FAILED = "The company sign-in did not work"


def place_of(database: Database, provider: oidc.Provider, *, secret: str | None = SECRET) -> Place:
    """An organization with free seats whose provider is this one."""
    config = replace(settings(database.url), internal_hosts=frozenset({provider.host}))
    place = founded(database, NewOrganization(new_slug(), {"standard": 9}, owner=OWNER), config)
    commands.configure(place.context, Given(provider.url, CLIENT, secret), {provider.host})
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
