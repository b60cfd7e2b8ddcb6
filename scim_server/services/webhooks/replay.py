"""Delivers events again: those of a range of numbers, or all after a time."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from scim_server.services.errors import UnknownMessage
from scim_server.services.webhooks.fan_out import add
from scim_server.services.webhooks.scope import Scope
from scim_server.services.webhooks.settings import expanded
from scim_server.store.database.session import Connection, timestamp
from scim_server.store.rows import feed
from scim_server.store.rows import webhook_attempts as attempts
from scim_server.store.rows import webhook_deliveries as deliveries
from scim_server.store.rows import webhook_endpoints as endpoints
from scim_server.store.rows.feed import Appended
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
    """

    organization: str
    first: int = 1
    last: int | None = None


def replay(scope: Scope, endpoint: Endpoint, wanted: Range, *, preview: bool = False) -> int:
    """Deliver events of an organization again, in order; return their number.

    Events that are still to be delivered for the first time are left alone.

    Args:
        preview: whether the events are only counted.
    """
    if endpoint.organization not in (None, wanted.organization):
        return 0
    done, after = 0, wanted.first - 1
    while True:
        with scope.database.snapshot() as connection:
            found = _some(connection, endpoint, wanted, after)
        if not found:
            return done
        if not preview:
            at = timestamp(scope.database.now())
            scope.database.write_unnumbered(partial(_again, endpoint, wanted.organization, found, at))
        done, after = done + len(found), found[-1].sequence


def _some(connection: Connection, endpoint: Endpoint, wanted: Range, after: int) -> list[Appended]:
    """The next events of a range."""
    end = endpoints.end_of_history(connection, wanted.organization)
    last = end if wanted.last is None else min(wanted.last, end)
    if endpoint.organization is not None:
        last = min(last, endpoint.position)
    types = expanded(endpoint.types)
    return feed.of_organization(connection, wanted.organization, after, last, types, AT_ONCE)


def _again(
    endpoint: Endpoint, organization: str, found: list[Appended], at: str, connection: Connection
) -> None:
    backlog = Backlog(organization, endpoint.id)
    add(connection, backlog, found, at)
    deliveries.again(connection, backlog, [one.sequence for one in found], at)


def replay_message(scope: Scope, endpoint: Endpoint, message: str, *, preview: bool = False) -> int:
    """Deliver a message of the log again; return the number of its events.

    Args:
        preview: whether the events are only counted.

    Raises:
        UnknownMessage: the log has no such message.
    """
    with scope.database.snapshot() as connection:
        found = attempts.log(
            connection,
            endpoint.id,
            organization=scope.organization or endpoint.organization,
            message=message,
            limit=1,
        )
    if not found:
        raise UnknownMessage(f"the log of the endpoint has no message '{message}' in the last 30 days")
    attempt, at = found[0].attempt, timestamp(scope.database.now())
    backlog = Backlog(attempt.organization, endpoint.id)
    if preview:
        return len(attempt.events)

    def work(connection: Connection) -> int:
        deliveries.open_backlog(connection, backlog)
        return deliveries.again(connection, backlog, attempt.events, at)

    return scope.database.write_unnumbered(work)
