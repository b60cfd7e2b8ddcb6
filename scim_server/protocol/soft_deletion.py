"""Entra ID's soft deletion: 32 hexadecimal digits, the id of the object, come before the userName.

Such a person is still known by the userName from before, which is free for others meanwhile. The digits alone
prove nothing, because a userName may begin with them; that the rest was the name before does.
"""

import re
from typing import Final

_PREFIX: Final = re.compile(r"[0-9a-f]{32}(?=.)", re.ASCII | re.IGNORECASE | re.DOTALL)


def without_prefix(user_name: str) -> str | None:
    """The rest of a userName, or of its key, that begins with 32 hexadecimal digits; None of another one."""
    return _PREFIX.sub("", user_name, count=1) if _PREFIX.match(user_name) else None


def is_of(key: str, earlier: str) -> bool:
    """Whether one userName key is another one with the digits before it."""
    return without_prefix(key) == earlier
