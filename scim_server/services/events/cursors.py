"""Cursors of events. They never expire, and show whether the history is still the one that was read.

A cursor contains a place (a number of an organization, or a position in the feed) and a digest of the event
there. After a database was restored from a backup, new events get the places of lost ones. Such a cursor is
recognized, because the event at its place is another one.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

from scim_server.services.errors import CursorLost, InvalidCursor
from scim_server.store.rows.feed import Place

_DIGITS: Final = 18
_FOREIGN: Final = (
    "The cursor was not issued for this list of events. Begin without a cursor, or with a snapshot."
)
_LOST: Final = (
    "The history was restored from a backup and no longer has the events up to this cursor. Take a snapshot "
    "and continue after it."
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place after which a list continues.

    Attributes:
        at: the number or the position; 0 for the beginning.
        digest: of the event at this place; empty if there was none.
    """

    at: int
    digest: str


BEGINNING: Final = Cursor(0, "")
FEED: Final = ""
"""The list of the events of all organizations. Every other list is called by its organization's id."""


def seal(of: str, at: int, place: Place | None) -> str:
    """The text of a cursor, in unreserved URL characters only."""
    text = f"{_named(of)}.{at}.{'' if place is None else _identified(place)}"
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def unseal(of: str, text: str) -> Cursor:
    """Read a cursor.

    Raises:
        InvalidCursor: the text is not a cursor of this list.
    """
    try:
        named, at, digest = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").split(".")
    except ValueError:
        raise InvalidCursor(_FOREIGN) from None
    if named != _named(of) or not at.isdecimal() or len(at) > _DIGITS:
        raise InvalidCursor(_FOREIGN)
    return Cursor(int(at), digest)


def check(cursor: Cursor, place: Place | None, end: int) -> None:
    """Check that the history still has the events up to a cursor.

    Args:
        place: the event that is now at the place of the cursor; None if there is none.
        end: the last place of the list.

    Raises:
        CursorLost: these events were lost.
    """
    changed = place is not None and cursor.digest not in ("", _identified(place))
    if cursor.at > end or changed:
        raise CursorLost(_LOST)


def _named(of: str) -> str:
    return _digest(of) if of else "all"


def _identified(place: Place) -> str:
    return _digest(f"{place.organization} {place.sequence} {place.at}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
