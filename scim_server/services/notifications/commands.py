"""Does the daily work of every organization, and records the results of sending mail."""

from collections.abc import Iterator
from dataclasses import dataclass

from scim_server.services.context import Context
from scim_server.services.notifications import daily, outbox
from scim_server.services.notifications.forecast import TierForecast
from scim_server.store.database.session import Database
from scim_server.store.rows import organizations
from scim_server.store.rows.mails import Mail


@dataclass(frozen=True, slots=True)
class Short:
    """A tier that is expected to be full soon. Its Owners have just been notified.

    Attributes:
        organization: its slug.
    """

    organization: str
    tier: TierForecast


def do_daily_work(database: Database) -> list[Short]:
    """Do the daily work of all organizations; return the tiers that are newly forecast as full in 30 days."""
    with database.snapshot() as connection:
        found = organizations.every(connection)
    return [
        Short(organization.slug, tier)
        for organization in found
        for tier in do_daily_work_of(database, organization.id)
    ]


def do_daily_work_of(database: Database, organization: str) -> list[TierForecast]:
    """Do the daily work of one organization; return the tiers that are newly forecast as full in 30 days."""
    return daily.do_daily_work(Context(database, organization, daily.HOUSEKEEPING))


def take_due_mails(database: Database) -> Iterator[Mail]:
    """Mails that are due now. A worker must take each mail before it sends it."""
    return outbox.take_due(database)


def note_sent(database: Database, mail: Mail) -> None:
    """Record that a mail was sent, and erase its secret."""
    outbox.note_sent(database, mail)


def note_failed(database: Database, mail: Mail, error: str, *, for_good: bool = False) -> bool:
    """Record that a mail was not sent; return whether no further attempt follows.

    Args:
        for_good: whether another attempt would be useless.
    """
    return outbox.note_failed(database, mail, error, for_good=for_good)
