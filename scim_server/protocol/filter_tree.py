"""A filter as an immutable tree (RFC 7644 section 3.4.2.2).

    userName sw "a" and not (active eq true)

is

    And((Comparison(AttributePath(None, "userName"), Operator.SW, "a"),
         Not(Comparison(AttributePath(None, "active"), Operator.EQ, True))))

Names keep the case of the text. The schemas, not the tree, define their meaning.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

# RFC 7643 section 2.1, and the leading `$` of `$ref`.
_NAME = r"[A-Za-z$][A-Za-z0-9_$-]*"
_NAME_AND_SUB = re.compile(rf"({_NAME})(?:\.({_NAME}))?")
# RFC 3986: a scheme and more text. Brackets and quotes of filters cannot be part of a URN here.
_URN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~%!$&'*+,;=@/?#:-]*[^:]")

Literal = str | bool | int | float | None


class Operator(StrEnum):
    """Compares an attribute with a literal. `pr` has no literal and is `Present` instead."""

    EQ = "eq"
    NE = "ne"
    CO = "co"
    SW = "sw"
    EW = "ew"
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"


@dataclass(frozen=True, slots=True)
class AttributePath:
    """An attribute as the client writes it. `urn:…:User:manager.value` has the parts urn, name and sub.

    The URN of a schema alone looks like an attribute with a shorter URN, and is read like one:
    `urn:ietf:params:scim:schemas:core:2.0:User` has the name `User`. Only code that knows the schemas can
    distinguish them.
    """

    urn: str | None
    name: str
    sub: str | None = None

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Split a text by the notation of RFC 7644 section 3.10; None if the text does not follow it."""
        # The last colon ends the URN, because versions such as 2.0 contain dots and names contain no colon.
        urn, colon, name_and_sub = text.rpartition(":")
        names = _NAME_AND_SUB.fullmatch(name_and_sub)
        if names is None or (colon and _URN.fullmatch(urn) is None):
            return None
        return cls(urn or None, names[1], names[2])

    def __str__(self) -> str:
        return (f"{self.urn}:" if self.urn else "") + self.name + (f".{self.sub}" if self.sub else "")


@dataclass(frozen=True, slots=True)
class Comparison:
    """True if the attribute has a value that is in this relation to the literal."""

    path: AttributePath
    operator: Operator
    value: Literal

    # In Python, True equals 1 and 1 equals 1.0. For a client these are different queries, and trees are keys
    # of caches.
    def _key(self) -> tuple[AttributePath, Operator, type, Literal]:
        return self.path, self.operator, type(self.value), self.value

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Comparison) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())


@dataclass(frozen=True, slots=True)
class Present:
    """True if the attribute has a value that is not empty (`pr`)."""

    path: AttributePath


@dataclass(frozen=True, slots=True)
class Not:
    """True if the operand is false."""

    operand: "Filter"


@dataclass(frozen=True, slots=True)
class And:
    """True if two or more operands are true; none of them is an And."""

    operands: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True if at least one of two or more operands is true; none of them is an Or."""

    operands: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class ValuePath:
    """True if one element of a multi-valued attribute matches the whole filter.

    Names in the filter are sub-attributes of the element. The filter contains no other ValuePath.
    """

    path: AttributePath
    filter: "Filter"


Filter = Comparison | Present | Not | And | Or | ValuePath


def all_of(operands: list[Filter]) -> Filter:
    """Join with `and`. A single operand is returned unchanged, and an And among the operands is merged."""
    merged = [part for one in operands for part in (one.operands if isinstance(one, And) else (one,))]
    return merged[0] if len(merged) == 1 else And(tuple(merged))


def any_of(operands: list[Filter]) -> Filter:
    """Join with `or`. A single operand is returned unchanged, and an Or among the operands is merged."""
    merged = [part for one in operands for part in (one.operands if isinstance(one, Or) else (one,))]
    return merged[0] if len(merged) == 1 else Or(tuple(merged))
