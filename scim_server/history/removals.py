"""Events about mass removals by a provider."""

from dataclasses import dataclass
from typing import ClassVar

from scim_server.history.event import Event


@dataclass(frozen=True, kw_only=True)
class RemovalDetected(Event):
    """Appended when a mass removal is detected. The number of this event identifies the removal.

    Attributes:
        people: how many people have lost access so far.
        of: how many people had access.
        minutes: the number of minutes in which they lost it.
        holds: whether the seats of these people are held until an Owner decides.
    """

    type: ClassVar[str] = "removal.detected"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    people: int
    of: int
    minutes: int
    holds: bool


@dataclass(frozen=True, kw_only=True)
class RemovalEnded(Event):
    """An event that ends a mass removal.

    Attributes:
        removal: its number.
    """

    removal: int

    @property
    def subject(self) -> tuple[str | None, str | None]:
        """The removal."""
        return str(self.removal), None


@dataclass(frozen=True, kw_only=True)
class RemovalConfirmed(RemovalEnded):
    """Appended when a mass removal is confirmed. The held seats are freed."""

    type: ClassVar[str] = "removal.confirmed"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class RemovalRestored(RemovalEnded):
    """Appended when a mass removal is undone, before the people are restored."""

    type: ClassVar[str] = "removal.restored"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1
