"""Policies for a request if no seat is free (SEATS 24)."""

from enum import StrEnum


class Overflow(StrEnum):
    """The policy of the organization, or of one tier for requests for that tier."""

    REJECT = "reject"
    QUEUE = "queue"
    FALLBACK = "fallback"
    BUY = "buy"
