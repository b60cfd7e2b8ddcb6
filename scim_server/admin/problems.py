"""Failures of /v1 as problem details (RFC 9457)."""

from http import HTTPStatus
from typing import Final

import orjson
from flask import Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from scim_server.protocol.errors import ScimError
from scim_server.store.errors import CommitUncertain, StoreUnavailable
from scim_server.telemetry import log

PREFIX: Final = "/v1/"
PROBLEM_JSON: Final = "application/problem+json"
RETRY_AFTER: Final = "5"
"""Seconds to wait before a new try."""
_CODES: Final = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body_too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limited",
}
"""The code for a request that is refused before its route sees it."""
NEXT_SECOND: Final = "1"
"""Seconds until the key's limit begins again."""


class Problem(Exception):
    """The answer of /v1 to a refused or failed request.

    Attributes:
        status: HTTP status.
        code: the error code, for programs.
        detail: the explanation, for people.
    """

    def __init__(self, status: HTTPStatus, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


def answer(body: dict[str, object], status: int = HTTPStatus.OK) -> Response:
    """The answer to a request that succeeded."""
    return Response(orjson.dumps(body), status=int(status), mimetype="application/json")


def respond(error: Exception) -> Response:
    """The answer to a request that failed."""
    match error:
        case Problem():
            return _problem(error.status, error.code, error.detail)
        case ScimError():
            return _problem(error.status, _CODES.get(error.status, "invalid_body"), error.detail)
        case StoreUnavailable():
            log.error("database unavailable", cause=str(error))
            uncertain = isinstance(error, CommitUncertain)
            code = "outcome_unknown" if uncertain else "database_unavailable"
            response = _problem(
                HTTPStatus.SERVICE_UNAVAILABLE, code, "The database does not answer; try again."
            )
            response.headers["Retry-After"] = RETRY_AFTER
            return response
        case HTTPException():
            return _http_error(error)
    log.error("unexpected error", exc_info=error)
    detail = (
        "The server failed to handle this request. The server's log has the cause under the "
        f"request id {g.request_id}."
    )
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", detail)


def _http_error(error: HTTPException) -> Response:
    """A failure that the web framework detected."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if isinstance(error, NotFound):
        return _problem(status, "not_found", f"The path {request.path[:200]} does not exist.")
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        detail = f"{request.method} is not possible here. Possible methods: {allowed}."
        response = _problem(status, "method_not_allowed", detail)
        response.headers["Allow"] = allowed
        return response
    return _problem(status, "http_error", error.description or HTTPStatus(status).phrase)


def _problem(status: int, code: str, detail: str) -> Response:
    body = {"title": HTTPStatus(status).phrase, "status": int(status), "code": code, "detail": detail}
    response = Response(orjson.dumps(body), status=int(status), mimetype=PROBLEM_JSON)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = NEXT_SECOND
    return response
