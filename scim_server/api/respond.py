"""Answers: SCIM JSON with its headers."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import orjson
from flask import Response, request
from werkzeug.datastructures import Headers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SCIM_JSON: Final = "application/scim+json"


class Answer(Response):
    """A complete answer whose headers are final. Werkzeug would parse each location once more."""

    default_mimetype = None

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> Headers:
        """The headers as they are sent."""
        bodiless = self.status_code in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
        if bodiless or not self.headers.get("Location", "").isascii():
            return super().get_wsgi_headers(environ)
        return self.headers


def answer(
    body: Mapping[str, object] | None, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response:
    """A response with a SCIM body, or without one for 204 and 304."""
    content = b"" if body is None else orjson.dumps(body)
    return Answer(content, int(status), headers, content_type=None if body is None else SCIM_JSON)


def located(body: dict[str, object], status: int = HTTPStatus.OK, *, location: str, version: str) -> Response:
    """A response with one resource, its address and its version.

    Content-Location means that the body is the resource at that address in its present state (RFC 9110
    section 8.7). Without this header, the answer to a POST, PUT or PATCH only reports about the change.
    """
    headers = {"Location": location, "ETag": version}
    if request.method not in ("GET", "HEAD"):
        headers["Content-Location"] = location
    return answer(body, status, headers)
