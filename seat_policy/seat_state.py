"""What a person has: a seat, a place in the queue, both, or a reason for having neither."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final


class Unseated(StrEnum):
    """Why an active person has no seat and does not wait.

    Attributes:
        UNASSIGNED: an admin removed the seat; only an admin can assign one again.
        AWAITING_GROUP: no group gives the person a tier yet (SEATS 20).
    """

    UNASSIGNED = "unassigned"
    AWAITING_GROUP = "awaiting_group"


@dataclass(frozen=True, slots=True)
class SeatState:
    """What a person has. The methods are the transitions; each returns the new state.

    Attributes:
        tier: the tier of the seat.
        wants: the tier that the person waits for, or `any`.
        arrival: the number of the event that put the person in the queue.
        waiting_since: when the wait began.
        unseated: why an active person has no seat and does not wait.
    """

    tier: str | None = None
    wants: str | None = None
    arrival: int | None = None
    waiting_since: str | None = None
    unseated: Unseated | None = None

    def waiting(self, wants: str, arrival: int, since: str) -> "SeatState":
        """Wait for a tier, or for `any`, and keep the present seat."""
        return SeatState(self.tier, wants, arrival, since)

    def requeued(self, wants: str) -> "SeatState":
        """Wait for another tier at the same place in the queue."""
        return replace(self, wants=wants)

    def moved(self, tier: str) -> "SeatState":
        """Have a seat of another tier and keep the place in the queue, if there is one."""
        return replace(self, tier=tier)

    def without_wait(self) -> "SeatState":
        """Leave the queue because of groups: keep the seat, or wait for a group that gives one."""
        return AWAITING_GROUP if self.tier is None else SeatState(self.tier)


WITHOUT_SEAT: Final = SeatState()
"""No seat, no wait and no reason, as for inactive people."""
UNASSIGNED: Final = SeatState(unseated=Unseated.UNASSIGNED)
AWAITING_GROUP: Final = SeatState(unseated=Unseated.AWAITING_GROUP)


def seated(tier: str) -> SeatState:
    """A seat, and no wait for another one."""
    return SeatState(tier)
