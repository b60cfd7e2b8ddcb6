"""Queries of the audit log, in pages and as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from scim_server.history import CATALOGUE
from scim_server.services.context import Context
from scim_server.services.lists import SHEET, Reference
from scim_server.store.rows import audit, organizations
from scim_server.store.rows.audit import Recorded, Wanted

__all__ = ["REMOVED", "TYPES", "AuditPage", "Reference", "every", "page", "shown"]

TYPES: Final = tuple(sorted(CATALOGUE))
"""The types of events by which the log can be filtered."""
_AT_ONCE: Final = 1_000
_SECRETS: Final = ("password", "secret", "digest", "nonce", "client_secret")
REMOVED: Final = "***"


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A page of the audit log.

    Attributes:
        total: the number of all events, without regard to filters.
        older: the cursor of the next page; None at the end of the log.
        searched: false if the page ends before the log because no more events were searched.
        narrow: whether so many people match the filter that only some of them were searched.
    """

    slug: str
    data: tuple[Recorded, ...]
    total: int
    older: int | None
    searched: bool
    narrow: bool = False

    def reference(self, one: Recorded) -> Reference:
        """The reference of an event, such as `acme-12`."""
        return Reference(self.slug, one.sequence)


def page(context: Context, wanted: Wanted, *, before: int | None = None) -> AuditPage:
    """A page of the events that the filters admit, newest first.

    Args:
        before: the cursor at which the previous page ended.
    """
    with context.read() as read:
        found = audit.part(read, wanted, before=before, limit=SHEET)
        slug, total = organizations.get(read).slug, audit.last_number(read)
    return AuditPage(slug, found.events, total, found.older, found.searched, found.narrow)


def every(context: Context, wanted: Wanted) -> Iterator[tuple[Reference, Recorded]]:
    """All events that match the filters, newest first.

    The log is read part by part, each in its own short transaction, so that a long download holds nothing.
    Events that are appended meanwhile are left out.
    """
    before: int | None = None
    while True:
        with context.read() as read:
            slug = organizations.get(read).slug
            found = audit.part(read, wanted, before=before, limit=_AT_ONCE)
        yield from ((Reference(slug, one.sequence), one) for one in found.events)
        if found.older is None:
            return
        before = found.older


def shown(value: object, name: str = "") -> object:
    """A value of an event without secrets."""
    if any(part in name.lower() for part in _SECRETS):
        return REMOVED
    if isinstance(value, dict):
        return {key: shown(one, str(key)) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [shown(one) for one in value]
    return value
