"""Failures of /v1 as problem details (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
from flask import Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from scim_server.admin.errors import OWN, status_of
from scim_server.protocol.errors import ScimError
from scim_server.services.errors import InProgress, ServiceError
from scim_server.store.errors import CommitUncertain, StoreUnavailable
from scim_server.telemetry import log
from seat_policy.errors import PolicyError

PREFIX: Final = "/v1/"
DOCS: Final = f"{PREFIX}docs"
PROBLEM_JSON: Final = "application/problem+json"
RETRY_AFTER: Final = "5"
"""Seconds to wait before a new try."""
_CODES: Final = {
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body_too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limited",
}
"""The code of a failure that the SCIM part detects, by its status; `invalid_body` for all others."""
_MOST: Final = 1_000
"""The greatest length of a detail, which may repeat text of the request."""

Errors = Mapping[str, list[str]]
NEXT_SECOND: Final = "1"
"""Seconds until the key's limit begins again."""


class Problem(Exception):
    """The answer of /v1 to a refused request.

    Attributes:
        status, code: as in the table of codes.
        detail: the explanation, for people.
        errors: messages by the name of the field or parameter.
        more: other members of the answer, such as the new preview.
        headers: other headers of the answer.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Errors | None = None,
        more: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = OWN[code].status, code, detail
        self.errors, self.more, self.headers = errors, more or {}, headers or {}


class StalePreview(Exception):
    """A confirmation code is not valid any more; carries the refusal, and the new preview."""

    def __init__(self, detail: str, preview: Mapping[str, object]) -> None:
        super().__init__(detail)
        self.detail, self.preview = detail, preview


def answer(body: Mapping[str, object], status: int = HTTPStatus.OK) -> Response:
    """The answer to a request that succeeded."""
    return Response(orjson.dumps(body), status=int(status), mimetype="application/json")


def respond(error: Exception) -> Response:
    """The answer to a request that failed."""
    if isinstance(error, HTTPException):
        return _http_error(error)
    if isinstance(error, StoreUnavailable):
        return _unavailable(error)
    if isinstance(error, Problem):
        response = _problem(error.status, error.code, error.detail, errors=error.errors, **error.more)
        response.headers.update(error.headers)
        return response
    return _refused(error) or _failed(error)


def _refused(error: Exception) -> Response | None:
    """The answer to a refusal of a service; None for other errors."""
    match error:
        case StalePreview():
            status, code = HTTPStatus.CONFLICT, "stale_confirmation"
            return _problem(status, code, sentence(error.detail), preview=error.preview)
        case ServiceError():
            response = _problem(status_of(type(error)), error.code, sentence(error.detail))
            if isinstance(error, InProgress):
                response.headers["Retry-After"] = "1"
            return response
        case ScimError():
            response = _problem(error.status, _CODES.get(error.status, "invalid_body"), error.detail)
            if error.status == HTTPStatus.TOO_MANY_REQUESTS:
                response.headers["Retry-After"] = NEXT_SECOND
            return response
        case PolicyError():
            return _problem(HTTPStatus.BAD_REQUEST, "invalid", sentence(str(error)))
    return None


def _failed(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    detail = (
        "The server failed to handle this request. The server's log has the cause under the "
        f"request id {g.request_id}."
    )
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", detail)


def sentence(text: str) -> str:
    """A message of a service as a sentence."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def _unavailable(error: StoreUnavailable) -> Response:
    log.error("database unavailable", cause=str(error))
    code = "outcome_unknown" if isinstance(error, CommitUncertain) else "database_unavailable"
    response = _problem(HTTPStatus.SERVICE_UNAVAILABLE, code, "The database does not answer; try again.")
    response.headers["Retry-After"] = RETRY_AFTER
    return response


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


def _problem(status: int, code: str, detail: str, *, errors: Errors | None = None, **more: Any) -> Response:  # noqa: ANN401 - JSON
    body = {
        "type": f"{DOCS}#{code}",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "code": code,
        "detail": detail[:_MOST],
        **({} if errors is None else {"errors": errors}),
        **more,
    }
    response = Response(orjson.dumps(body), status=int(status), mimetype=PROBLEM_JSON)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = NEXT_SECOND
    return response
