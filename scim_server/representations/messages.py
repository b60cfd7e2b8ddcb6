"""The messages of webhooks: the headers, and events as every interface shows them (decision 49)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import orjson

from scim_server.egress import signing
from scim_server.services.webhooks.queries import Parcel
from scim_server.store.rows.feed import Appended
from scim_server.store.rows.webhook_endpoints import Endpoint

_HEADERS: Final = {"content-type": "application/json", "user-agent": "scim-seats"}
LARGEST: Final = 20_000
"""Bytes that one event may have. A larger event is sent thin."""
_FULL: Final = "full"


def request_of(parcel: Parcel, at: datetime) -> tuple[dict[str, str], bytes]:
    """The headers and the body of a message that is sent at a time."""
    body = body_of(parcel.endpoint, parcel.events)
    return {**_HEADERS, **signing.headers(parcel.keys, parcel.id, at, body)}, body


def body_of(endpoint: Endpoint, events: Sequence[Appended]) -> bytes:
    """The body of a message. With a batch size of 1, it is one event; otherwise a list.

    Args:
        endpoint: decides between full and thin events.
    """
    parts = [_part(endpoint.payload, one) for one in events]
    return parts[0] if endpoint.batch == 1 and len(parts) == 1 else b"[" + b",".join(parts) + b"]"


def _part(payload: str, event: Appended) -> bytes:
    if payload == _FULL:
        full = orjson.dumps({"type": event.type, "timestamp": event.at, "data": _data(event)})
        if len(full) < LARGEST:
            return full
    return orjson.dumps({"type": event.type, "timestamp": event.at, "data": _thin(event)})


def _thin(event: Appended) -> dict[str, object]:
    return {"id": f"{event.slug}-{event.sequence}", "organization": event.slug, "person": event.person}


def _data(event: Appended) -> dict[str, object]:
    return _thin(event) | {"payload": event.payload, "seats": event.seats}
