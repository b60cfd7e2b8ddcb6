"""Webhook endpoints and the log of their deliveries."""

from marshmallow import fields

from scim_server.representations.base import Representation


class Endpoint(Representation):
    """A webhook endpoint, without its secret keys."""

    id = fields.String(attribute="endpoint.id")
    organization = fields.String(attribute="slug", allow_none=True)
    url = fields.String(attribute="endpoint.url")
    types = fields.Function(lambda one: list(one.endpoint.types))
    payload = fields.String(attribute="endpoint.payload")
    batch = fields.Integer(attribute="endpoint.batch")
    retries = fields.Function(lambda one: list(one.endpoint.retries))
    contact = fields.String(attribute="endpoint.contact", allow_none=True)
    signatures = fields.Function(lambda one: [scheme.value for scheme in one.schemes])
    public_keys = fields.Function(lambda one: list(one.public_keys))
    rotating = fields.Function(lambda one: one.endpoint.next_key is not None)
    created = fields.String(attribute="endpoint.created")
    state = fields.String()
    disabled = fields.String(attribute="endpoint.disabled", allow_none=True)
    why_disabled = fields.String(attribute="endpoint.why_disabled", allow_none=True)
    paused = fields.String(attribute="endpoint.paused", allow_none=True)
    waiting = fields.Integer(attribute="waiting.events")
    waiting_since = fields.String(attribute="waiting.since", allow_none=True)
    failing = fields.Integer(attribute="waiting.failing")
    unread = fields.Integer()
    lag_seconds = fields.Function(lambda one: int(one.lag.total_seconds()))


class Delivery(Representation):
    """One attempt to deliver a message. The cause of a failure is only for the operator."""

    id = fields.String(attribute="attempt.id")
    at = fields.String(attribute="attempt.at")
    organization = fields.String(attribute="slug")
    message = fields.String(attribute="attempt.message")
    events = fields.Function(lambda one: [f"{one.slug}-{number}" for number in one.attempt.events])
    outcome = fields.String(attribute="attempt.outcome")
    status = fields.Integer(attribute="attempt.status", allow_none=True)
    failure = fields.String(attribute="attempt.failure", allow_none=True)
    milliseconds = fields.Integer(attribute="attempt.milliseconds")
    next_attempt = fields.String(attribute="attempt.next_attempt", allow_none=True)
    url = fields.String(attribute="attempt.url")
    request_headers = fields.Raw(attribute="attempt.request")
    request_body = fields.String(attribute="attempt.request_body")
    response_headers = fields.Raw(attribute="attempt.headers")
    response_body = fields.String(attribute="attempt.body")
    truncated = fields.Boolean(attribute="attempt.truncated")


class DeliveryForOperators(Delivery):
    """The same, with the exact cause of a failure, which may describe the server's network."""

    cause = fields.String(attribute="attempt.cause", allow_none=True)


class Answer(Representation):
    """The answer to an example that was sent at once."""

    status = fields.Integer(allow_none=True)
    milliseconds = fields.Integer()
    failure = fields.String(allow_none=True)
    headers = fields.Raw()
    body = fields.String()
    truncated = fields.Boolean()
