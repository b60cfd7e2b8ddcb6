"""Whose seat or account may be given up: idle people, and people whom no provider names (SEATS 35)."""

from datetime import date, datetime, timedelta
from typing import Final

from scim_server.services.people.manage import named
from scim_server.services.people.provision import TOUCHED_EVERY
from scim_server.store.database.session import Database, timestamp
from scim_server.store.rows import usage
from scim_server.store.rows.people import Person
from scim_server.store.rows.usage import Idle

IDLE_DAYS: Final = 30


def idle(
    database: Database,
    organization: str,
    *,
    days: int = IDLE_DAYS,
    after: str | None = None,
    limit: int = 100,
) -> list[Idle]:
    """People with a seat and without a sign-in for that many days, in the order in which they came.

    Args:
        after: the id with which a page ended.

    Raises:
        OperatorError: there is nobody of that id.
    """
    until = timestamp(database.now() - timedelta(days=days))
    with database.read(organization) as read:
        last = None if after is None else named(read, after)
        return usage.idle(read, until, after=last, limit=limit)


def drift(
    database: Database, organization: str, since: date, *, after: str | None = None, limit: int = 100
) -> list[Person]:
    """Active people whom no provider has named since a day (UTC) began, in the order in which they came.

    When somebody was named is known to within a day, and nobody is listed who may have been named since.

    Raises:
        OperatorError: there is nobody of the id `after`.
    """
    moment = datetime.fromisoformat(f"{since}T00:00:00+00:00") - TOUCHED_EVERY
    with database.read(organization) as read:
        last = None if after is None else named(read, after)
        return usage.untouched(read, timestamp(moment), after=last, limit=limit)
