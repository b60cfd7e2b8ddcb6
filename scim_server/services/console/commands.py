"""Creates and uses sign-in links, and changes and ends sessions."""

from collections.abc import Callable
from typing import TypeVar

from scim_server.services.console import links, visits
from scim_server.services.console.links import Entrant, NewLink
from scim_server.services.console.visits import NewSession, Visitor
from scim_server.services.context import Context
from scim_server.store.database.session import Database, Write, timestamp
from scim_server.store.rows import sessions

T = TypeVar("T")

__all__ = [
    "NewLink",
    "NewSession",
    "change_session",
    "create_link",
    "end_session",
    "mail_link",
    "sign_in",
    "stamp_visit",
]


def create_link(context: Context, name: str, target: str = "") -> NewLink:
    """Create a sign-in link for an Admin or Owner, or for an invited one. It works once within ten minutes.

    The first sign-in of an invited person accepts the invitation.

    Raises:
        NoConsoleAccess: nobody has this name, or the person may not use the console.
    """
    return _create(context, lambda write: links.add(write, links.vouched(write, name), target))


def mail_link(context: Context, address: str, language: str, target: str = "") -> None:
    """Send a sign-in link by mail to the only Admin or Owner who has proved this address.

    Nothing happens if there is no such person, or if the person got a link a moment ago. The caller cannot
    see the difference.
    """
    with context.read() as read:
        person = links.proved(read, address)
        last = None if person is None else sessions.last_link(read, person.id)
    now = context.database.now()
    if person is None or (last is not None and last > timestamp(now - links.PAUSE)):
        return

    def work(write: Write) -> None:
        still = links.proved(write, address)
        if still is not None:
            links.mail(write, links.add(write, Entrant.of(still), target), address, language)

    _create(context, work)


def _create(context: Context, work: Callable[[Write], T]) -> T:
    """Create a link. This changes no seats, so a renewal or another change that is due is left to others."""
    return context.database.write(context.organization, context.actor, work, due_first=False)


def sign_in(context: Context, secret: str, browser: str, language: str) -> NewSession | None:
    """Begin a session by a sign-in link.

    Returns:
        None if the link is unknown, used or expired, or if the person's access has ended.

    Raises:
        CannotAcceptNow: the link is for an invited person, and the invitation cannot be accepted now.
    """

    def work(write: Write) -> NewSession | None:
        link = links.spend(write, secret)
        person = None if link is None else links.entering(write, link)
        if link is None or person is None:
            return None
        entering = visits.Entering(person, visits.BY_LINK, write.at, browser, language)
        return visits.open_session(write, entering, link.target)

    return context.write(work)


def stamp_visit(database: Database, visitor: Visitor) -> None:
    """Record the use of a session, at most once a minute, outside the history."""
    now = database.now()
    if visitor.session.last_used < timestamp(now - visits.USED_EVERY):
        change_session(database, visitor, last_used=timestamp(now))


def change_session(database: Database, visitor: Visitor, **values: object) -> None:
    """Change what a session remembers for its pages, such as the language and the notice."""
    organization, id_ = visitor.organization, visitor.session.id
    database.write_unnumbered(lambda connection: sessions.change(connection, organization, id_, **values))


def end_session(database: Database, visitor: Visitor, id_: str | None) -> int:
    """End one session of the visitor, or all of them; return how many have ended."""
    organization, person = visitor.organization, visitor.session.person
    return database.write_unnumbered(lambda connection: sessions.end(connection, organization, person, id_))
