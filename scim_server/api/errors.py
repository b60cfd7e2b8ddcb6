"""Answers every failure with a SCIM Error (RFC 7644 section 3.12), for all exceptions."""

from http import HTTPStatus
from typing import Final

from flask import Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from scim_server.api.respond import answer
from scim_server.protocol.errors import ScimError, TooManyRequests, Unauthenticated, error_message
from scim_server.store.errors import CommitUncertain, StoreUnavailable
from scim_server.telemetry import log

RETRY_AFTER: Final = "5"
"""Seconds to wait before a new try, as an integer because Okta accepts no other form."""
NEXT_SECOND: Final = "1"
"""Seconds until the caller's limit begins again."""


def respond(error: Exception) -> Response:
    """The answer to a request that failed."""
    match error:
        case ScimError():
            return scim_error(error)
        case StoreUnavailable():
            return unavailable(error)
        case HTTPException():
            return http_error(error)
    return unexpected(error)


def scim_error(error: ScimError) -> Response:
    """A refusal that the code raised intentionally."""
    headers = {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = NEXT_SECOND
    return answer(error.to_json(), error.status, headers)


def unavailable(error: StoreUnavailable) -> Response:
    """Answer a failure of the database with 503. Providers would act on an empty list or a 404."""
    log.error("database unavailable", cause=str(error))
    detail = "The database does not answer. Nothing was changed; try again."
    if isinstance(error, CommitUncertain):
        detail = (
            "The database stopped answering. The change may have been made, so read the "
            "resource before you try again."
        )
    message = error_message(HTTPStatus.SERVICE_UNAVAILABLE, f"{detail} Request {g.request_id}.")
    return answer(message, HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": RETRY_AFTER})


def http_error(error: HTTPException) -> Response:
    """A failure that the web framework detected."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    headers: dict[str, str] = {}
    if status == HTTPStatus.NOT_FOUND:
        detail = f"The path {request.path[:200]} does not exist."
    elif isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        detail = f"{request.method} is not possible here. Possible methods: {allowed}."
        headers["Allow"] = allowed
    else:
        detail = error.description or HTTPStatus(status).phrase
    return answer(error_message(status, detail), status, headers)


def unexpected(error: Exception) -> Response:
    """Answer a defect of the server. All details go to the log, none to the client."""
    log.error("unexpected error", exc_info=error)
    detail = (
        "The server failed to handle this request. The server's log has the cause under the "
        f"request id {g.request_id}."
    )
    message = error_message(HTTPStatus.INTERNAL_SERVER_ERROR, detail)
    return answer(message, HTTPStatus.INTERNAL_SERVER_ERROR, {})
