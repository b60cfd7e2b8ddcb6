"""Daily work of every organization, and mail handed to its server."""

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
    """A tier that is expected to run out soon, of which Owners were notified just now.

    Attributes:
        organization: its slug.
    """

    organization: str
    tier: TierForecast


def do_daily_work(database: Database) -> list[Short]:
    """Do the daily work of all organizations; the tiers whose forecast has become short."""
    with database.snapshot() as connection:
        found = organizations.every(connection)
    return [
        Short(organization.slug, tier)
        for organization in found
        for tier in do_daily_work_of(database, organization.id)
    ]


def do_daily_work_of(database: Database, organization: str) -> list[TierForecast]:
    """Do the daily work of one organization; the tiers whose forecast has become short."""
    return daily.do_daily_work(Context(database, organization, daily.HOUSEKEEPING))


def take_due_mails(database: Database) -> Iterator[Mail]:
    """Mails that are to be sent now; each is taken from other workers when it is its turn."""
    return outbox.take_due(database)


def note_sent(database: Database, mail: Mail) -> None:
    """Record that a mail was handed on; from now on nobody can read its secret here."""
    outbox.note_sent(database, mail)


def note_failed(database: Database, mail: Mail, error: str, *, for_good: bool = False) -> bool:
    """Record that a mail was not handed on; returns whether it is given up.

    Args:
        for_good: whether trying again is in vain.
    """
    return outbox.note_failed(database, mail, error, for_good=for_good)
