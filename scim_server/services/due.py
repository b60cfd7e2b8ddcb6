"""What time alone changes, applied at the head of every write (SEATS 36)."""

from collections.abc import Callable
from datetime import UTC, datetime

from scim_server.services import alerts, plans, renewal
from scim_server.store import contracts
from scim_server.store.session import Actor, Database, Write

CALENDAR = Actor("calendar", "worker")
"""Who did what nobody asked for at that moment."""


def opened(
    url: str, *, pool_size: int = 10, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Database:
    """The database as services use it: with what is due applied first, and what follows told last."""
    return Database(url, pool_size, now, apply_due, alerts.conclude)


def apply_due(write: Write) -> None:
    """Begin the contract, renew it, or end it, as the moment of the write asks."""
    asked, write.actor = write.actor, CALENDAR
    plan = contracts.get(write)
    if plan is not None:
        today = plan.contract.day(write.moment)
        plans.keep(write, plan)
        renewal.advance(write, plan, today)
    write.actor = asked
