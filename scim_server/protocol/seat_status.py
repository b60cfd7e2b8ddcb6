"""The seat status of a person, as every edge names it."""

from enum import StrEnum


class SeatStatus(StrEnum):
    """Whether a person has a seat; a seated person may also wait for another tier."""

    SEATED = "seated"
    WAITING = "waiting"
    NONE = "none"
    INACTIVE = "inactive"
