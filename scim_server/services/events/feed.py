"""Parts of the feed and of one organization's history, for readers that keep their own places.

The feed has the events of all organizations; each has a position, and no position comes into view later than
a higher one. A reader that continues after the last position it has seen gets every event once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from scim_server.services.context import Context
from scim_server.store.database.session import Database
from scim_server.store.rows import feed
from scim_server.store.rows.feed import Appended, Place

SEARCHED: Final = 20_000
"""How many places one part searches at most for events of the wanted types."""
_GROWTH: Final = 8

Find = Callable[[int, int, int], list[Appended]]
"""Finds events after a place and up to another, of which there may be a maximum number."""


@dataclass(frozen=True, slots=True)
class Part:
    """Events in the order of their places.

    Attributes:
        before: the event at the place after which the part begins; None if there is none.
        through: the place up to which there are no other events of the wanted types.
        last: the event at that place; None if there is none.
        end: the last place that exists now.
    """

    events: tuple[Appended, ...]
    before: Place | None
    through: int
    last: Place | None
    end: int


def extend(database: Database) -> int:
    """Give positions to the events that have none; return how many transactions had appended them.

    Several processes may do this at the same time. Each takes what the others have left.
    """
    taken = 0
    while _has_marks(database):
        taken += (batch := database.write_unnumbered(feed.extend))
        if batch < feed.BATCH:
            break
    return taken


def _has_marks(database: Database) -> bool:
    with database.snapshot() as connection:
        return feed.has_marks(connection)


def mark_missed(database: Database) -> int:
    """Mark the organizations whose last events are not in the feed, although nothing marks them.

    During an upgrade, processes of the version before may append such events.
    """
    with database.snapshot() as connection:
        missed = feed.behind(connection)
    return database.write_unnumbered(feed.mark_behind) if missed else 0


def of_all(database: Database, after: int, types: Sequence[str], limit: int) -> Part:
    """The next events of all organizations after a position, including those that were just committed."""
    extend(database)
    with database.snapshot() as connection:
        end = feed.head(connection)

        def find(start: int, through: int, most: int) -> list[Appended]:
            return feed.between(connection, start, through, types, most)

        events, through = _search(find, after, end, limit)
        last = feed.place(connection, through) if through > after else None
        return Part(tuple(events), feed.place(connection, after), through, last, end)


def of_organization(context: Context, after: int, types: Sequence[str], limit: int) -> Part:
    """The next events of one organization after a number."""
    with context.read() as read:
        connection, organization = read.connection, read.organization
        end = feed.last_number(connection, organization)

        def find(start: int, through: int, most: int) -> list[Appended]:
            return feed.of_organization(connection, organization, start, through, types, most)

        events, through = _search(find, after, end, limit)
        last = feed.place_in(connection, organization, through) if through > after else None
        before = feed.place_in(connection, organization, after)
        return Part(tuple(events), before, through, last, end)


def has_more_of_all(database: Database, position: int) -> bool:
    """Whether events were committed that come after a position, by one statement."""
    with database.snapshot() as connection:
        return feed.has_more(connection, position)


def has_more_of_organization(database: Database, organization: str, number: int) -> bool:
    """Whether an organization has events after a number, by one statement."""
    with database.snapshot() as connection:
        return feed.last_number(connection, organization) > number


def end(context: Context) -> tuple[int, Place | None]:
    """The number of the last event of an organization, and this event."""
    with context.read() as read:
        number = feed.last_number(read.connection, read.organization)
        return number, feed.place_in(read.connection, read.organization, number)


def end_of_all(database: Database) -> tuple[int, Place | None]:
    """The last position of the feed, after everything that is committed now, and the event there."""
    extend(database)
    with database.snapshot() as connection:
        position = feed.head(connection)
        return position, feed.place(connection, position)


def _search(find: Find, after: int, end: int, limit: int) -> tuple[list[Appended], int]:
    """Search a growing number of places, until there are enough events or all places were searched.

    Returns:
        The events, and the place up to which everything was searched.
    """
    found: list[Appended] = []
    through, size = after, limit
    while len(found) < limit and through < min(end, after + SEARCHED):
        start, through = through, min(through + size, end, after + SEARCHED)
        found += find(start, through, limit - len(found))
        size *= _GROWTH
    if len(found) == limit:
        through = found[-1].position or found[-1].sequence
    return found, max(through, after)
