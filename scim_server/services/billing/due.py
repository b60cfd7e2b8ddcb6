"""Due changes, applied at the beginning of every write (SEATS 36)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from scim_server.services.billing import renewal
from scim_server.services.holds import expire as expiry
from scim_server.services.holds.expire import CALENDAR
from scim_server.services.invoicing import due_dates as plans
from scim_server.services.notifications import thresholds as alerts
from scim_server.services.seats import ended_requests
from scim_server.store.database import clock
from scim_server.store.database.session import Database, Served, Write, timestamp
from scim_server.store.rows import contracts


def opened(  # noqa: PLR0913 - one for each property of a database
    url: str,
    *,
    pool_size: int = 10,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    creates: bool = True,
    prepared: bool = False,
    public_url: str = "",
    anew: bool = False,
    served: Served | None = None,
) -> Database:
    """Open the database for services. Each write applies due changes first, and records alerts last.

    Args:
        public_url: the beginning of every link in stored texts, without a slash at the end.
    """
    return Database(
        url,
        RULES,
        pool_size,
        now,
        creates,
        prepared,
        public_url=public_url,
        anew=anew,
        served=served,
    )


def apply_due(write: Write) -> None:
    """Expire invitations, and begin, renew or end the contract, according to the time of the write."""
    asked, write.actor = write.actor, CALENDAR
    plan = contracts.get(write)
    if plan is None:
        expiry.expire(write, write.at)
        plans.look_ahead(write)
    else:
        today = plan.contract.day(write.moment)
        plans.keep(write, plan)
        renewal.advance(write, plan, today)
    write.actor = asked


class _Rules:
    """The rules for every write of an organization."""

    def apply_due(self, write: Write) -> None:
        """Apply the due changes, before the work (SEATS 36)."""
        apply_due(write)

    def conclude(self, write: Write) -> None:
        """End requests for seats that the work has met, and notify Owners of thresholds (SEATS 33)."""
        ended_requests.end(write)
        alerts.conclude(write)


RULES: Final = _Rules()


def organizations_due(database: Database) -> list[str]:
    """The organizations with a due change."""
    with database.snapshot() as connection:
        return clock.due(connection, timestamp(database.now()))


def catch_up(database: Database, organization: str) -> None:
    """Apply the due changes of an organization now, before its next write."""
    database.write(organization, CALENDAR, lambda _write: None)
