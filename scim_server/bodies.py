"""Reads the bodies of requests up to a limit, for every interface that accepts JSON."""

from typing import Final

from flask import request
from werkzeug.exceptions import LengthRequired, RequestEntityTooLarge

from scim_server.protocol.attributes import JSON
from scim_server.protocol.discovery import MAX_BODY
from scim_server.protocol.errors import TooLarge, UnsupportedMediaType
from scim_server.protocol.messages import parse_object

DRAIN: Final = 64 * 1024
"""The largest unread rest of a body, in bytes, that is read to keep the connection usable."""
MOST_IN_FORM: Final = 2 * 1024 * 1024
"""The largest form without a file, in bytes: the addresses of some ten thousand people."""
MOST_UPLOADED: Final = 16 * 1024 * 1024
"""The largest form with a file."""
_JSON_TYPES: Final = frozenset({"application/scim+json", "application/json", "text/json", ""})


def body() -> bytes:
    """Read the body, up to the limit.

    Raises:
        UnsupportedMediaType: the Content-Type is not JSON, or the body is compressed.
        TooLarge: the body is over the limit, even if its length was not announced.
    """
    if request.mimetype not in _JSON_TYPES:
        raise UnsupportedMediaType(
            f"The body must be application/scim+json or application/json, not {request.mimetype[:100]}."
        )
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("The body must not be compressed. Send it without Content-Encoding.")
    too_large = TooLarge(f"The body is larger than {MAX_BODY} bytes. Send less in one request.")
    if (request.content_length or 0) > MAX_BODY:
        raise too_large
    # Werkzeug's request.data is not used, because it cuts a chunked body at its limit without an error.
    content: bytes = request.environ["wsgi.input"].read(MAX_BODY + 1)
    if len(content) > MAX_BODY:
        raise too_large
    return content


def admit_form() -> None:
    """Check the size of a form before it is read. Files go to disk while they are read.

    Raises:
        RequestEntityTooLarge, LengthRequired: the form is over the limit, or its length was not announced.
    """
    most = MOST_UPLOADED if request.mimetype == "multipart/form-data" else MOST_IN_FORM
    if request.content_length is None:
        raise LengthRequired("The form came without its length. Send it from the page.")
    if request.content_length > most:
        raise RequestEntityTooLarge(f"This is larger than {most // 1024 // 1024} MB. Send less at once.")
    request.max_content_length = most
    request.max_form_memory_size = MOST_IN_FORM


def drained() -> bool:
    """Read the unread rest of the body; return False if the rest is too long.

    If bytes of a request remain unread on the connection, the next request on it fails.
    """
    environ = request.environ
    announced = request.content_length if environ.get("CONTENT_LENGTH") else 0
    chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "")
    return not (announced or chunked) or len(request.environ["wsgi.input"].read(DRAIN)) < DRAIN


def json_body() -> dict[str, JSON]:
    """Read the body as a JSON object; raises the errors of `body` and `parse_object`."""
    return parse_object(body())
