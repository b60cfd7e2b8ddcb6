"""Failures about webhook endpoints."""

from scim_server.services.errors.base import Invalid, NotFound


class UnknownEndpoint(NotFound):
    """There is no webhook endpoint with this id."""

    code = "unknown_endpoint"


class InvalidUrl(Invalid):
    """Requests cannot be sent to this URL."""

    code = "invalid_url"


class InvalidEndpoint(Invalid):
    """A setting of a webhook endpoint has a wrong value."""

    code = "invalid_endpoint"


class UnknownEventType(Invalid):
    """There is no public event of this type."""

    code = "unknown_event_type"


class UnknownMessage(NotFound):
    """The log of the endpoint has no message with this id."""

    code = "unknown_message"
