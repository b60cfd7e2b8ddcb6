"""When a message is sent again, as functions of values."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

_MINUTE: Final = 60
_HOUR: Final = 3_600
STANDARD: Final = (
    5,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)
"""The seconds between the attempts for a message, if the endpoint has no schedule of its own."""
JITTER: Final = 0.2
"""The largest part by which a delay is longer, so that messages do not all return at the same time."""
OVERLOADED: Final = frozenset({429, 502, 504})
"""Statuses of a receiver that is overloaded or away. The endpoint is slowed down."""
GONE: Final = 410
_FIRST_PAUSE: Final = timedelta(seconds=5)
_LONGEST_PAUSE: Final = timedelta(minutes=10)
_LONGEST_WISH: Final = timedelta(days=1)
_DOUBLINGS: Final = 10


@dataclass(frozen=True, slots=True)
class Slowdown:
    """The state of an endpoint whose receiver is overloaded.

    Attributes:
        until: no request is sent before this time.
        since: when the receiver was first overloaded.
        pauses: how many pauses there were since then.
    """

    until: datetime
    since: datetime
    pauses: int


def after_failure(schedule: Sequence[int], failures: int) -> timedelta | None:
    """The delay before the next attempt; None if no attempt follows.

    Args:
        schedule: the seconds between the attempts.
        failures: how many attempts have failed, including this one.
    """
    if failures > len(schedule):
        return None
    return schedule[failures - 1] * timedelta(seconds=1) * (1 + JITTER * random.random())  # noqa: S311 - apart, not secret


def length(schedule: Sequence[int]) -> timedelta:
    """The time from the first attempt to the last one, without jitter."""
    return timedelta(seconds=sum(schedule))


def slow_down(before: Slowdown | None, sent: datetime, now: datetime, wish: timedelta | None) -> Slowdown:
    """Pause an endpoint whose receiver is overloaded.

    A pause is twice as long as the one before. Requests that were sent before the present pause began do not
    make it longer, except by their own wish.

    Args:
        before: the present state; None if the receiver was not overloaded.
        sent: when the request was sent.
        wish: the wish of the receiver, from Retry-After.
    """
    asked = now + min(wish or timedelta(), _LONGEST_WISH)
    if before is not None and sent < before.until:
        return Slowdown(max(before.until, asked), before.since, before.pauses)
    pauses = 1 if before is None else before.pauses + 1
    pause = min(_FIRST_PAUSE * 2 ** min(pauses - 1, _DOUBLINGS), _LONGEST_PAUSE)
    return Slowdown(max(now + pause, asked), now if before is None else before.since, pauses)


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """The time that a receiver wishes, from the header Retry-After; None without a valid one."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text[:9]))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return max(moment - now, timedelta())
