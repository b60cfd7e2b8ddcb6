"""Bodies of requests, read to their limit by every edge that takes JSON."""

from typing import Final

from flask import request

from scim_server.protocol.attributes import JSON
from scim_server.protocol.discovery import MAX_BODY
from scim_server.protocol.errors import TooLarge, UnsupportedMediaType
from scim_server.protocol.messages import parse_object

DRAIN: Final = 64 * 1024
"""Bytes of an unread body that are read for the sake of the connection."""
_JSON_TYPES: Final = frozenset({"application/scim+json", "application/json", "text/json", ""})


def body() -> bytes:
    """The body, read to its limit.

    Raises:
        UnsupportedMediaType: it is not JSON by its own account, or compressed.
        TooLarge: it is over the limit, also when its length was not announced.
    """
    if request.mimetype not in _JSON_TYPES:
        raise UnsupportedMediaType(
            f"The body must be application/scim+json or application/json, not {request.mimetype[:100]}."
        )
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("The body must not be compressed: send it without Content-Encoding.")
    too_large = TooLarge(f"The body is over {MAX_BODY} bytes; send less at a time.")
    if (request.content_length or 0) > MAX_BODY:
        raise too_large
    # Not request.data: Werkzeug cuts a chunked body at its limit and says nothing.
    content: bytes = request.environ["wsgi.input"].read(MAX_BODY + 1)
    if len(content) > MAX_BODY:
        raise too_large
    return content


def drained() -> bool:
    """Read what a handler left of the body; False if it is more than a refusal is worth.

    An answer that leaves bytes of its request on the connection makes the next one fail.
    """
    announced = request.content_length or ("chunked" in request.headers.get("Transfer-Encoding", ""))
    return not announced or len(request.environ["wsgi.input"].read(DRAIN)) < DRAIN


def json_body() -> dict[str, JSON]:
    """The body as a JSON object; raises what `body` and `parse_object` raise."""
    return parse_object(body())
