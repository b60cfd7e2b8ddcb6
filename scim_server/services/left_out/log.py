"""Who was left out and why, and letting them in."""

from datetime import datetime
from typing import Final

from scim_server.history import (
    PersonActivated,
    PersonCreated,
    PersonDeleted,
    PersonDeprovisioned,
    PersonDismissed,
    PersonMoved,
    PersonPrioritised,
    PersonPromoted,
    PersonProvisioned,
    PersonQueued,
    PersonRejected,
    PersonRequeued,
    PersonRestored,
    PersonRoleChanged,
    PersonRoleKept,
    PersonTierRefused,
    PersonUnassigned,
    PersonUpdated,
    PersonWaitEnded,
)
from scim_server.store.database.session import Database, timestamp
from scim_server.store.rows import events
from scim_server.store.rows.events import Entry

_EVENTS: Final = {
    event.outcome(): event
    for event in (
        PersonProvisioned,
        PersonQueued,
        PersonRejected,
        PersonPromoted,
        PersonMoved,
        PersonUnassigned,
        PersonTierRefused,
        PersonRequeued,
        PersonPrioritised,
        PersonWaitEnded,
        PersonRoleChanged,
        PersonRoleKept,
        PersonDismissed,
        PersonActivated,
        PersonDeprovisioned,
        PersonRestored,
        PersonDeleted,
        PersonUpdated,
        PersonCreated,
    )
}
OUTCOMES: Final = tuple(_EVENTS)
"""What may have become of a person, as the log filters by it."""


def entries(  # noqa: PLR0913 - each argument is one of the log's filters
    database: Database,
    organization: str,
    *,
    outcome: str | None = None,
    since: datetime | None = None,
    before: int | None = None,
    only_open: bool = False,
    limit: int = 100,
) -> list[Entry]:
    """Entries of the provisioning log, newest first; `before` is the number after which a page ended."""
    with database.read(organization) as read:
        return events.log(
            read,
            type_=None if outcome is None else _EVENTS[outcome].type,
            since=None if since is None else timestamp(since),
            before=before,
            only_open=only_open,
            limit=limit,
        )
