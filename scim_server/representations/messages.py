"""The messages of webhooks: the headers, and events as every interface shows them (decision 49)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import orjson

from scim_server.egress import signing
from scim_server.representations.public_events import Dumped, published
from scim_server.services.events.queries import Appended
from scim_server.services.webhooks.queries import Endpoint, Parcel

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
    parts = [_part(endpoint.payload, one) for one in published(events)]
    return parts[0] if endpoint.batch == 1 and len(parts) == 1 else b"[" + b",".join(parts) + b"]"


def _part(payload: str, event: Dumped) -> bytes:
    frame = {"type": event["type"], "timestamp": event["at"]}
    if payload == _FULL:
        full = orjson.dumps({**frame, "data": event})
        if len(full) < LARGEST:
            return full
    return orjson.dumps({**frame, "data": _thin(event)})


def _thin(event: Dumped) -> Dumped:
    """Which event it is, without values of people."""
    about = event["about"]
    named = {key: about[key] for key in ("type", "id")} if isinstance(about, dict) else {}
    return {key: event[key] for key in ("id", "organization", "number")} | {"about": named}
