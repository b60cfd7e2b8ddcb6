"""The kinds of failures of commands and queries; the package's docstring shows the tree."""

from typing import ClassVar


class ServiceError(Exception):
    """A command or query that could not be carried out."""

    code: ClassVar[str]

    @property
    def detail(self) -> str:
        """The sentence for people."""
        return str(self)


class NotFound(ServiceError):
    """The named object does not exist in this organization."""

    code = "not_found"


class Invalid(ServiceError):
    """The request is malformed or has no meaning."""

    code = "invalid"


class Conflict(ServiceError):
    """The request does not fit the present state."""

    code = "conflict"


class Denied(ServiceError):
    """A rule or the actor's role forbids the request."""

    code = "denied"


class InvalidReference(Invalid):
    """The text is not a reference such as acme-12."""

    code = "invalid_reference"
