"""Adds, changes and removes webhook endpoints, and delivers events to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import uuid4

from scim_server.egress import signing
from scim_server.egress.signing import Scheme
from scim_server.history import WebhookAdded, WebhookDisabled, WebhookEnabled, WebhookRemoved, WebhookUpdated
from scim_server.services.events import feed
from scim_server.services.webhooks import disabling, keys, results, settings
from scim_server.services.webhooks import fan_out as fan_out_
from scim_server.services.webhooks import parcels as parcels_
from scim_server.services.webhooks import replay as replay_
from scim_server.services.webhooks.keys import NewKey
from scim_server.services.webhooks.parcels import SLOTS, Parcel
from scim_server.services.webhooks.replay import Range
from scim_server.services.webhooks.results import Outcome, Sent
from scim_server.services.webhooks.retries import STANDARD
from scim_server.services.webhooks.scope import Scope, Work, change, find, host_of, run
from scim_server.services.webhooks.settings import PUBLIC, Check
from scim_server.store.database.session import Database, timestamp
from scim_server.store.rows import webhook_attempts as attempts
from scim_server.store.rows import webhook_deliveries as deliveries
from scim_server.store.rows import webhook_endpoints as rows
from scim_server.store.rows.webhook_endpoints import Endpoint

__all__ = [
    "PUBLIC",
    "SLOTS",
    "STANDARD",
    "Changes",
    "NewEndpoint",
    "NewKey",
    "Parcel",
    "Range",
    "Scheme",
    "Scope",
    "Sent",
    "add",
    "disable",
    "enable",
    "fan_out",
    "forget_old",
    "record",
    "remove",
    "replay",
    "replay_message",
    "rotation_cancel",
    "rotation_complete",
    "rotation_start",
    "set_endpoint",
    "take",
]

KEPT: Final = timedelta(days=30)
"""How long the log keeps attempts, and deliveries that were made."""


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """The settings of a new endpoint; see `Endpoint`.

    Attributes:
        organization: the organization whose events are delivered; None for all organizations.
        scheme: the kind of signature.
    """

    url: str
    organization: str | None = None
    types: Sequence[str] = ()
    payload: str = "full"
    batch: int = 1
    retries: Sequence[int] = STANDARD
    contact: str | None = None
    scheme: Scheme = Scheme.SHARED


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes of an endpoint; None leaves a setting as it is.

    Attributes:
        contact: an empty text removes the contact.
    """

    url: str | None = None
    types: Sequence[str] | None = None
    payload: str | None = None
    batch: int | None = None
    retries: Sequence[int] | None = None
    contact: str | None = None


def add(scope: Scope, new: NewEndpoint, check: Check) -> NewKey:
    """Add an endpoint, which gets all events from now on; return it with its key.

    Args:
        check: checks the URL.

    Raises:
        InvalidUrl, InvalidEndpoint, UnknownEventType, InvalidAddress: a setting has a wrong value.
    """
    key = signing.new_key(new.scheme)
    endpoint = Endpoint(
        id=str(uuid4()),
        organization=scope.organization or new.organization,
        url=settings.url_of(new.url, check),
        types=settings.types_of(new.types),
        payload=settings.payload_of(new.payload),
        batch=settings.batch_of(new.batch),
        retries=settings.retries_of(new.retries),
        contact=settings.contact_of(new.contact),
        key=key,
        next_key=None,
        created=timestamp(scope.database.now()),
        position=0,
    )
    # The events before are in the feed, so that the position is after them.
    feed.extend(scope.database)

    def work(unit: Work) -> Endpoint:
        unit.record(WebhookAdded(endpoint=endpoint.id, host=host_of(endpoint.url)))
        added = replace(endpoint, position=unit.end_of_history(endpoint.organization))
        rows.add(unit.connection, added)
        return added

    return NewKey(run(scope, endpoint.organization, work), signing.verifier(key))


def set_endpoint(scope: Scope, id_: str, changes: Changes, check: Check) -> Endpoint:
    """Change settings of an endpoint. Messages that wait are sent with the new settings.

    Raises:
        UnknownEndpoint: there is no such endpoint in this scope.
        InvalidUrl, InvalidEndpoint, UnknownEventType, InvalidAddress: a setting has a wrong value.
    """
    values = _checked(changes, check)

    def work(unit: Work, endpoint: Endpoint) -> Endpoint:
        changed = [name for name, value in values.items() if _stored(getattr(endpoint, name)) != value]
        if changed:
            rows.change(unit.connection, endpoint.id, {name: values[name] for name in changed})
            unit.record(
                WebhookUpdated(
                    endpoint=endpoint.id,
                    host=host_of(str(values.get("url", endpoint.url))),
                    changed=" ".join(changed),
                )
            )
        return rows.get(unit.connection, endpoint.id) or endpoint

    return change(scope, id_, work)


def _checked(changes: Changes, check: Check) -> Mapping[str, object]:
    """The columns of changes, with checked values."""
    found: dict[str, object] = {}
    if changes.url is not None:
        found["url"] = settings.url_of(changes.url, check)
    if changes.types is not None:
        found["types"] = list(settings.types_of(changes.types))
    if changes.payload is not None:
        found["payload"] = settings.payload_of(changes.payload)
    if changes.batch is not None:
        found["batch"] = settings.batch_of(changes.batch)
    if changes.retries is not None:
        found["retries"] = list(settings.retries_of(changes.retries))
    if changes.contact is not None:
        found["contact"] = settings.contact_of(changes.contact or None)
    return found


def _stored(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def enable(scope: Scope, id_: str) -> Endpoint:
    """Enable an endpoint. Deliveries go on where they stopped, with all retries again.

    Raises:
        UnknownEndpoint: there is no such endpoint in this scope.
    """

    def work(unit: Work, endpoint: Endpoint) -> Endpoint:
        reset = {"disabled": None, "why_disabled": None, "paused": None, "slowed": None, "pauses": 0}
        rows.change(unit.connection, endpoint.id, reset)
        deliveries.resume(unit.connection, endpoint.id, endpoint.organization, unit.at)
        if endpoint.disabled is not None:
            unit.record(WebhookEnabled(endpoint=endpoint.id, host=host_of(endpoint.url)))
        return rows.get(unit.connection, endpoint.id) or endpoint

    return change(scope, id_, work)


def disable(scope: Scope, id_: str) -> Endpoint:
    """Disable an endpoint. Its events wait until it is enabled again.

    Raises:
        UnknownEndpoint: there is no such endpoint in this scope.
    """

    def work(unit: Work, endpoint: Endpoint) -> Endpoint:
        if endpoint.disabled is None:
            values = {"disabled": unit.at, "why_disabled": "manual"}
            rows.change(unit.connection, endpoint.id, values)
            event = WebhookDisabled(endpoint=endpoint.id, host=host_of(endpoint.url), why="manual")
            unit.record(event)
        return rows.get(unit.connection, endpoint.id) or endpoint

    return change(scope, id_, work)


def remove(scope: Scope, id_: str) -> Endpoint:
    """Remove an endpoint with its deliveries and its log.

    Raises:
        UnknownEndpoint: there is no such endpoint in this scope.
    """

    def work(unit: Work, endpoint: Endpoint) -> Endpoint:
        rows.remove(unit.connection, endpoint)
        unit.record(WebhookRemoved(endpoint=endpoint.id, host=host_of(endpoint.url)))
        return endpoint

    return change(scope, id_, work)


def rotation_start(scope: Scope, id_: str, scheme: Scheme | None = None) -> NewKey:
    """Add a second key. Both sign until the rotation is completed or cancelled.

    Raises:
        UnknownEndpoint: there is no such endpoint in this scope.
        RotationRuns: there are two keys already.
    """
    return change(scope, id_, lambda unit, endpoint: keys.start(unit, endpoint, scheme))


def rotation_complete(scope: Scope, id_: str) -> Endpoint:
    """Remove the old key.

    Raises:
        UnknownEndpoint: there is no such endpoint in this scope.
        NoRotation: there is only one key.
    """
    return change(scope, id_, keys.complete)


def rotation_cancel(scope: Scope, id_: str) -> Endpoint:
    """Remove the new key.

    Raises:
        UnknownEndpoint: there is no such endpoint in this scope.
        NoRotation: there is only one key.
    """
    return change(scope, id_, keys.cancel)


def replay(scope: Scope, id_: str, wanted: Sequence[Range], *, preview: bool = False) -> int:
    """Deliver events again, with the ids of their messages; return how many events.

    Raises:
        UnknownEndpoint: there is no such endpoint in this scope.
    """
    endpoint = find(scope, id_)
    return sum(replay_.replay(scope, endpoint, one, preview=preview) for one in wanted)


def replay_message(scope: Scope, id_: str, message: str, *, preview: bool = False) -> int:
    """Deliver a message of the log again, with the same id; return the number of its events.

    Raises:
        UnknownEndpoint: there is no such endpoint in this scope.
        UnknownMessage: the log has no such message.
    """
    return replay_.replay_message(scope, find(scope, id_), message, preview=preview)


def fan_out(database: Database) -> int:
    """Make deliveries of new events; return for how many endpoints there were events."""
    return fan_out_.fan_out(database)


def take(database: Database, running: Mapping[str, int]) -> list[Parcel]:
    """Take messages that are due now, each for one worker.

    Args:
        running: how many requests the worker is sending to each endpoint.
    """
    return parcels_.take(database, running)


def record(database: Database, sent: Sequence[Sent]) -> None:
    """Record the results of requests."""
    ending = [one for one in sent if one.outcome is Outcome.DISABLED]
    others = [one for one in sent if one.outcome is not Outcome.DISABLED]
    if others:
        results.record(database, others)
    for one in ending:
        disabling.record(database, one)


def forget_old(database: Database, organization: str) -> None:
    """Delete the log and the deliveries of an organization that are older than 30 days."""
    before = timestamp(database.now() - KEPT)
    database.write_unnumbered(lambda connection: attempts.forget(connection, organization, before))
    database.write_unnumbered(lambda connection: deliveries.forget(connection, organization, before))
