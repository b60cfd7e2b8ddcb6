"""Entra ID's soft deletion. It adds 32 hexadecimal digits, the id of the object, before the userName.

The person is still known by the earlier userName, which another person may use meanwhile. The digits alone
prove nothing, because any userName may begin with digits. Only the earlier name proves a soft deletion.
"""

import re
from typing import Final

_PREFIX: Final = re.compile(r"[0-9a-f]{32}(?=.)", re.ASCII | re.IGNORECASE | re.DOTALL)


def without_prefix(user_name: str) -> str | None:
    """The rest of a userName, or of its key, after 32 hexadecimal digits; None without such digits."""
    return _PREFIX.sub("", user_name, count=1) if _PREFIX.match(user_name) else None


def is_of(key: str, earlier: str) -> bool:
    """Whether the first userName key consists of 32 hexadecimal digits and the second key."""
    return without_prefix(key) == earlier
