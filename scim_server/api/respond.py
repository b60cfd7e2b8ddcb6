"""Answers: SCIM JSON with its headers."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import orjson
from flask import Response, request

SCIM_JSON: Final = "application/scim+json"


def answer(
    body: Mapping[str, object] | None, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response:
    """A response with a SCIM body, or without one for 204 and 304."""
    content = b"" if body is None else orjson.dumps(body)
    response = Response(content, status=int(status), headers=dict(headers or {}))
    if body is None:
        del response.headers["Content-Type"]
    else:
        response.headers["Content-Type"] = SCIM_JSON
    return response


def located(body: dict[str, object], status: int = HTTPStatus.OK, *, location: str, version: str) -> Response:
    """A response with one resource: its address and version.

    Content-Location means that the body is the resource at that address in its present state (RFC 9110
    section 8.7); without it, the answer to a POST, PUT or PATCH only reports on the change.
    """
    headers = {"Location": location, "ETag": version}
    if request.method not in ("GET", "HEAD"):
        headers["Content-Location"] = location
    return answer(body, status, headers)
