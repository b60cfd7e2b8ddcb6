"""Who was left out and why, and letting them in."""

from datetime import datetime

from scim_server.store.database.session import Database, timestamp
from scim_server.store.rows import events
from scim_server.store.rows.events import Entry

OUTCOMES = (
    "provisioned",
    "queued",
    "rejected",
    "promoted",
    "moved",
    "unassigned",
    "tier_refused",
    "requeued",
    "prioritised",
    "wait_ended",
    "role_changed",
    "role_kept",
    "dismissed",
    "activated",
    "deprovisioned",
    "deleted",
    "updated",
    "created",
)


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
            type_=None if outcome is None else f"person.{outcome}",
            since=None if since is None else timestamp(since),
            before=before,
            only_open=only_open,
            limit=limit,
        )
