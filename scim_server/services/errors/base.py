"""The kinds of failures of commands and queries. The docstring of the package shows the tree."""

from typing import ClassVar


class ServiceError(Exception):
    """A command or query that could not be carried out."""

    code: ClassVar[str]

    @property
    def detail(self) -> str:
        """The message for people."""
        return str(self)


class NotFound(ServiceError):
    """The requested object does not exist in this organization."""

    code = "not_found"


class Invalid(ServiceError):
    """The request is malformed or has no meaning."""

    code = "invalid"


class Conflict(ServiceError):
    """The request does not fit the current state."""

    code = "conflict"


class Denied(ServiceError):
    """A rule forbids the request, or the actor's role does."""

    code = "denied"


class InvalidReference(Invalid):
    """The text is not a reference such as acme-12."""

    code = "invalid_reference"


class InvalidCursor(Invalid):
    """The text is not a cursor of this list."""

    code = "invalid_cursor"


class CursorLost(Conflict):
    """The history no longer has the events up to the cursor, because it was restored from a backup."""

    code = "cursor_lost"
