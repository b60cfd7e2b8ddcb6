"""Why a command or query could not be carried out. Nothing was changed; the message names the fix.

ServiceError
├── NotFound   what was named does not exist in this organization
├── Invalid    what was asked for is malformed or cannot mean anything
├── Conflict   what was asked for does not fit the present state
└── Denied     a rule or the actor's role forbids it

Each class has a stable `code` that programs compare. Messages name no command, option or page: each edge adds
its own hint by the code. What a SCIM client is answered stands in protocol/errors.
"""

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


class OperatorError(Conflict):
    """What was asked for cannot be; the message says why and what would do."""

    code = "refused"


# Lists and references


class InvalidReference(Invalid):
    """The text is not a reference such as acme-12."""

    code = "invalid_reference"


# People


# Seats, contracts and invoices


# Groups, mappings and schemas


# Invitations and domains


# Left out, removals and simulations


# Organizations, tokens and keys
