"""Compares the expectations of a trace with an answer.

An expected plain value must be equal. An expected object must be a subset of the found one. An expected list
must equal the first elements of the found one. An object whose keys are matchers (`{"$len": 1, "$contains":
{"value": "7"}}`) stands for all values that meet every matcher.

    >>> [str(mismatch) for mismatch in compare({"active": True}, {"id": "7", "active": "true"})]
    ['$.active: expected true, found "true"']
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from conformance.jsonpath import ABSENT, Absent, Found, Json


@dataclass(frozen=True)
class Mismatch:
    """A failed expectation, with its JSON path."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


def compare(expected: Json, found: Found, path: str = "$") -> Iterator[Mismatch]:
    """Every failed expectation; empty if all expectations are met."""
    if isinstance(expected, dict) and any(key in MATCHERS for key in expected):
        for name, operand in expected.items():
            if name not in MATCHERS or not MATCHERS[name].holds(operand, found):
                yield _mismatch(path, {name: operand}, found)
    elif isinstance(expected, dict) and isinstance(found, dict):
        for key, value in expected.items():
            yield from compare(value, found.get(key, ABSENT), _below(path, key))
    elif isinstance(expected, list) and isinstance(found, list):
        for index, value in enumerate(expected):
            yield from compare(value, found[index] if index < len(found) else ABSENT, f"{path}[{index}]")
    elif isinstance(expected, dict | list) or not _same(expected, found):
        yield _mismatch(path, expected, found)


def matches(expected: Json, found: Found) -> bool:
    """Whether every expectation is met."""
    return next(compare(expected, found), None) is None


def problems(expected: Json, path: str = "$") -> Iterator[Mismatch]:
    """The faults of an expectation: unknown matchers and wrong operands. Called when a trace is loaded."""
    if isinstance(expected, list):
        for index, value in enumerate(expected):
            yield from problems(value, f"{path}[{index}]")
    elif isinstance(expected, dict):
        matching = any(key in MATCHERS for key in expected)
        for key, value in expected.items():
            # `$ref` is the one SCIM attribute whose name begins with a dollar.
            if key not in MATCHERS and (matching or (key.startswith("$") and key != "$ref")):
                reason = "is next to a matcher" if matching else "is not a matcher"
                yield Mismatch(_below(path, key), reason)
            elif matching and not _usable(MATCHERS[key].operand, value):
                yield Mismatch(_below(path, key), f"takes {MATCHERS[key].operand}")
            else:
                yield from problems(value, _below(path, key))


def describe(value: Found) -> str:
    """Describe a value for one line of a report."""
    return value.value if isinstance(value, Absent) else json.dumps(value, ensure_ascii=False)


def _mismatch(path: str, expected: Json, found: Found) -> Mismatch:
    return Mismatch(path, f"expected {describe(expected)}, found {describe(found)}")


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if re.fullmatch(r"[\w$-]+", key) else f"{path}['{key}']"


def _same(expected: Json, found: Found) -> bool:
    # In Python, True equals 1; in JSON, it does not.
    return isinstance(expected, bool) is isinstance(found, bool) and expected == found


def _present(found: Found) -> bool:
    # RFC 7643 section 2.5: an attribute that is null counts as absent.
    return found is not ABSENT and found is not None


def _number(value: Found) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _is_whole(found: Found) -> bool:
    return isinstance(found, int) and not isinstance(found, bool)


_TYPES: dict[str, Callable[[Found], bool]] = {
    "string": lambda found: isinstance(found, str),
    "integer": _is_whole,
    "number": lambda found: _number(found) is not None,
    "boolean": lambda found: isinstance(found, bool),
    "array": lambda found: isinstance(found, list),
    "object": lambda found: isinstance(found, dict),
    "null": lambda found: found is None,
}


def _has_type(wanted: Json, found: Found) -> bool:
    return isinstance(wanted, str) and wanted in _TYPES and _TYPES[wanted](found)


def _contains(wanted: Json, found: Found) -> bool:
    return isinstance(found, list) and any(matches(wanted, element) for element in found)


def _contains_not(wanted: Json, found: Found) -> bool:
    # A list without a value contains nothing. A value that is not a list is a wrong answer.
    return not _present(found) or (isinstance(found, list) and not _contains(wanted, found))


def _has_length(wanted: Json, found: Found) -> bool:
    return isinstance(found, list | str) and matches(wanted, len(found))


def _at_least(wanted: Json, found: Found) -> bool:
    left, right = _number(found), _number(wanted)
    return left is not None and right is not None and left >= right


def _at_most(wanted: Json, found: Found) -> bool:
    left, right = _number(found), _number(wanted)
    return left is not None and right is not None and left <= right


def _one_of(wanted: Json, found: Found) -> bool:
    return isinstance(wanted, list) and any(matches(choice, found) for choice in wanted)


def _reads_as(wanted: Json, found: Found) -> bool:
    try:
        return isinstance(wanted, str) and isinstance(found, str) and re.search(wanted, found) is not None
    except re.error:
        # A variable may contain a bracket, which is only half of an expression in brackets.
        return False


def _equals_folded(wanted: Json, found: Found) -> bool:
    return isinstance(wanted, str) and isinstance(found, str) and wanted.casefold() == found.casefold()


def _compiles(operand: Json) -> bool:
    try:
        return isinstance(operand, str) and re.compile(operand) is not None
    except re.error:
        return False


_OPERANDS: dict[str, Callable[[Json], bool]] = {
    "true or false": lambda operand: isinstance(operand, bool),
    "one of " + ", ".join(_TYPES): lambda operand: isinstance(operand, str) and operand in _TYPES,
    "a number": lambda operand: _number(operand) is not None,
    "a whole number or a matcher": lambda operand: _is_whole(operand) or isinstance(operand, dict),
    "a list": lambda operand: isinstance(operand, list),
    "a regular expression": _compiles,
    "text": lambda operand: isinstance(operand, str),
    "any value": lambda _: True,
}


def _usable(kind: str, operand: Json) -> bool:
    # The value of a variable is not known when the trace is loaded.
    return (isinstance(operand, str) and "${" in operand) or _OPERANDS[kind](operand)


class Matcher(NamedTuple):
    """A matcher: the check of a value against the operand, and the check of the operand itself."""

    holds: Callable[[Json, Found], bool]
    operand: str


MATCHERS = {
    "$exists": Matcher(lambda wanted, found: wanted is _present(found), "true or false"),
    "$absent": Matcher(lambda wanted, found: wanted is not _present(found), "true or false"),
    "$type": Matcher(_has_type, "one of " + ", ".join(_TYPES)),
    "$contains": Matcher(_contains, "any value"),
    "$not_contains": Matcher(_contains_not, "any value"),
    "$len": Matcher(_has_length, "a whole number or a matcher"),
    "$gte": Matcher(_at_least, "a number"),
    "$lte": Matcher(_at_most, "a number"),
    "$ne": Matcher(lambda wanted, found: _present(found) and not matches(wanted, found), "any value"),
    "$in": Matcher(_one_of, "a list"),
    "$any": Matcher(_one_of, "a list"),
    "$regex": Matcher(_reads_as, "a regular expression"),
    "$iequals": Matcher(_equals_folded, "text"),
}
