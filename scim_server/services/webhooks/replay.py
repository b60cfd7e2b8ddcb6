"""Delivers events again: those of one message, of a range of numbers, or all after a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scim_server.services.webhooks.fan_out import add
from scim_server.services.webhooks.scope import Scope
from scim_server.services.webhooks.settings import expanded
from scim_server.store.database.session import Connection, timestamp
from scim_server.store.rows import feed
from scim_server.store.rows import webhook_deliveries as deliveries
from scim_server.store.rows import webhook_endpoints as endpoints
from scim_server.store.rows.webhook_deliveries import Backlog
from scim_server.store.rows.webhook_endpoints import Endpoint

AT_ONCE: Final = 500
"""How many events one transaction takes, so that workers and requests wait briefly."""


@dataclass(frozen=True, slots=True)
class Range:
    """Events of one organization.

    Attributes:
        first: the number of the first event.
        last: the number of the last event; None for the end of the history.
        since: only events at or after this time; None for all.
    """

    organization: str
    first: int = 1
    last: int | None = None
    since: str | None = None


def replay(scope: Scope, endpoint: Endpoint, wanted: Range) -> int:
    """Deliver events of an organization again; return their number."""
    done, after = 0, wanted.first - 1
    while True:
        numbers, through = scope.database.write_unnumbered(
            lambda connection, start=after: _some(
                connection, scope, endpoint, wanted, start
            )
        )
        done += numbers
        if through <= after:
            return done
        after = through


def count(scope: Scope, endpoint: Endpoint, wanted: Range) -> int:
    """How many events a replay delivers again."""
    done, after = 0, wanted.first - 1
    while True:
        with scope.database.snapshot() as connection:
            numbers, through = _numbers(connection, endpoint, wanted, after)
        done += len(numbers)
        if through <= after:
            return done
        after = through
