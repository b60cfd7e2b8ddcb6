"""The visitor of a request, and lists of links and sessions."""

from scim_server.services.access.secrets import digest
from scim_server.services.console import visits
from scim_server.services.console.visits import Visitor
from scim_server.services.context import Context
from scim_server.store.database.session import Database, timestamp
from scim_server.store.rows import sessions
from scim_server.store.rows.sessions import Session

__all__ = [
    "Visitor",
    "open_link",
    "open_sessions",
    "visitor",
]


def visitor(database: Database, slug: str, secret: str) -> Visitor | None:
    """The person whose cookie has this secret, by one statement; None without a session that is open."""
    found = sessions.visitor(database, slug, digest(secret))
    return None if found is None else visits.of(found, database.now())


def open_link(context: Context, secret: str) -> bool:
    """Whether a sign-in link can still be used. Reading it spends nothing."""
    with context.read() as read:
        link = sessions.link(read, digest(secret))
    return link is not None and link.used is None and link.expires > timestamp(context.database.now())


def open_sessions(context: Context, person: str) -> list[Session]:
    """The open sessions of a person, newest first."""
    with context.read() as read:
        return sessions.of_person(read, person, timestamp(context.database.now()))
