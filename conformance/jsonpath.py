"""JSON values, and the small part of JSONPath that traces use: `$.a.b[0].c`, `[*]` and `['a name']`."""

import re
from collections.abc import Iterator
from enum import Enum
from typing import TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


class Absent(Enum):
    """The value of a path that an answer does not contain, not even as null."""

    ABSENT = "nothing"


ABSENT = Absent.ABSENT
Found: TypeAlias = "Json | Absent"

_PIECE = re.compile(
    r"\.(?P<name>[A-Za-z_$][\w$-]*)|\[(?P<index>\d+)\]|\[(?P<all>\*)\]|\['(?P<quoted>[^']*)'\]"
)


class PathError(ValueError):
    """The text is not a path of the kind that traces use."""


def pieces(path: str) -> Iterator[str | int | None]:
    """The steps of a path: a name, an index, or None for every element."""
    if not path.startswith("$"):
        raise PathError(f"{path!r} does not begin with $")
    position = 1
    while position < len(path):
        piece = _PIECE.match(path, position)
        if piece is None:
            raise PathError(f"{path!r} cannot be read at {path[position:]!r}")
        position = piece.end()
        if piece["index"]:
            yield int(piece["index"])
        else:
            yield None if piece["all"] else piece["name"] or piece["quoted"]


def find(document: Found, path: str) -> Found:
    """The value at the path, or ABSENT; if the path has `[*]`, the list of the values found."""
    return _walk(document, list(pieces(path)))


def _walk(value: Found, rest: list[str | int | None]) -> Found:
    for position, piece in enumerate(rest):
        if piece is None:
            return _every(value, rest[position + 1 :])
        value = _child(value, piece)
    return value


def _every(value: Found, rest: list[str | int | None]) -> Found:
    if not isinstance(value, list):
        return ABSENT
    found = (_walk(element, rest) for element in value)
    return [element for element in found if not isinstance(element, Absent)]


def _child(value: Found, piece: str | int) -> Found:
    if isinstance(value, dict) and isinstance(piece, str):
        return value.get(piece, ABSENT)
    if isinstance(value, list) and isinstance(piece, int) and piece < len(value):
        return value[piece]
    return ABSENT
