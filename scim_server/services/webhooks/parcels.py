"""Takes messages that are due, each for one worker and for a limited time.

If a worker ends while it has a message, the message is sent again after that time, with the same id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import uuid4

from scim_server.egress import signing
from scim_server.egress.sender import SECONDS
from scim_server.store.database.session import Connection, Database, timestamp
from scim_server.store.rows import feed
from scim_server.store.rows import webhook_deliveries as deliveries
from scim_server.store.rows import webhook_endpoints as endpoints
from scim_server.store.rows.feed import Appended
from scim_server.store.rows.webhook_deliveries import Backlog, Head
from scim_server.store.rows.webhook_endpoints import Endpoint

SLOTS: Final = 8
"""How many requests a worker sends to one endpoint at the same time."""
LEASE: Final = timedelta(seconds=4 * SECONDS)
"""How long a worker may have a message. It is much longer than a request may take."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message that a worker has taken to send it.

    Attributes:
        id: the id of the message, which depends only on the endpoint and the events.
        mark: the mark of the worker.
        failures: how many attempts have failed.
        events: its events, in order; empty if they no longer exist.
    """

    id: str
    endpoint: Endpoint
    backlog: Backlog
    mark: str
    numbers: tuple[int, ...]
    failures: int
    events: tuple[Appended, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that sign."""
        both = (self.endpoint.key, self.endpoint.next_key)
        return tuple(key for key in both if key is not None)


def take(database: Database, running: Mapping[str, int]) -> list[Parcel]:
    """Take messages that are due now.

    Each endpoint has its own places, so the backlog of one endpoint never delays another.

    Args:
        running: how many requests the worker is sending to each endpoint.
    """
    now = database.now()
    busy = [endpoint for endpoint, number in running.items() if number >= SLOTS]
    with database.snapshot() as connection:
        due = deliveries.due_backlogs(connection, timestamp(now), busy, SLOTS)
        found = endpoints.some(connection, sorted({one.endpoint for one in due}))
    if not due:
        return []
    until = timestamp(now + LEASE)
    taken = database.write_unnumbered(partial(_take, due, found, running, (timestamp(now), until)))
    return _with_events(database, taken)


def _take(
    due: Sequence[Backlog],
    found: Mapping[str, Endpoint],
    running: Mapping[str, int],
    times: tuple[str, str],
    connection: Connection,
) -> list[Parcel]:
    used, taken = dict(running), list[Parcel]()
    for backlog in due:
        endpoint = found.get(backlog.endpoint)
        if endpoint is None:
            continue
        # An overloaded receiver gets one request at a time until it accepts one.
        places = (1 if endpoint.pauses else SLOTS) - used.get(endpoint.id, 0)
        if places > 0 and deliveries.lock(connection, backlog, wait=False):
            parcels = _claim(connection, endpoint, backlog, places, times)
            used[endpoint.id] = used.get(endpoint.id, 0) + len(parcels)
            taken += parcels
    return taken


def _claim(
    connection: Connection, endpoint: Endpoint, backlog: Backlog, places: int, times: tuple[str, str]
) -> list[Parcel]:
    """Take up to a number of messages of one backlog, which is locked."""
    at, until = times
    heads = deliveries.heads(connection, backlog, at, places * endpoint.batch)
    sent_before = [head for head in heads if head.batch is not None][:places]
    known = deliveries.messages(connection, backlog, [head.sequence for head in sent_before])
    messages = [(known[head.sequence], head.failures) for head in sent_before]
    fresh = [head for head in heads if head.batch is None]
    new = _new_messages(connection, endpoint, backlog, fresh)
    messages += [(numbers, 0) for numbers in new[: places - len(messages)]]
    mark = uuid4().hex
    deliveries.claim(connection, backlog, [numbers for numbers, _ in messages], mark, until)
    return [
        Parcel(
            signing.message_id(endpoint.id, backlog.organization, *numbers),
            endpoint,
            backlog,
            mark,
            tuple(numbers),
            failures,
        )
        for numbers, failures in messages
    ]


def _new_messages(
    connection: Connection, endpoint: Endpoint, backlog: Backlog, heads: Sequence[Head]
) -> list[list[int]]:
    """Put events into new messages, which may be sent at the same time: each lane is in one message only."""
    if endpoint.batch == 1 or not heads:
        return [[head.sequence] for head in heads]
    first = min(head.sequence for head in heads)
    lanes = [head.lane for head in heads]
    left = deliveries.following(connection, backlog, first, lanes, SLOTS * endpoint.batch)
    found = []
    while left:
        message = left[: endpoint.batch]
        found.append([sequence for sequence, _ in message])
        used = {lane for _, lane in message}
        left = [one for one in left if one[1] not in used]
    return found


def _with_events(database: Database, parcels: Sequence[Parcel]) -> list[Parcel]:
    """Add the events of messages."""
    wanted: dict[str, set[int]] = {}
    for parcel in parcels:
        wanted.setdefault(parcel.backlog.organization, set()).update(parcel.numbers)
    with database.snapshot() as connection:
        found = {
            (organization, one.sequence): one
            for organization, numbers in wanted.items()
            for one in feed.numbered(connection, organization, sorted(numbers))
        }
    return [
        replace(
            parcel,
            events=tuple(
                found[place]
                for place in ((parcel.backlog.organization, number) for number in parcel.numbers)
                if place in found
            ),
        )
        for parcel in parcels
    ]
