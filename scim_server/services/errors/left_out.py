"""Failures about people who are left out, mass removals and simulations."""

from scim_server.services.errors.base import Conflict, Invalid, NotFound


class UnknownRefusal(NotFound):
    """No open refusal has this reference."""

    code = "unknown_refusal"


class NobodyLeftOut(Conflict):
    """Nobody waits, and nobody was refused recently."""

    code = "nobody_left_out"


class UnknownRemoval(NotFound):
    """No mass removal has this reference."""

    code = "unknown_removal"


class RemovalClosed(Conflict):
    """The mass removal was already confirmed or restored."""

    code = "removal_closed"


class UnreadableFile(Invalid):
    """The file of people cannot be read."""

    code = "unreadable_file"


class WrongLines(Invalid):
    """Some lines of the file are wrong, and the caller did not choose to skip wrong lines."""

    code = "wrong_lines"


class NoSuchGroup(NotFound):
    """No group of this organization has this name."""

    code = "unknown_group"
