"""Events about invitations. Each invitation may hold a seat."""

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

    @property
    def subject(self) -> tuple[str | None, str | None]:
        """The invitation, called by the invited address."""
        return self.invitation, self.personal_text("email")


@dataclass(frozen=True, kw_only=True)
class InvitationSent(InvitationEvent):
    """Appended when an address is invited. A seat is held for the invitee."""

    type: ClassVar[str] = "invitation.sent"


@dataclass(frozen=True, kw_only=True)
class InvitationResent(InvitationEvent):
    """Appended when an invitation is sent again. If it held no seat, a seat is held again."""

    type: ClassVar[str] = "invitation.resent"


@dataclass(frozen=True, kw_only=True)
class InvitationExpired(InvitationEvent):
    """Appended when an invitation expires. The held seat is freed."""

    type: ClassVar[str] = "invitation.expired"


@dataclass(frozen=True, kw_only=True)
class InvitationRevoked(InvitationEvent):
    """Appended when an invitation is revoked. The held seat is freed."""

    type: ClassVar[str] = "invitation.revoked"


@dataclass(frozen=True, kw_only=True)
class InvitationAccepted(InvitationEvent):
    """Appended when an invitation ends because the invitee became a member in any way."""

    type: ClassVar[str] = "invitation.accepted"


@dataclass(frozen=True, kw_only=True)
class InvitationTakenOver(InvitationEvent):
    """Appended when the invitee became a member in another way but has not yet accepted the offered role."""

    type: ClassVar[str] = "invitation.taken_over"
