"""The kinds of failures of commands and queries; the tree stands in the package."""

from typing import ClassVar


class ServiceError(Exception):
    """A command or query that could not be carried out."""

    code: ClassVar[str]

    @property
    def detail(self) -> str:
        """The sentence for people."""
        return str(self)


class NotFound(ServiceError):
    """What was named does not exist in this organization."""

    code = "not_found"


class Invalid(ServiceError):
    """What was asked for is malformed or cannot mean anything."""

    code = "invalid"


class Conflict(ServiceError):
    """What was asked for does not fit the present state."""

    code = "conflict"


class Denied(ServiceError):
    """A rule or the actor's role forbids it."""

    code = "denied"


class InvalidReference(Invalid):
    """The text is not a reference such as acme-12."""

    code = "invalid_reference"
