"""Events about invitations, each of which may hold a seat."""

from dataclasses import dataclass
from typing import ClassVar

from scim_server.history.event import Event


@dataclass(frozen=True, kw_only=True)
class InvitationEvent(Event):
    """An event about one invitation.

    Attributes:
        invitation: its id.
        role: the role that it offers.
    """

    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    invitation: str
    role: str


@dataclass(frozen=True, kw_only=True)
class InvitationSent(InvitationEvent):
    """Appended when an address is invited; a seat is held for it."""

    type: ClassVar[str] = "invitation.sent"


@dataclass(frozen=True, kw_only=True)
class InvitationResent(InvitationEvent):
    """Appended when an invitation is sent again; a seat is held again where none was."""

    type: ClassVar[str] = "invitation.resent"


@dataclass(frozen=True, kw_only=True)
class InvitationExpired(InvitationEvent):
    """Appended when the time of an invitation is over; the held seat is freed."""

    type: ClassVar[str] = "invitation.expired"


@dataclass(frozen=True, kw_only=True)
class InvitationRevoked(InvitationEvent):
    """Appended when an invitation is taken back; the held seat is freed."""

    type: ClassVar[str] = "invitation.revoked"


@dataclass(frozen=True, kw_only=True)
class InvitationAccepted(InvitationEvent):
    """Appended when an invitation ends because the invitee is in, whatever the way in."""

    type: ClassVar[str] = "invitation.accepted"


@dataclass(frozen=True, kw_only=True)
class InvitationTakenOver(InvitationEvent):
    """Appended when the invitee comes by another way in and the offered role still awaits their answer."""

    type: ClassVar[str] = "invitation.taken_over"
