"""Events about requests of people for a seat or a better tier."""

from dataclasses import dataclass
from typing import ClassVar

from scim_server.history.event import Event


@dataclass(frozen=True, kw_only=True)
class SeatRequestEvent(Event):
    """An event about one request.

    Attributes:
        request: the number of the event that opened the request.
        wants: the requested tier, or `any`.
    """

    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    request: int
    wants: str

    @property
    def subject(self) -> tuple[str | None, str | None]:
        """The request, called by the person who asked."""
        return str(self.request), self.personal_text("userName")


@dataclass(frozen=True, kw_only=True)
class SeatRequestOpened(SeatRequestEvent):
    """Appended when a person asks for a seat or a better tier."""

    type: ClassVar[str] = "seat_request.opened"


@dataclass(frozen=True, kw_only=True)
class SeatRequestApproved(SeatRequestEvent):
    """Appended when a request is approved, after the person has got the seat.

    Attributes:
        bought: whether a seat was bought for the person.
    """

    type: ClassVar[str] = "seat_request.approved"

    bought: bool = False


@dataclass(frozen=True, kw_only=True)
class SeatRequestDeclined(SeatRequestEvent):
    """Appended when a request is declined.

    Attributes:
        why: the reason that was given.
    """

    type: ClassVar[str] = "seat_request.declined"

    why: str


@dataclass(frozen=True, kw_only=True)
class SeatRequestWithdrawn(SeatRequestEvent):
    """Appended when a request is withdrawn."""

    type: ClassVar[str] = "seat_request.withdrawn"


@dataclass(frozen=True, kw_only=True)
class SeatRequestLapsed(SeatRequestEvent):
    """Appended when a request ends by itself: the person got the tier in another way, or was removed."""

    type: ClassVar[str] = "seat_request.lapsed"


@dataclass(frozen=True, kw_only=True)
class SeatRequestsOverdue(Event):
    """Appended when Owners are reminded of requests that are open for days. Each request is counted once.

    Attributes:
        requests: how many requests.
        days: for how many days they are open, at least.
    """

    type: ClassVar[str] = "seat_request.overdue"
    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    requests: int
    days: int
