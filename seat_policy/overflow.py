"""What becomes of a request that finds no free seat (SEATS 24)."""

from enum import StrEnum


class Overflow(StrEnum):
    """An organization's choice, or a tier's own for requests for it."""

    REJECT = "reject"
    QUEUE = "queue"
    FALLBACK = "fallback"
    BUY = "buy"
