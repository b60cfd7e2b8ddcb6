"""Errors for SCIM clients. Each exception contains its whole answer (RFC 7644 section 3.12).

ScimError
├── 400  InvalidSyntax  InvalidFilter  InvalidPath  InvalidValue  NoTarget  MutabilityViolation
│        InvalidCursor  ExpiredCursor  InvalidCount
├── 401  Unauthenticated
├── 403  Forbidden  SensitiveFilter
├── 404  NotFound
├── 405  MethodNotAllowed
├── 409  Uniqueness  CircularReference
├── 412  VersionMismatch
├── 413  TooLarge
├── 415  UnsupportedMediaType
├── 428  PreconditionRequired
├── 429  TooManyRequests
└── 501  NotImplementedHere
"""

from http import HTTPStatus
from typing import ClassVar, Final

MAX_DETAIL: Final = 400
ERROR_URN: Final = "urn:ietf:params:scim:api:messages:2.0:Error"


class ScimError(Exception):
    """A refusal of a request. Identity admins see `detail` unchanged, so it must explain the solution."""

    status: ClassVar[HTTPStatus]
    scim_type: ClassVar[str | None] = None

    def __init__(self, detail: str) -> None:
        # The text may repeat text of the client, so control characters are removed and its length is limited.
        detail = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in detail)
        self.detail = detail if len(detail) <= MAX_DETAIL else detail[:MAX_DETAIL] + "…"
        super().__init__(self.detail)

    def to_json(self) -> dict[str, object]:
        """The error message of RFC 7644 section 3.12; `status` is a string there."""
        return error_message(self.status, self.detail, self.scim_type)


def error_message(status: int, detail: str, scim_type: str | None = None) -> dict[str, object]:
    """The SCIM Error resource for a status."""
    message: dict[str, object] = {"schemas": [ERROR_URN], "status": str(int(status))}
    if scim_type is not None:
        message["scimType"] = scim_type
    message["detail"] = detail
    return message


class BadRequest(ScimError):
    """The request cannot be understood or carried out as written."""

    status = HTTPStatus.BAD_REQUEST


class InvalidSyntax(BadRequest):
    """The body is not JSON, or not the expected message."""

    scim_type = "invalidSyntax"


class NotJson(InvalidSyntax):
    """The text is not JSON; it may be plain text."""


class InvalidFilter(BadRequest):
    """The text is not a filter, or compares values that cannot be compared."""

    scim_type = "invalidFilter"


class InvalidPath(BadRequest):
    """The PATCH path is malformed, or its attribute does not exist."""

    scim_type = "invalidPath"


class InvalidValue(BadRequest):
    """A value is missing or has the wrong type for its attribute."""

    scim_type = "invalidValue"


class NoTarget(BadRequest):
    """The PATCH path matches nothing, and the element that it describes cannot be created."""

    scim_type = "noTarget"


class MutabilityViolation(BadRequest):
    """A client may not change the attribute in the path."""

    scim_type = "mutability"


class InvalidCursor(BadRequest):
    """The cursor was not issued by this server, or belongs to another query (RFC 9865)."""

    scim_type = "invalidCursor"


class ExpiredCursor(BadRequest):
    """The cursor has expired (RFC 9865)."""

    scim_type = "expiredCursor"


class InvalidCount(BadRequest):
    """The count is more than the maximum, or changed between pages of a cursor (RFC 9865)."""

    scim_type = "invalidCount"


class Unauthenticated(ScimError):
    """The token is missing or invalid. The text is always the same, so that it reveals nothing."""

    status = HTTPStatus.UNAUTHORIZED

    def __init__(self) -> None:
        super().__init__(
            "A bearer token of this organization is required, in the form: Authorization: Bearer <token>. "
            "Check that the whole token was copied and that it was not revoked."
        )


class Forbidden(ScimError):
    """The request is valid but refused. Repeating it does not help until something else changes."""

    status = HTTPStatus.FORBIDDEN


class SensitiveFilter(Forbidden):
    """Discovery endpoints do not support filters (RFC 7644 section 4)."""


class NotFound(ScimError):
    """The resource does not exist in this organization."""

    status = HTTPStatus.NOT_FOUND


class MethodNotAllowed(ScimError):
    """The address exists, but does not support the method."""

    status = HTTPStatus.METHOD_NOT_ALLOWED


class Uniqueness(ScimError):
    """Another resource already has the value."""

    status = HTTPStatus.CONFLICT
    scim_type = "uniqueness"


class CircularReference(ScimError):
    """Bulk operations refer to each other in a cycle that cannot be resolved (section 3.7.1)."""

    status = HTTPStatus.CONFLICT


class VersionMismatch(ScimError):
    """The resource has changed since the client read it."""

    status = HTTPStatus.PRECONDITION_FAILED


class TooLarge(ScimError):
    """The body is over the limit."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class UnsupportedMediaType(ScimError):
    """The body is not SCIM JSON."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class PreconditionRequired(ScimError):
    """The organization requires If-Match for changes, so that no update is lost."""

    status = HTTPStatus.PRECONDITION_REQUIRED


class TooManyRequests(ScimError):
    """The caller sent more requests in this second than its limit (SECURITY 32)."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self) -> None:
        super().__init__("Too many requests in this second. Nothing was changed; try again in a second.")


class NotImplementedHere(ScimError):
    """A part of SCIM that this server does not support."""

    status = HTTPStatus.NOT_IMPLEMENTED
