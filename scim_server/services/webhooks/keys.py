"""The keys of a webhook endpoint, and their replacement in two phases (decision 48)."""

from dataclasses import dataclass

from scim_server.egress import signing
from scim_server.egress.signing import Scheme
from scim_server.history import WebhookUpdated
from scim_server.services.errors import NoRotation, RotationRuns
from scim_server.services.webhooks.scope import Work, host_of
from scim_server.store.rows import webhook_endpoints as rows
from scim_server.store.rows.webhook_endpoints import Endpoint


@dataclass(frozen=True, slots=True)
class NewKey:
    """An endpoint with a new key.

    Attributes:
        verifier: what the receiver needs to verify signatures: the secret, which is shown only once, or the
            public key.
    """

    endpoint: Endpoint
    verifier: str


def start(work: Work, endpoint: Endpoint, scheme: Scheme | None) -> NewKey:
    """Add a second key. Both sign until the rotation is completed or cancelled.

    Args:
        scheme: the kind of signature of the new key; None for the same as before.

    Raises:
        RotationRuns: there are two keys already.
    """
    if endpoint.next_key is not None:
        raise RotationRuns("a rotation is running. Complete it or cancel it first")
    key = signing.new_key(scheme or signing.scheme_of(endpoint.key))
    changed = _save(work, endpoint, endpoint.key, key)
    return NewKey(changed, signing.verifier(key))


def complete(work: Work, endpoint: Endpoint) -> Endpoint:
    """Remove the old key.

    Raises:
        NoRotation: there is only one key.
    """
    return _save(work, endpoint, _next(endpoint), None)


def cancel(work: Work, endpoint: Endpoint) -> Endpoint:
    """Remove the new key.

    Raises:
        NoRotation: there is only one key.
    """
    _next(endpoint)
    return _save(work, endpoint, endpoint.key, None)


def _next(endpoint: Endpoint) -> str:
    if endpoint.next_key is None:
        raise NoRotation("no rotation is running. Start one first")
    return endpoint.next_key


def _save(work: Work, endpoint: Endpoint, key: str, next_key: str | None) -> Endpoint:
    rows.change(work.connection, endpoint.id, {"key": key, "next_key": next_key})
    work.record(WebhookUpdated(endpoint=endpoint.id, host=host_of(endpoint.url), changed="keys"))
    found = rows.get(work.connection, endpoint.id)
    return found or endpoint
