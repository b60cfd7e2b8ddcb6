"""Ways in: what made a change, or made a person a member. All of them use the same gate."""

from enum import StrEnum


class WayIn(StrEnum):
    """The kinds of actors.

    Attributes:
        SCIM: a provider.
        JIT: the vendor's app, with sign-ins.
        INVITATION: the invitee.
        CLI: the operator.
        API: the vendor's app, with calls to /v1.
        IMPORT: a directory that an operator moves in.
        CONSOLE: an Owner or Admin in the console.
        WORKER: the server itself, because time has passed.
    """

    SCIM = "scim"
    JIT = "jit"
    INVITATION = "invitation"
    CLI = "cli"
    API = "api"
    IMPORT = "import"
    CONSOLE = "console"
    WORKER = "worker"
