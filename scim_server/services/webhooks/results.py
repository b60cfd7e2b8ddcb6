"""Records the results of requests in the log, and what follows for the deliveries and the endpoint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Final
from uuid import uuid4

from scim_server.egress.sender import Answer
from scim_server.services.webhooks import retries
from scim_server.services.webhooks.parcels import Parcel
from scim_server.services.webhooks.retries import Slowdown
from scim_server.store.database.session import Connection, Database, timestamp
from scim_server.store.rows import webhook_attempts as attempts
from scim_server.store.rows import webhook_deliveries as deliveries
from scim_server.store.rows import webhook_endpoints as endpoints
from scim_server.store.rows.webhook_attempts import Attempt
from scim_server.store.rows.webhook_endpoints import Endpoint

_SUCCESS: Final = range(200, 300)


class Outcome(StrEnum):
    """What follows from a request."""

    DELIVERED = "delivered"
    RETRY = "retry"
    SLOWED = "slowed"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was sent.

    Attributes:
        headers, body: of the request.
        at: when the request was sent.
        now: when the answer was there.
    """

    parcel: Parcel
    headers: Mapping[str, str]
    body: bytes
    answer: Answer
    at: datetime
    now: datetime

    @property
    def outcome(self) -> Outcome:
        """What follows from the answer."""
        status, endpoint = self.answer.status, self.parcel.endpoint
        if self.answer.failure is None and status in _SUCCESS:
            return Outcome.DELIVERED
        if status == retries.GONE:
            return Outcome.DISABLED
        if status in retries.OVERLOADED:
            since = None if endpoint.slowed is None else datetime.fromisoformat(endpoint.slowed)
            # A receiver that is overloaded for as long as other failures are retried is given up too.
            too_long = since is not None and self.now - since > retries.length(endpoint.retries)
            return Outcome.DISABLED if too_long else Outcome.SLOWED
        given_up = self.parcel.failures >= len(endpoint.retries)
        return Outcome.DISABLED if given_up else Outcome.RETRY


def record(database: Database, results: Sequence[Sent]) -> None:
    """Record results that do not disable an endpoint, in one transaction."""
    # All workers lock in the same order, so they do not wait for one another in a circle.
    ordered = sorted(results, key=lambda one: (one.parcel.endpoint.id, one.parcel.backlog.organization))
    database.write_unnumbered(partial(_record, ordered))


def _record(results: Sequence[Sent], connection: Connection) -> None:
    states: dict[str, Endpoint | None] = {}
    for sent in results:
        id_ = sent.parcel.endpoint.id
        if id_ not in states and (sent.outcome is Outcome.SLOWED or sent.parcel.endpoint.pauses):
            states[id_] = endpoints.locked(connection, id_)
    for sent in results:
        if not deliveries.lock(connection, sent.parcel.backlog):
            continue  # The endpoint was removed.
        if sent.outcome is Outcome.DELIVERED:
            _deliver(connection, sent)
            _recover(connection, states, sent.parcel.endpoint.id)
        elif sent.outcome is Outcome.SLOWED:
            _slow_down(connection, states, sent)
        else:
            _retry(connection, sent)


def _deliver(connection: Connection, sent: Sent) -> None:
    at, parcel = timestamp(sent.now), sent.parcel
    log(connection, sent, Outcome.DELIVERED, None)
    deliveries.delivered(connection, parcel.backlog, parcel.numbers, at)


def _retry(connection: Connection, sent: Sent) -> None:
    parcel = sent.parcel
    failures = parcel.failures + 1
    delay = retries.after_failure(parcel.endpoint.retries, failures)
    until = timestamp(sent.now + (delay or retries.length(())))
    log(connection, sent, Outcome.RETRY, until)
    give_back(connection, sent, until, failures)


def give_back(connection: Connection, sent: Sent, until: str, failures: int | None = None) -> None:
    """Let a message be sent again at a time, unless another worker has taken it meanwhile."""
    parcel = sent.parcel
    if deliveries.is_claimed(connection, parcel.backlog, parcel.numbers[0], parcel.mark):
        deliveries.postpone(connection, parcel.backlog, parcel.numbers[0], until, failures)


def _slow_down(connection: Connection, states: dict[str, Endpoint | None], sent: Sent) -> None:
    endpoint = states[sent.parcel.endpoint.id]
    if endpoint is None:
        return
    before = None
    if endpoint.paused is not None and endpoint.slowed is not None:
        until, since = map(datetime.fromisoformat, (endpoint.paused, endpoint.slowed))
        before = Slowdown(until, since, endpoint.pauses)
    wish = retries.retry_after(sent.answer.headers.get("retry-after"), sent.now)
    after = retries.slow_down(before, sent.at, sent.now, wish)
    values = {
        "paused": timestamp(after.until),
        "slowed": timestamp(after.since),
        "pauses": after.pauses,
    }
    endpoints.change(connection, endpoint.id, values)
    states[endpoint.id] = endpoints.locked(connection, endpoint.id)
    log(connection, sent, Outcome.SLOWED, timestamp(after.until))
    give_back(connection, sent, timestamp(after.until))


def _recover(connection: Connection, states: dict[str, Endpoint | None], id_: str) -> None:
    """End the slowdown of an endpoint, because its receiver accepts messages again."""
    endpoint = states.get(id_)
    if endpoint is not None and endpoint.pauses:
        endpoints.change(connection, id_, {"paused": None, "slowed": None, "pauses": 0})
        states[id_] = endpoints.locked(connection, id_)


def log(connection: Connection, sent: Sent, outcome: Outcome, next_attempt: str | None) -> None:
    """Store a request and its answer in the log."""
    parcel, answer = sent.parcel, sent.answer
    attempts.add(
        connection,
        Attempt(
            organization=parcel.backlog.organization,
            endpoint=parcel.endpoint.id,
            id=uuid4().hex,
            at=timestamp(sent.at),
            message=parcel.id,
            batch=parcel.numbers[0],
            events=parcel.numbers,
            url=parcel.endpoint.url,
            payload=parcel.endpoint.payload,
            request=sent.headers,
            request_body=sent.body.decode(),
            outcome=outcome,
            milliseconds=answer.milliseconds,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            truncated=answer.truncated,
            failure=answer.failure,
            cause=answer.cause,
            next_attempt=next_attempt,
        ),
    )
