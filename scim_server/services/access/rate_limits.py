"""How many requests a second one caller may send (SECURITY 32).

Each process reserves a small part of the limit at a time. So a caller within its limit costs one short
statement for several requests, and a caller over its limit costs none until the next second.
"""

import time
from dataclasses import dataclass
from threading import Lock
from typing import Final

from scim_server.store.database.rate_windows import RateWindows
from scim_server.store.database.session import Database

ALWAYS: Final = 25
"""Requests in a second that always pass. Identity providers send at most this many."""
PROCESSES: Final = 16
"""The number of processes for which the promise holds if each reserves a part and does not use it."""
_MOST_CALLERS: Final = 10_000


@dataclass(slots=True)
class _Second:
    """What this process knows about a caller in one second.

    Attributes:
        left: reserved requests that are not used yet.
        exhausted: whether a reservation was refused.
    """

    second: int
    left: int = 0
    exhausted: bool = False


class RateLimit:
    """The limit of requests for each caller, counted over all processes.

    Args:
        most: requests of one caller in a second; 0 for no limit.
    """

    def __init__(self, database: Database, most: int) -> None:
        self._windows = RateWindows(database) if most else None
        self._most = most
        self._part = max(1, (most - ALWAYS) // PROCESSES)
        self._seen: dict[str, _Second] = {}
        self._mutex = Lock()

    def admits(self, caller: str) -> bool:
        """Count one request, and say whether the caller is within its limit.

        Args:
            caller: the id of an organization or of an API key.
        """
        if self._windows is None:
            return True
        now = int(time.time())
        with self._mutex:
            seen = self._of(caller, now)
            if seen.left:
                seen.left -= 1
                return True
            if seen.exhausted:
                return False
        granted = self._windows.reserve(caller, self._part, self._most)
        with self._mutex:
            seen = self._of(caller, now)
            seen.left += max(0, granted - 1)
            seen.exhausted = granted < self._part
        return granted > 0

    def _of(self, caller: str, now: int) -> _Second:
        seen = self._seen.get(caller)
        if seen is None or seen.second != now:
            if len(self._seen) >= _MOST_CALLERS:
                self._seen = {one: kept for one, kept in self._seen.items() if kept.second == now}
            seen = self._seen[caller] = _Second(now)
        return seen
