"""Reads one JSON object of a trace key by key, and reports which key is wrong."""

import json
import re
from collections.abc import Collection
from typing import NoReturn

from conformance.jsonpath import Json
from conformance.matchers import problems


class TraceError(ValueError):
    """A trace cannot be used. The message contains the file, the line and the key."""


def parse_object(text: str) -> dict[str, Json]:
    """One line as a JSON object; duplicate keys are refused."""
    try:
        value: Json = json.loads(text, object_pairs_hook=_unrepeated)
    except RecursionError:
        raise TraceError("is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise TraceError(f"is not JSON: {error.msg} at column {error.colno}") from None
    if not isinstance(value, dict):
        raise TraceError("is not a JSON object")
    return value


def _unrepeated(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise TraceError(f"key {next(key for key in found if keys.count(key) > 1)!r} is given twice")
    return found


class Fields:
    """The keys of one object; an unknown key is refused at once."""

    def __init__(self, raw: dict[str, Json], allowed: Collection[str], within: str = "") -> None:
        self._raw = raw
        self._within = within
        for key in raw:
            if key not in allowed:
                self.refuse(key, "is not known")

    def __contains__(self, key: str) -> bool:
        return key in self._raw

    def value(self, key: str) -> Json:
        """Any JSON value; null if the key is missing."""
        return self._raw.get(key)

    def text(self, key: str, default: str | None = None, pattern: str = ".*") -> str:
        """Text of the given form; the key is required unless there is a default."""
        value = self._raw.get(key, default)
        if not isinstance(value, str):
            self.refuse(key, "is missing" if value is None else "is not text")
        if not re.fullmatch(pattern, value, re.DOTALL):
            self.refuse(key, f"has an unusable value {value!r}")
        return value

    def whole(self, key: str, default: int | None = None, minimum: int = 1) -> int:
        """A whole number; the key is required unless there is a default."""
        value = self._raw.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < minimum:
            self.refuse(key, f"is not a whole number of at least {minimum}")
        return value

    def flag(self, key: str) -> bool:
        """True or false; false if the key is missing."""
        value = self._raw.get(key, False)
        if not isinstance(value, bool):
            self.refuse(key, "is not true or false")
        return value

    def inner(self, key: str, allowed: Collection[str]) -> "Fields":
        """The object under the key; empty if the key is missing."""
        return Fields(self.mapping(key), allowed, f"{self._within}{key}.")

    def mapping(self, key: str) -> dict[str, Json]:
        """An object whose keys are not fixed; empty if the key is missing."""
        value = self._raw.get(key, {})
        if not isinstance(value, dict):
            self.refuse(key, "is not an object")
        return value

    def texts(self, key: str) -> dict[str, str]:
        """An object whose values are text."""
        texts = {name: value for name, value in self.mapping(key).items() if isinstance(value, str)}
        if len(texts) < len(self.mapping(key)):
            self.refuse(key, "contains a value that is not text")
        return texts

    def elements(self, key: str) -> list[Json]:
        """A list; empty if the key is missing."""
        value = self._raw.get(key, [])
        if not isinstance(value, list):
            self.refuse(key, "is not a list")
        return value

    def expectation(self, key: str) -> Json:
        """A value that may contain matchers; all of them must be known and usable."""
        for problem in problems(self._raw.get(key)):
            self.refuse(key, f"cannot be used at {problem}")
        return self._raw.get(key)

    def expectations(self, key: str) -> dict[str, Json]:
        """An object whose values are expectations."""
        self.expectation(key)
        return self.mapping(key)

    def refuse(self, key: str, problem: str) -> NoReturn:
        """Raise an error about a key."""
        raise TraceError(f"key {self._within + key!r} {problem}")
