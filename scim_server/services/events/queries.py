"""Reads events after a cursor: of one organization, or of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scim_server.history import CATALOGUE
from scim_server.services.context import Context
from scim_server.services.events import cursors, feed
from scim_server.services.events.cursors import BEGINNING, FEED
from scim_server.services.events.feed import Part
from scim_server.store.database.session import Database
from scim_server.store.rows.feed import Appended

__all__ = ["PUBLIC", "Events", "Part", "after", "after_of_all", "end", "end_of_all"]

PUBLIC: Final = tuple(event.type for event in CATALOGUE.values() if event.public)
"""The types of events that programs may read."""
AT_ONCE: Final = 200
"""How many events one answer has at most."""


@dataclass(frozen=True, slots=True)
class Events:
    """Events in order.

    Attributes:
        cursor: continues after these events; it is also given if there are none.
        more: whether further events exist now.
    """

    data: tuple[Appended, ...]
    cursor: str
    more: bool


def after(
    context: Context, cursor: str | None = None, *, types: Sequence[str] = PUBLIC, limit: int = AT_ONCE
) -> Events:
    """The next public events of an organization.

    Args:
        cursor: where an earlier answer ended; None for the beginning of the history.
        types: only events of these types.

    Raises:
        InvalidCursor: the text is not a cursor of this list.
        CursorLost: the history no longer has the events up to the cursor.
    """
    start = BEGINNING if cursor is None else cursors.unseal(context.organization, cursor)
    part = feed.of_organization(context, start.at, types, limit)
    cursors.check(start, part.before, part.end)
    return _events(part, start.at, context.organization, cursor)


def after_of_all(
    database: Database, cursor: str | None = None, *, types: Sequence[str] = PUBLIC, limit: int = AT_ONCE
) -> Events:
    """The next public events of all organizations, with everything that was committed before.

    Args:
        cursor: where an earlier answer ended; None for the beginning of the feed.
        types: only events of these types.

    Raises:
        InvalidCursor: the text is not a cursor of this list.
        CursorLost: the history no longer has the events up to the cursor.
    """
    start = BEGINNING if cursor is None else cursors.unseal(FEED, cursor)
    part = feed.of_all(database, start.at, types, limit)
    cursors.check(start, part.before, part.end)
    return _events(part, start.at, FEED, cursor)


def end(context: Context) -> str:
    """The cursor after all events that an organization has now."""
    return cursors.seal(context.organization, *feed.end(context))


def end_of_all(database: Database) -> str:
    """The cursor after all events that are committed now."""
    return cursors.seal(FEED, *feed.end_of_all(database))


def _events(part: Part, start: int, of: str, cursor: str | None) -> Events:
    unmoved = cursor if part.through == start else None
    return Events(part.events, unmoved or cursors.seal(of, part.through, part.last), part.through < part.end)
