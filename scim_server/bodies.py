"""Reads the bodies of requests up to a limit, for every interface that accepts JSON."""

from typing import Final

from flask import request
from werkzeug.exceptions import LengthRequired, RequestEntityTooLarge

from scim_server.arrival import BODY, Body
from scim_server.protocol.attributes import JSON
from scim_server.protocol.discovery import MAX_BODY
from scim_server.protocol.errors import TooLarge, UnsupportedMediaType
from scim_server.protocol.messages import parse_object

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
        HTTPException: the body did not arrive in time, or not completely.
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
    arriving: Body = request.environ[BODY]
    content = arriving.all(MAX_BODY + 1)
    if len(content) > MAX_BODY:
        raise too_large
    return content


def admit_form(most: int | None = None) -> None:
    """Check the size of a form before it is read.

    Args:
        most: the largest form, in bytes; None for the limits of the signed-in.

    Raises:
        RequestEntityTooLarge, LengthRequired: the form is over the limit, or its length was not announced.
            Werkzeug would cut such a form at the limit without an error.
    """
    if most is None:
        most = MOST_UPLOADED if request.mimetype == "multipart/form-data" else MOST_IN_FORM
    if request.content_length is None:
        raise LengthRequired("The form came without its length. Send it from the page.")
    if request.content_length > most:
        raise RequestEntityTooLarge(f"This is larger than {most // 1024 // 1024} MB. Send less at once.")
    request.max_content_length = most
    request.max_form_memory_size = MOST_IN_FORM


def know_caller() -> None:
    """Let the body of this request wait longer, because its caller is authenticated."""
    arriving: Body = request.environ[BODY]
    arriving.known = True


def is_whole() -> bool:
    """Whether the connection has no unread bytes of the body, so that it can be used again.

    A body that is not needed is not awaited, because the client may never send it.
    """
    arriving: Body = request.environ[BODY]
    return arriving.whole


def linger() -> None:
    """Let a small body that nobody needs arrive, so that the client does not lose the answer with it."""
    arriving: Body = request.environ[BODY]
    arriving.linger()


def json_body() -> dict[str, JSON]:
    """Read the body as a JSON object; raises the errors of `body` and `parse_object`."""
    return parse_object(body())
