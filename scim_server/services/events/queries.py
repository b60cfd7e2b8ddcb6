"""Reads events after a cursor: of one organization, or of all."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from scim_server.history import CATALOGUE
from scim_server.services.context import Context
from scim_server.services.events import cursors, feed
from scim_server.services.events.cursors import BEGINNING, FEED
from scim_server.services.events.feed import Part
from scim_server.services.events.snapshot import Closing, MembersOf, Opening
from scim_server.services.events.snapshot import Part as SnapshotPart
from scim_server.services.events.snapshot import take as snapshot
from scim_server.services.lists import Reference
from scim_server.store.database.session import Database
from scim_server.store.rows.feed import Appended
from scim_server.store.rows.groups import StoredGroup
from scim_server.store.rows.people import Person
from seat_policy.availability import TierSeats

__all__ = [
    "PUBLIC",
    "Appended",
    "Closing",
    "Events",
    "MembersOf",
    "Opening",
    "Part",
    "Person",
    "Reference",
    "SnapshotPart",
    "StoredGroup",
    "TierSeats",
    "after",
    "after_of_all",
    "end",
    "end_of_all",
    "reference",
    "snapshot",
]

PUBLIC: Final = tuple(event.type for event in CATALOGUE.values() if event.public)
"""The types of events that programs may read."""
AT_ONCE: Final = 200
"""How many events one answer has at most."""
MOST_SECONDS: Final = 30
"""How long an answer may wait for an event."""
LOOKS_EVERY: Final = 0.25
"""Seconds between two looks for new events; each look is one statement."""

Pause = Callable[[float], bool]
"""Waits for some seconds; returns whether the program must end now."""


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False


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
    context: Context,
    cursor: str | None = None,
    *,
    types: Sequence[str] = PUBLIC,
    limit: int = AT_ONCE,
    wait: float = 0,
    pause: Pause = _sleep,
) -> Events:
    """The next public events of an organization.

    Args:
        cursor: where an earlier answer ended; None for the beginning of the history.
        types: only events of these types.
        wait: how many seconds to wait for the first event; meanwhile no connection is in use.
        pause: waits for some seconds, and returns whether the wait must end.

    Raises:
        InvalidCursor: the text is not a cursor of this list.
        CursorLost: the history no longer has the events up to the cursor.
    """
    of, database = context.organization, context.database
    return _follow(
        of,
        cursor,
        lambda start: feed.of_organization(context, start, types, limit),
        lambda place: feed.has_more_of_organization(database, of, place),
        (wait, pause),
    )


def after_of_all(
    database: Database,
    cursor: str | None = None,
    *,
    types: Sequence[str] = PUBLIC,
    limit: int = AT_ONCE,
    wait: float = 0,
    pause: Pause = _sleep,
) -> Events:
    """The next public events of all organizations, with everything that was committed before.

    Args:
        cursor: where an earlier answer ended; None for the beginning of the feed.
        types: only events of these types.
        wait: how many seconds to wait for the first event; meanwhile no connection is in use.
        pause: waits for some seconds, and returns whether the wait must end.

    Raises:
        InvalidCursor: the text is not a cursor of this list.
        CursorLost: the history no longer has the events up to the cursor.
    """
    return _follow(
        FEED,
        cursor,
        lambda start: feed.of_all(database, start, types, limit),
        lambda place: feed.has_more_of_all(database, place),
        (wait, pause),
    )


def _follow(
    of: str,
    cursor: str | None,
    read: Callable[[int], Part],
    grows: Callable[[int], bool],
    waits: tuple[float, Pause],
) -> Events:
    """Read a list after a cursor; while there is nothing, look again until the time is over."""
    start = BEGINNING if cursor is None else cursors.unseal(of, cursor)
    until, pause = time.monotonic() + waits[0], waits[1]
    part = read(start.at)
    cursors.check(start, part.before, part.end)
    while not part.events and part.through >= part.end and time.monotonic() + LOOKS_EVERY < until:
        if pause(LOOKS_EVERY):
            break
        if grows(part.through) and (later := read(part.through)).through > part.through:
            part = later
    unmoved = cursor if part.through == start.at else None
    return Events(part.events, unmoved or cursors.seal(of, part.through, part.last), part.through < part.end)


def end(context: Context) -> str:
    """The cursor after all events that an organization has now."""
    return cursors.seal(context.organization, *feed.end(context))


def end_of_all(database: Database) -> str:
    """The cursor after all events that are committed now."""
    return cursors.seal(FEED, *feed.end_of_all(database))


def reference(one: Appended) -> Reference:
    """The reference of an event, such as `acme-12`."""
    return Reference(one.slug, one.sequence)
