"""The pages in the rail of the console, in order."""

from dataclasses import dataclass
from typing import Final

from scim_server.console.routes import Permission
from scim_server.console.visit import gettext
from seat_policy.roles import Role


def _(message: str) -> str:
    """Mark a message that is translated when it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the rail.

    Attributes:
        path: the path inside the console of the organization.
        current: whether the reader is on this page or below it.
    """

    path: str
    name: str
    current: bool


_MENU: Final = (
    ("", _("Overview"), Permission.MEMBERS),
    ("/people", _("People"), Permission.MEMBERS),
    ("/left-out", _("Left out"), Permission.MEMBERS),
    ("/billing", _("Seats and billing"), Permission.BILLING),
    ("/provisioning", _("Provisioning"), Permission.MEMBERS),
    ("/invitations", _("Invitations"), Permission.MEMBERS),
    ("/audit", _("Audit"), Permission.MEMBERS),
)


def entries(role: Role, path: str) -> tuple[Entry, ...]:
    """The pages that a role may open."""
    here = path.rstrip("/")
    return tuple(
        Entry(to, gettext(name), here == to or (bool(to) and here.startswith(f"{to}/")))
        for to, name, allows in _MENU
        if allows.admits(role)
    )
