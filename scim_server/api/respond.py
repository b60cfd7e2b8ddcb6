"""Answers: SCIM JSON with the headers that belong to it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import orjson
from flask import Response

SCIM_JSON: Final = "application/scim+json"


def answer(
    body: Mapping[str, object] | None, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response:
    """A response with a SCIM body, or without any for 204 and 304."""
    content = b"" if body is None else orjson.dumps(body)
    response = Response(content, status=int(status), headers=dict(headers or {}))
    if body is None:
        del response.headers["Content-Type"]
    else:
        response.headers["Content-Type"] = SCIM_JSON
    return response


def located(body: dict[str, object], status: int = HTTPStatus.OK, *, location: str, version: str) -> Response:
    """A response about one resource: where it is and which version."""
    return answer(body, status, {"Location": location, "ETag": version})
