"""Webhook endpoints and their deliveries: of the organization of the key, or of all."""

from http import HTTPStatus
from typing import Any, Final

from marshmallow import fields, validate

from scim_server.admin import auth, lists
from scim_server.admin.lists import ListQuery
from scim_server.admin.parsing import Input, choice, text
from scim_server.admin.problems import Problem
from scim_server.admin.routes import Noun
from scim_server.egress.sender import Policy
from scim_server.history import PersonProvisioned, PersonQueued
from scim_server.representations import webhooks as shapes
from scim_server.representations.base import dump
from scim_server.representations.messages import request_of
from scim_server.services.access.commands import Scope as Permission
from scim_server.services.errors import (
    InvalidAddress,
    InvalidEndpoint,
    InvalidUrl,
    NoRotation,
    RotationRuns,
    UnknownEndpoint,
    UnknownEventType,
    UnknownMessage,
    UnknownOrganization,
)
from scim_server.services.organizations import queries as organizations
from scim_server.services.webhooks import commands, queries
from scim_server.services.webhooks.commands import STANDARD, Changes, NewEndpoint, Range, Scheme, Scope
from scim_server.services.webhooks.queries import LARGEST_BATCH, PAYLOADS, Filter

webhook_endpoints = Noun("webhook-endpoints", "Where events are sent, of one organization or of all.")
deliveries = Noun("deliveries", "The attempts of the last 30 days to send events to an endpoint.")

_ALL: Final = "/webhook-endpoints"
_ONE: Final = f"{_ALL}/<endpoint>"
_WRITE: Final = Permission.WEBHOOKS_WRITE
_WRONG: Final = (InvalidUrl, InvalidEndpoint, UnknownEventType, InvalidAddress)
_SCHEMES: Final = [one.value for one in Scheme]
_LONGEST_URL: Final = 2_048


class SettingsOfEndpoint(Input):
    """The settings of an endpoint that can change."""

    types = fields.List(
        text(longest=64),
        validate=validate.Length(max=100),
        metadata={"description": "Types of events, or families such as person.*; empty for all types."},
    )
    payload = choice(PAYLOADS, about="Events with their values (full), or only which events (thin).")
    batch = fields.Integer(
        strict=True,
        validate=validate.Range(1, LARGEST_BATCH),
        metadata={"description": "The most events in a message. With more than 1, a message has a list."},
    )
    retries = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, 7 * 86_400)),
        validate=validate.Length(1, 20),
        metadata={"description": f"The seconds between attempts; usually {list(STANDARD)}."},
    )
    contact = text(allow_none=True, about="The address that is notified if the endpoint is disabled.")


class EndpointInput(SettingsOfEndpoint):
    """A new endpoint."""

    url = text(required=True, longest=_LONGEST_URL, about="An https URL with a public address.")
    organization = text(
        load_default=None,
        longest=63,
        allow_none=True,
        about="The slug of the organization whose events are sent; null for all organizations.",
    )
    signature = choice(
        _SCHEMES, load_default=Scheme.SHARED.value, about="A shared secret (v1) or an Ed25519 key (v1a)."
    )


class EndpointChanges(SettingsOfEndpoint):
    """The settings that change."""

    url = text(longest=_LONGEST_URL, about="The new URL. Messages that wait are sent there.")


class RotationInput(Input):
    """The new key."""

    signature = choice(_SCHEMES, load_default=None, allow_none=True, about="Usually the kind of the old key.")


class TestInput(Input):
    """The example that is sent."""

    type = text(load_default=PersonProvisioned.type, longest=64, about="The type of the event.")


def _number(about: str) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(1, 2**53), metadata={"description": about})


class ReplayInput(Input):
    """Which events are delivered again: those of a message, of a range of numbers, or all after a time."""

    message = text(about="The id of a message.")
    organization = text(longest=63, about="The organization of the range, for an endpoint of all.")
    first = _number("The number of the first event of a range.")
    last = _number("The number of the last event of a range.")
    since = fields.AwareDateTime(format="iso", metadata={"description": "All events at or after this time."})


class DeliveriesQuery(ListQuery):
    """The parameters of the list of deliveries."""

    message = text(load_default=None, about="Only attempts for the message with this id.")
    failed = fields.Boolean(
        load_default=False,
        truthy={"true"},
        falsy={"false"},
        metadata={"description": "Only attempts that did not deliver."},
    )


def _scope() -> Scope:
    """The endpoints that the key may use."""
    slug = auth.bound_to()
    bound = None if slug is None else organizations.find(auth.database(), slug).id
    return Scope(auth.database(), auth.actor(), bound)


def _policy() -> Policy:
    settings = auth.config()
    return Policy(settings.dns_server, settings.egress_proxy, private=settings.private_webhooks)


def _shown(endpoint: str) -> dict[str, object]:
    return dump(shapes.WebhookEndpoint(), queries.state(_scope(), endpoint))


@webhook_endpoints.do(
    _ALL,
    _WRITE,
    shapes.CreatedWebhookEndpoint,
    EndpointInput,
    status=HTTPStatus.CREATED,
    bound=True,
    raises=(*_WRONG, UnknownOrganization),
    example={"url": "https://8.8.8.8/webhooks", "types": ["person.*"], "batch": 10},
)
def create(body: dict[str, Any]) -> dict[str, object]:
    """Create an endpoint, and show its secret once. It gets all events from now on."""
    scope, slug = _scope(), body["organization"]
    if slug is not None and auth.bound_to() not in (None, slug):
        raise UnknownOrganization(f"the organization '{slug}' does not exist")
    organization = None if slug is None else organizations.find(auth.database(), slug).id
    new = NewEndpoint(
        body["url"],
        organization=organization,
        types=body.get("types", ()),
        payload=body.get("payload", PAYLOADS[0]),
        batch=body.get("batch", 1),
        retries=body.get("retries", STANDARD),
        contact=body.get("contact"),
        scheme=Scheme(body["signature"]),
    )
    made = commands.add(scope, new, _policy().check)
    return shapes.created(made, queries.state(scope, made.endpoint.id))


@webhook_endpoints.list(_ALL, _WRITE, shapes.WebhookEndpoint, bound=True)
def list_endpoints(query: dict[str, Any]) -> dict[str, object]:
    """List the endpoints, the oldest first, with what they have not received yet."""
    page = lists.cut(queries.states(_scope()), lambda one: one.endpoint.id, query)
    return lists.listing(shapes.WebhookEndpoint(), page)


@webhook_endpoints.show(_ONE, _WRITE, shapes.WebhookEndpoint, bound=True, raises=(UnknownEndpoint,))
def show(endpoint: str) -> dict[str, object]:
    """One endpoint, with what it has not received yet."""
    return _shown(endpoint)


@webhook_endpoints.change(
    _ONE,
    _WRITE,
    shapes.WebhookEndpoint,
    EndpointChanges,
    bound=True,
    raises=(*_WRONG, UnknownEndpoint),
    example={"payload": "thin", "contact": "webhooks@example.com"},
)
def change(endpoint: str, body: dict[str, Any]) -> dict[str, object]:
    """Change settings of an endpoint. Messages that wait are sent with the new settings."""
    changes = Changes(
        url=body.get("url"),
        types=body.get("types"),
        payload=body.get("payload"),
        batch=body.get("batch"),
        retries=body.get("retries"),
        contact=(body["contact"] or "") if "contact" in body else None,
    )
    commands.set_endpoint(_scope(), endpoint, changes, _policy().check)
    return _shown(endpoint)


@webhook_endpoints.remove(
    _ONE, _WRITE, shapes.RemovedWebhookEndpoint, preview=True, bound=True, raises=(UnknownEndpoint,)
)
def remove(endpoint: str, *, preview: bool) -> dict[str, object]:
    """Remove an endpoint, with its waiting events and its deliveries."""
    state = queries.state(_scope(), endpoint)
    if not preview:
        commands.remove(_scope(), endpoint)
    return shapes.removed(state, preview=preview)


@webhook_endpoints.do(f"{_ONE}/enable", _WRITE, shapes.WebhookEndpoint, bound=True, raises=(UnknownEndpoint,))
def enable(endpoint: str) -> dict[str, object]:
    """Enable an endpoint. Deliveries go on where they stopped, with all retries again."""
    commands.enable(_scope(), endpoint)
    return _shown(endpoint)


@webhook_endpoints.do(
    f"{_ONE}/disable", _WRITE, shapes.WebhookEndpoint, bound=True, raises=(UnknownEndpoint,)
)
def disable(endpoint: str) -> dict[str, object]:
    """Disable an endpoint. Its events wait until it is enabled again."""
    commands.disable(_scope(), endpoint)
    return _shown(endpoint)


@webhook_endpoints.do(
    f"{_ONE}/rotation",
    _WRITE,
    shapes.CreatedWebhookEndpoint,
    RotationInput,
    status=HTTPStatus.CREATED,
    bound=True,
    raises=(UnknownEndpoint, RotationRuns),
    example={"signature": "v1a"},
)
def begin_rotation(endpoint: str, body: dict[str, Any]) -> dict[str, object]:
    """Begin a rotation: create a second key, and show it once. Both keys sign."""
    signature = body["signature"]
    made = commands.rotation_start(_scope(), endpoint, None if signature is None else Scheme(signature))
    return shapes.created(made, queries.state(_scope(), endpoint))


@webhook_endpoints.do(
    f"{_ONE}/rotation/complete",
    _WRITE,
    shapes.WebhookEndpoint,
    bound=True,
    raises=(UnknownEndpoint, NoRotation),
)
def complete_rotation(endpoint: str) -> dict[str, object]:
    """Complete a rotation: remove the old key, because the receiver knows the new one."""
    commands.rotation_complete(_scope(), endpoint)
    return _shown(endpoint)


@webhook_endpoints.remove(
    f"{_ONE}/rotation", _WRITE, shapes.WebhookEndpoint, bound=True, raises=(UnknownEndpoint, NoRotation)
)
def cancel_rotation(endpoint: str) -> dict[str, object]:
    """Cancel a rotation: remove the new key."""
    commands.rotation_cancel(_scope(), endpoint)
    return _shown(endpoint)


@webhook_endpoints.do(
    f"{_ONE}/test",
    _WRITE,
    shapes.WebhookTest,
    TestInput,
    bound=True,
    raises=(UnknownEndpoint, UnknownEventType),
    example={"type": PersonQueued.type},
    untried="it sends a request to another server",
)
def test(endpoint: str, body: dict[str, Any]) -> dict[str, object]:
    """Send an example of an event at once, and show the answer. It is not among the deliveries."""
    parcel = queries.example(_scope(), endpoint, body["type"])
    headers, content = request_of(parcel, auth.database().now())
    return dump(shapes.WebhookTest(), _policy().post(parcel.endpoint.url, headers, content))


@deliveries.list(
    f"{_ONE}/deliveries",
    _WRITE,
    shapes.WebhookDelivery,
    DeliveriesQuery,
    bound=True,
    raises=(UnknownEndpoint,),
)
def list_deliveries(endpoint: str, query: dict[str, Any]) -> dict[str, object]:
    """List the attempts of the last 30 days with request and answer, the newest first."""
    wanted = Filter(message=query["message"], only_failed=query["failed"])
    page = queries.log(_scope(), endpoint, wanted, cursor=lists.after(query), limit=query["limit"])
    return lists.listing(shapes.WebhookDelivery(), page)


@deliveries.do(
    f"{_ONE}/replay",
    _WRITE,
    shapes.WebhookReplay,
    ReplayInput,
    preview=True,
    bound=True,
    raises=(UnknownEndpoint, UnknownMessage, UnknownOrganization),
    example={"since": "2026-03-01T08:00:00Z"},
)
def replay(endpoint: str, body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Deliver events again, with the same ids of messages: a message, a range, or all after a time."""
    chosen = [name for name in ("message", "since", "first", "last") if name in body]
    if len(chosen) != 1 and set(chosen) != {"first", "last"}:
        raise Problem("invalid_body", "Give one of `message`, `since`, or `first` and `last`.")
    scope = _scope()
    if "message" in body:
        events = commands.replay_message(scope, endpoint, body["message"], preview=preview)
        return shapes.replayed(endpoint, events, preview=preview)
    if "since" in body:
        ranges = queries.ranges_since(scope, endpoint, body["since"])
    else:
        ranges = [Range(_organization_of(scope, endpoint, body), body.get("first", 1), body.get("last"))]
    events = commands.replay(scope, endpoint, ranges, preview=preview)
    return shapes.replayed(endpoint, events, preview=preview)


def _organization_of(scope: Scope, endpoint: str, body: dict[str, Any]) -> str:
    own = queries.state(scope, endpoint).endpoint.organization
    if own is not None:
        return own
    if "organization" not in body:
        raise Problem("invalid_body", "The endpoint is for all organizations. Give `organization`.")
    return organizations.find(auth.database(), body["organization"]).id
