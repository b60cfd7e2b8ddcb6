"""The seat status of a person, with the words that every interface uses."""

from enum import StrEnum


class SeatStatus(StrEnum):
    """Whether a person has a seat. A person with a seat may also wait for another tier."""

    SEATED = "seated"
    WAITING = "waiting"
    NONE = "none"
    INACTIVE = "inactive"
