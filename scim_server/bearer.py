"""Bearer secrets of requests. The owner of a secret is cached for less than a second."""

import re
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from scim_server.services.access.queries import digest

T = TypeVar("T")

CACHE_SECONDS: Final = 0.9
"""Every worker must refuse a revoked secret within one second (SECURITY 2)."""
_MOST: Final = 10_000
_BEARER: Final = re.compile(r"bearer +([A-Za-z0-9_\-.~+/=]+) *", re.IGNORECASE)


def secret_of(authorizations: list[str]) -> str | None:
    """The bearer secret of a request; None if there is not exactly one.

    Args:
        authorizations: every Authorization header of the request.
    """
    found = _BEARER.fullmatch(authorizations[0]) if len(authorizations) == 1 else None
    return None if found is None else found[1]


class Remembered(Generic[T]):
    """Finds the owner of a secret, and caches the result for less than a second."""

    def __init__(self, look_up: Callable[[str, str], T | None]) -> None:
        self._look_up = look_up
        self._seen: dict[tuple[str, str], tuple[float, T]] = {}

    def owner(self, place: str, secret: str) -> T | None:
        """The owner of a secret; None if it is not valid.

        Args:
            place: what the secret gives access to.
        """
        key, now = (place, digest(secret)), time.monotonic()
        known = self._seen.get(key)
        if known is not None and now - known[0] < CACHE_SECONDS:
            return known[1]
        found = self._look_up(place, secret)
        if found is not None:
            if len(self._seen) >= _MOST:
                self._seen.clear()
            self._seen[key] = (now, found)
        return found
