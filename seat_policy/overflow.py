"""Policies for a request that finds no free seat (SEATS 24)."""

from enum import StrEnum


class Overflow(StrEnum):
    """The organization's policy, or one tier's own policy for requests for that tier."""

    REJECT = "reject"
    QUEUE = "queue"
    FALLBACK = "fallback"
    BUY = "buy"
