"""Bodies of requests, read up to a limit by every interface that takes JSON."""

from typing import Final

from flask import request

from scim_server.protocol.attributes import JSON
from scim_server.protocol.discovery import MAX_BODY
from scim_server.protocol.errors import TooLarge, UnsupportedMediaType
from scim_server.protocol.messages import parse_object

DRAIN: Final = 64 * 1024
"""How many bytes of an unread body are read to keep the connection usable."""
_JSON_TYPES: Final = frozenset({"application/scim+json", "application/json", "text/json", ""})


def body() -> bytes:
    """The body, read up to the limit.

    Raises:
        UnsupportedMediaType: its header names another type than JSON, or it is compressed.
        TooLarge: it is over the limit, even if its length was not announced.
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
    # Not request.data: Werkzeug cuts a chunked body at its limit without an error.
    content: bytes = request.environ["wsgi.input"].read(MAX_BODY + 1)
    if len(content) > MAX_BODY:
        raise too_large
    return content


def drained() -> bool:
    """Read the unread rest of the body; False if it is too long to be worth it.

    If bytes of a request remain unread on the connection, the next request on it fails.
    """
    environ = request.environ
    announced = request.content_length if environ.get("CONTENT_LENGTH") else 0
    chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "")
    return not (announced or chunked) or len(request.environ["wsgi.input"].read(DRAIN)) < DRAIN


def json_body() -> dict[str, JSON]:
    """The body as a JSON object; raises what `body` and `parse_object` raise."""
    return parse_object(body())
