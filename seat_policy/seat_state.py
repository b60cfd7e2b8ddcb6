"""What an active person has: a seat, a place in the queue, or a reason for having neither."""

from enum import StrEnum


class Unseated(StrEnum):
    """Why an active person has no seat and does not wait.

    Attributes:
        UNASSIGNED: an admin removed the seat; only an admin can assign one again.
        AWAITING_GROUP: no group gives the person a tier yet (SEATS 20).
    """

    UNASSIGNED = "unassigned"
    AWAITING_GROUP = "awaiting_group"
