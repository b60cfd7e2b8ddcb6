"""Queries of webhook endpoints, of what they have not received yet, and of the log of attempts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from scim_server.egress import signing
from scim_server.egress.signing import Scheme
from scim_server.services.lists import Page, page_of
from scim_server.services.webhooks import examples
from scim_server.services.webhooks.parcels import Parcel
from scim_server.services.webhooks.replay import Range
from scim_server.services.webhooks.scope import Scope, find
from scim_server.services.webhooks.settings import LARGEST_BATCH, PAYLOADS, PUBLIC, single
from scim_server.store.database.session import timestamp
from scim_server.store.rows import feed, organizations
from scim_server.store.rows import webhook_attempts as attempts
from scim_server.store.rows import webhook_deliveries as deliveries
from scim_server.store.rows import webhook_endpoints as rows
from scim_server.store.rows.webhook_attempts import Entry
from scim_server.store.rows.webhook_deliveries import Waiting
from scim_server.store.rows.webhook_endpoints import Endpoint

__all__ = [
    "LARGEST_BATCH",
    "PAYLOADS",
    "PUBLIC",
    "Endpoint",
    "Entry",
    "Filter",
    "Page",
    "Parcel",
    "Scheme",
    "Scope",
    "State",
    "example",
    "log",
    "ranges_since",
    "state",
    "states",
]

_NOTHING: Final = Waiting(0, None, 0)


@dataclass(frozen=True, slots=True)
class State:
    """An endpoint, and what it has not received yet.

    Attributes:
        slug: the slug of its organization; None for the vendor's endpoints.
        unread: how many events follow that were not looked at yet, also of types that the endpoint does not
            get.
        at: the time of this state.
    """

    endpoint: Endpoint
    slug: str | None
    waiting: Waiting
    unread: int
    at: datetime

    @property
    def state(self) -> str:
        """Whether messages are sent: `enabled`, `paused` or `disabled`."""
        if self.endpoint.disabled is not None:
            return "disabled"
        paused = self.endpoint.paused
        return "paused" if paused is not None and paused > timestamp(self.at) else "enabled"

    @property
    def lag(self) -> timedelta:
        """The age of the oldest delivery that is not made."""
        if self.waiting.since is None:
            return timedelta()
        return max(self.at - datetime.fromisoformat(self.waiting.since), timedelta())

    @property
    def lag_seconds(self) -> int:
        """The age of the oldest delivery that is not made, in seconds."""
        return int(self.lag.total_seconds())

    @property
    def rotating(self) -> bool:
        """Whether a rotation of the keys is running."""
        return self.endpoint.next_key is not None

    @property
    def schemes(self) -> tuple[Scheme, ...]:
        """The kinds of the signatures of a message; two during a rotation."""
        keys = (self.endpoint.key, self.endpoint.next_key)
        return tuple(signing.scheme_of(key) for key in keys if key is not None)

    @property
    def public_keys(self) -> tuple[str, ...]:
        """The keys that anyone may know."""
        keys = (self.endpoint.key, self.endpoint.next_key)
        theirs = (key for key in keys if key is not None and signing.scheme_of(key) is Scheme.ED25519)
        return tuple(signing.verifier(key) for key in theirs)


def states(scope: Scope) -> list[State]:
    """The endpoints of an organization, or all endpoints, oldest first."""
    with scope.database.snapshot() as connection:
        listed = rows.every(connection, scope.organization)
        waiting = deliveries.waiting(connection, scope.organization)
        slugs = organizations.slugs(connection, {one.organization for one in listed if one.organization})
        return [
            State(
                one,
                None if one.organization is None else slugs.get(one.organization),
                waiting.get(one.id, _NOTHING),
                max(rows.end_of_history(connection, one.organization) - one.position, 0),
                scope.database.now(),
            )
            for one in listed
        ]


def state(scope: Scope, id_: str) -> State:
    """One endpoint.

    Raises:
        UnknownEndpoint: there is no such endpoint in this scope.
    """
    endpoint = find(scope, id_)
    return next(one for one in states(scope) if one.endpoint.id == endpoint.id)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which attempts of a log are wanted.

    Attributes:
        organization: only events of the organization with this id.
        message: only the attempts for this message.
        only_failed: only attempts that did not deliver.
    """

    organization: str | None = None
    message: str | None = None
    only_failed: bool = False


EVERYTHING: Final = Filter()


def log(
    scope: Scope, id_: str, wanted: Filter = EVERYTHING, *, cursor: str | None = None, limit: int = 50
) -> Page[Entry]:
    """Attempts for an endpoint in the last 30 days, newest first.

    Raises:
        UnknownEndpoint: there is no such endpoint in this scope.
    """
    endpoint = find(scope, id_)
    at, _, last = (cursor or "").partition("~")
    with scope.database.snapshot() as connection:
        found = attempts.log(
            connection,
            endpoint.id,
            organization=scope.organization or wanted.organization or endpoint.organization,
            before=(at, last) if cursor else None,
            message=wanted.message,
            only_failed=wanted.only_failed,
            limit=limit + 1,
        )
    return page_of(found, limit, lambda entry: f"{entry.attempt.at}~{entry.attempt.id}")


def example(scope: Scope, id_: str, type_: str) -> Parcel:
    """A message with an example of an event, for a test of an endpoint.

    Raises:
        UnknownEndpoint: there is no such endpoint in this scope.
        UnknownEventType: there is no public event of this type.
    """
    endpoint = find(scope, id_)
    single(type_)
    return examples.parcel(scope.database, endpoint, type_)


def ranges_since(scope: Scope, id_: str, since: datetime) -> list[Range]:
    """All events that an endpoint gets at or after a time, of each organization.

    Raises:
        UnknownEndpoint: there is no such endpoint in this scope.
    """
    endpoint = find(scope, id_)
    with scope.database.snapshot() as connection:
        ids = (
            [one.id for one in organizations.every(connection)]
            if endpoint.organization is None
            else [endpoint.organization]
        )
        firsts = [(one, feed.first_since(connection, one, timestamp(since))) for one in ids]
    return [Range(one, first) for one, first in firsts if first is not None]
