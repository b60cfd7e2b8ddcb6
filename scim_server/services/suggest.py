"""Suggestions for a mistyped name."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_MOST: Final = 3
_SIMILAR: Final = 0.6


def alike(text: str, known: Iterable[str]) -> list[str]:
    """The known names that are most similar to the text, best first; empty if no name is similar."""
    by_key: dict[str, str] = {}
    for name in known:
        by_key.setdefault(name.casefold(), name)
    return [by_key[key] for key in get_close_matches(text.casefold(), by_key, _MOST, _SIMILAR)]


def did_you_mean(names: Iterable[str]) -> str:
    """The question at the end of a message, such as ` (did you mean acme or acme-eu?)`, or an empty text."""
    found = list(names)
    return f" (did you mean {' or '.join(found)}?)" if found else ""
