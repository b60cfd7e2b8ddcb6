"""Does work for one organization after another. A failure in one organization does not stop the others."""

import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from threading import Event
from typing import Final

from scim_server.services.access.commands import forget_idempotency_keys
from scim_server.services.events import commands as events
from scim_server.services.notifications import commands, queries
from scim_server.services.webhooks import commands as webhooks
from scim_server.store.database.session import Database
from scim_server.store.errors import StoreError
from scim_server.telemetry import log

FIRST_WITHIN: Final = timedelta(minutes=10)
"""Delay after a start, so that restarted workers are not always busy, and do not all begin together."""
EVERY: Final = timedelta(days=1)
SOME: Final = 20


def each(organizations: Iterable[str], work: Callable[[str], object], stop: Event, what: str) -> None:
    """Do something for each organization, until `stop` is set.

    Raises:
        StoreError: the database does not answer.
    """
    for organization in organizations:
        if stop.is_set():
            return
        try:
            work(organization)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - what stops one organization must not stop all others
            log.error(f"{what} cannot be done", organization=organization, cause=str(error))


class Daily:
    """Does the housekeeping once a day, for some organizations in each round.

    Mail therefore does not wait until all organizations are done. The time of the last housekeeping is only
    in memory, because a second housekeeping changes nothing.
    """

    def __init__(self, now: datetime) -> None:
        self._next = now + random.random() * FIRST_WITHIN  # noqa: S311 - apart, not secret
        self._left: list[str] = []

    def some(self, database: Database, stop: Event) -> bool:
        """Do the housekeeping of some organizations for which it is due; return whether there were any.

        Raises:
            StoreError: the database does not answer; these organizations are tried again later.
        """
        now = database.now()
        if now >= self._next:
            events.mark_missed(database)
            forget_idempotency_keys(database)
            self._left = queries.organizations_with_daily_work(database)
            self._next = now + EVERY
        some = self._left[:SOME]
        each(some, lambda one: commands.do_daily_work_of(database, one), stop, "what is daily")
        each(some, lambda one: webhooks.forget_old(database, one), stop, "the log of webhooks")
        self._left = self._left[SOME:]
        return bool(some)
