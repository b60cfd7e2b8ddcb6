"""Requests of people for a seat or a better tier: what is done without an Owner, and how a request ends."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

REMIND_AFTER: Final = timedelta(days=3)
"""How long a request is open before the Owners are reminded of it, once."""


class RequestPolicy(StrEnum):
    """What an organization does with a new request.

    Attributes:
        ASK: an Owner or Admin decides.
        IF_FREE: the person gets a seat at once if one is free and nobody waits for it.
        UP_TO_CEILING: as IF_FREE; otherwise a seat is bought, up to the ceiling of automatic purchases.
    """

    ASK = "ask"
    IF_FREE = "if_free"
    UP_TO_CEILING = "up_to_ceiling"


class RequestState(StrEnum):
    """What became of a request.

    Attributes:
        LAPSED: the request ended by itself: the person got the tier in another way, or was removed.
    """

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
