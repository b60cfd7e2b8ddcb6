"""Webhook endpoints and the log of their deliveries."""

from marshmallow import fields

from scim_server.representations.base import Representation, dump
from scim_server.services.webhooks.commands import NewKey
from scim_server.services.webhooks.queries import Scheme, State


class WebhookEndpoint(Representation):
    """A webhook endpoint, without its secret keys."""

    id = fields.String(attribute="endpoint.id")
    organization = fields.String(
        attribute="slug", allow_none=True, metadata={"description": "The slug; null for all organizations."}
    )
    url = fields.String(attribute="endpoint.url")
    types = fields.List(
        fields.String(),
        attribute="endpoint.types",
        metadata={"description": "Types of events, or families such as person.*; empty for all types."},
    )
    payload = fields.String(attribute="endpoint.payload")
    batch = fields.Integer(attribute="endpoint.batch")
    retries = fields.List(
        fields.Integer(),
        attribute="endpoint.retries",
        metadata={"description": "The seconds between the attempts for a message."},
    )
    contact = fields.String(attribute="endpoint.contact", allow_none=True)
    signatures = fields.List(
        fields.String(), attribute="schemes", metadata={"description": "v1 or v1a; two during a rotation."}
    )
    public_keys = fields.List(fields.String())
    rotating = fields.Boolean()
    created = fields.String(attribute="endpoint.created")
    state = fields.String(
        metadata={"description": "enabled, paused (by an overloaded receiver) or disabled."}
    )
    disabled = fields.String(attribute="endpoint.disabled", allow_none=True)
    why_disabled = fields.String(attribute="endpoint.why_disabled", allow_none=True)
    paused = fields.String(attribute="endpoint.paused", allow_none=True)
    waiting = fields.Integer(
        attribute="waiting.events", metadata={"description": "How many events are not delivered yet."}
    )
    waiting_since = fields.String(attribute="waiting.since", allow_none=True)
    failing = fields.Integer(
        attribute="waiting.failing", metadata={"description": "How many messages wait for a retry."}
    )
    unread = fields.Integer(metadata={"description": "How many events have no deliveries yet."})
    lag_seconds = fields.Integer()


class CreatedWebhookEndpoint(WebhookEndpoint):
    """A webhook endpoint with a new key."""

    secret = fields.String(
        metadata={"description": "The new shared secret, which is shown only once; null for a key pair."},
        allow_none=True,
    )


class RemovedWebhookEndpoint(WebhookEndpoint):
    """A webhook endpoint that is removed, or would be."""

    preview = fields.Boolean()


class WebhookDelivery(Representation):
    """One attempt to deliver a message. The cause of a failure is only for the operator."""

    id = fields.String(attribute="attempt.id")
    at = fields.String(attribute="attempt.at")
    organization = fields.String(attribute="slug")
    message = fields.String(attribute="attempt.message")
    events = fields.List(fields.String(), attribute="references")
    outcome = fields.String(
        attribute="attempt.outcome",
        metadata={"description": "delivered, retry, slowed (the receiver is overloaded) or disabled."},
    )
    status = fields.Integer(attribute="attempt.status", allow_none=True)
    failure = fields.String(attribute="attempt.failure", allow_none=True)
    milliseconds = fields.Integer(attribute="attempt.milliseconds")
    next_attempt = fields.String(attribute="attempt.next_attempt", allow_none=True)
    url = fields.String(attribute="attempt.url")
    request_headers = fields.Dict(attribute="attempt.request")
    request_body = fields.String(attribute="attempt.request_body")
    response_headers = fields.Dict(attribute="attempt.headers")
    response_body = fields.String(attribute="attempt.body")
    truncated = fields.Boolean(attribute="attempt.truncated")


class WebhookDeliveryForOperators(WebhookDelivery):
    """The same, with the exact cause of a failure, which may describe the server's network."""

    cause = fields.String(attribute="attempt.cause", allow_none=True)


class WebhookTest(Representation):
    """The answer to an example that was sent at once."""

    status = fields.Integer(allow_none=True)
    milliseconds = fields.Integer()
    failure = fields.String(allow_none=True)
    response_headers = fields.Dict(attribute="headers")
    response_body = fields.String(attribute="body")
    truncated = fields.Boolean()


class WebhookReplay(Representation):
    """How many events are delivered again."""

    endpoint = fields.String()
    events = fields.Integer()
    preview = fields.Boolean()


def created(made: NewKey, state: State) -> dict[str, object]:
    """An endpoint with its new key, which is shown once."""
    secret = made.verifier if state.schemes[-1] is Scheme.SHARED else None
    return {**dump(WebhookEndpoint(), state), "secret": secret}


def removed(state: State, *, preview: bool) -> dict[str, object]:
    """An endpoint that is removed, or would be."""
    return {**dump(WebhookEndpoint(), state), "preview": preview}


def replayed(endpoint: str, events: int, *, preview: bool) -> dict[str, object]:
    """How many events are delivered again, or would be."""
    return {"endpoint": endpoint, "events": events, "preview": preview}
