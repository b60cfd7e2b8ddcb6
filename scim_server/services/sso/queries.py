"""The identity provider of an organization, and sign-ins that begin."""

from dataclasses import dataclass

from scim_server.oidc.flow import Ticket
from scim_server.services import roles
from scim_server.services.console import visits
from scim_server.services.context import Context
from scim_server.services.sso import attempts, settings
from scim_server.services.sso.attempts import LIFETIME
from scim_server.store.database.session import Database, timestamp
from scim_server.store.rows import sessions, sso
from scim_server.store.rows.sso import Provider

__all__ = [
    "LIFETIME",
    "Begun",
    "Overview",
    "find",
    "offered",
    "overview",
    "start",
]


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that begins.

    Attributes:
        cookie: the content of the cookie that binds it to the browser.
    """

    provider: Provider
    ticket: Ticket
    cookie: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The provider with its use.

    Attributes:
        provider: None if the organization has none.
        open_sessions: how many open sessions began with it.
        may_change: whether the acting person may change it.
    """

    provider: Provider | None
    open_sessions: int
    may_change: bool


def offered(database: Database, slug: str) -> bool:
    """Whether people of this organization can sign in with a provider, by one statement."""
    return sso.offered(database, slug)


def start(context: Context, target: str, *, again: bool) -> Begun | None:
    """Begin a sign-in, which changes nothing here; None if the organization has no provider.

    Args:
        target: the page that opens afterwards, as a path inside the console of the organization.
        again: whether the person must sign in again at the provider.
    """
    with context.read() as read:
        provider = sso.get(read)
    if provider is None:
        return None
    attempt = attempts.start(target, context.database.now(), again=again)
    return Begun(provider, attempt.ticket, attempts.cookie(provider, attempt))


def find(context: Context) -> Provider:
    """The provider of the organization.

    Raises:
        NoProvider: there is none.
    """
    with context.read() as read:
        return settings.existing(read)


def overview(context: Context) -> Overview:
    """The provider of the organization, with its use."""
    at = timestamp(context.database.now())
    with context.read() as read:
        return Overview(
            sso.get(read),
            sessions.count_by_way(read, visits.BY_PROVIDER, at),
            roles.is_highest(read, context.actor.person),
        )
