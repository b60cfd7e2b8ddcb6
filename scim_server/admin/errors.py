"""The status of every failure of a service, and the codes that /v1 answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from scim_server.services.errors import Conflict, Denied, Invalid, NotFound, ServiceError

STATUSES: Final[Mapping[type[ServiceError], HTTPStatus]] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Invalid: HTTPStatus.BAD_REQUEST,
    Conflict: HTTPStatus.CONFLICT,
    Denied: HTTPStatus.FORBIDDEN,
}
"""The status of each kind of failure. Every class of `services/errors` is of one kind."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a problem.

    Attributes:
        meaning: one sentence for people.
    """

    code: str
    status: HTTPStatus
    meaning: str


def status_of(kind: type[ServiceError]) -> HTTPStatus:
    """The status of a class of failures."""
    return next(status for base, status in STATUSES.items() if issubclass(kind, base))


_OWN: Final = (
    ("invalid_body", 400, "The body is not JSON, or has wrong fields (`errors`)."),
    ("invalid_query", 400, "A parameter of the query is unknown or wrong (`errors`)."),
    ("invalid_header", 400, "A header of the request is malformed."),
    ("invalid_cursor", 400, "The cursor does not belong to this list."),
    ("unauthenticated", 401, "The API key is missing or not accepted."),
    ("scope_missing", 403, "The API key lacks the scope of the call."),
    ("key_bound", 403, "The API key is for one organization, and the call is not."),
    ("forbidden", 403, "A setting of the organization or of the server forbids the request."),
    ("not_found", 404, "The path or the object does not exist."),
    ("method_not_allowed", 405, "The path does not support the method."),
    ("changed", 412, "The object has changed since it was read (`current`)."),
    ("body_too_large", 413, "The body is over the limit."),
    ("unsupported_media_type", 415, "The body must be JSON."),
    ("rate_limited", 429, "The key sent too many requests in this second. Wait for `Retry-After` seconds."),
    ("internal_error", 500, "The server failed. Its log has the cause under the id of the request."),
    ("database_unavailable", 503, "The database does not answer. Nothing was changed; try again."),
    ("outcome_unknown", 503, "The connection was lost in the commit. Repeat with the same idempotency key."),
)
OWN: Final[Mapping[str, Code]] = {
    code: Code(code, HTTPStatus(status), meaning) for code, status, meaning in _OWN
}
"""The codes of failures before or after a service."""


def every_code() -> dict[str, Code]:
    """Every code that /v1 can answer, in the order of the status and the code."""
    found = {**OWN, **{kind.code: _of(kind) for kind in _kinds(ServiceError)}}
    return dict(sorted(found.items(), key=lambda item: (item[1].status, item[0])))


def _kinds(base: type[ServiceError]) -> Iterator[type[ServiceError]]:
    """Every class of failures, except the abstract root."""
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


def _of(kind: type[ServiceError]) -> Code:
    meaning = (kind.__doc__ or "").strip().split("\n\n")[0]
    return Code(kind.code, status_of(kind), " ".join(meaning.split()))


__all__ = ["OWN", "STATUSES", "Code", "every_code", "status_of"]
