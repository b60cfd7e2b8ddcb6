"""How many people do not use their seat. In a large organization, the daily work counts them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from scim_server.services.context import Context
from scim_server.store.database.session import Read, clock_in
from scim_server.store.rows import usage

IDLE_DAYS: Final = 30
MOST_COUNTED: Final = 10_000
"""Up to this number of people, a page counts them itself."""


@dataclass(frozen=True, slots=True)
class IdleCount:
    """How many people have a seat and have not signed in for 30 days.

    Attributes:
        people: the number; None if they have not been counted yet.
        at: when they were counted; None if they were counted now.
    """

    people: int | None
    at: str | None = None


def count(context: Context) -> IdleCount:
    """Count the idle people of a small organization now; of a large one, return the last count."""
    with context.read() as read:
        if not is_large(read):
            return IdleCount(_counted(context, read))
        stored = usage.stored_idle_count(read)
    return IdleCount(None) if stored is None else IdleCount(*stored)


def count_daily(context: Context) -> None:
    """Count the idle people of a large organization, and store the number."""
    with context.read() as read:
        number = _counted(context, read) if is_large(read) else None
    if number is not None:
        context.write(lambda write: usage.store_idle_count(write, number))


def is_large(read: Read) -> bool:
    """Whether counting takes too long for a page."""
    return clock_in(read).people > MOST_COUNTED


def _counted(context: Context, read: Read) -> int:
    return usage.idle_count(read, context.database.now() - timedelta(days=IDLE_DAYS))
