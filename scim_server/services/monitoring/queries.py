"""Sums over all organizations, without names."""

from dataclasses import dataclass
from datetime import datetime

from scim_server.store.database.session import Database
from scim_server.store.rows import figures
from scim_server.store.rows.figures import Figures

__all__ = ["Figures", "Now", "now"]


@dataclass(frozen=True, slots=True)
class Now:
    """The sums, and the ages at this moment, in seconds.

    Attributes:
        oldest_wait: how long the person waits who waits longest; 0 if nobody waits.
        oldest_mail: how long the oldest mail waits; 0 if none waits.
    """

    figures: Figures
    oldest_wait: float
    oldest_mail: float


def now(database: Database) -> Now:
    """The sums at this moment.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    at = database.now()
    with database.snapshot() as connection:
        found = figures.read(connection)
    return Now(found, _age(found.oldest_wait, at), _age(found.oldest_mail, at))


def _age(since: str | None, at: datetime) -> float:
    return 0.0 if since is None else max(0.0, (at - datetime.fromisoformat(since)).total_seconds())
