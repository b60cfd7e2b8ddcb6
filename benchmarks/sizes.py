"""How many people and members the organizations have."""

from typing import Final

GROUP_SIZES: Final = (100, 10_000, 100_000)
SIDE_ORGANIZATIONS: Final = 9
"""Organizations besides the main one, so that requests can be spread over ten organizations."""
MIXED: Final = "mixed"
"""The organization with a mapping and a queue."""
WAITING: Final = "waiting"
"""The organization in which up to 10,000 people wait."""
_WORDS: Final = {"k": 1_000, "m": 1_000_000}


def group_name(size: int) -> str:
    return f"Group of {size}"


def size_of(text: str) -> int:
    """`10k` means 10,000 and `1m` means a million."""
    number = text.strip().lower()
    if number[-1:] in _WORDS:
        return int(number[:-1]) * _WORDS[number[-1]]
    return int(number)


def size_name(size: int) -> str:
    """The shortest way to write a size: `10k`."""
    for letter, factor in reversed(_WORDS.items()):
        if size >= factor and size % factor == 0:
            return f"{size // factor}{letter}"
    return str(size)
