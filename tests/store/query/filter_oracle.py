"""The meaning of a SCIM filter, in plain Python: RFC 7644 section 3.4.2.2 and DESIGN, wire 16.

It shares nothing with the server: trees come from `filter_makers`, never from text, resources are answers
as a client sees them, and the rows below are written manually from RFC 7643.

    holds(Test(Name("emails", "type"), "eq", "work"), resource, USER_ROWS)
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, TypeAlias

CORE_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
CORE_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SEAT = "urn:scim-seats:params:scim:schemas:extension:seat:1.0:User"

Value: TypeAlias = "str | bool | None"
Resource: TypeAlias = "Mapping[str, Any]"
Element: TypeAlias = Any
"""For a multi-valued attribute: an object, or a text of a list of texts."""
Ordered: TypeAlias = Any
"""A text, a moment, or a boolean, which is compared for equality alone."""


class Kind(Enum):
    """How values compare."""

    TEXT = "without regard to case"
    EXACT = "case exact"
    LOGIN = "a userName"
    BOOLEAN = "true or false"
    DATE = "in time"
    BINARY = "case exact, without order"


@dataclass(frozen=True)
class Row:
    """One attribute: a kind of its own, or sub-attributes; `urn` is set for those of an extension."""

    kind: Kind | None = None
    subs: Mapping[str, Kind] = field(default_factory=dict)
    many: bool = False
    urn: str = ""


def _texts(*names: str) -> dict[str, Kind]:
    return dict.fromkeys(names, Kind.TEXT)


def _plural(value: Kind = Kind.TEXT) -> Row:
    return Row(subs={"value": value, **_texts("display", "type"), "primary": Kind.BOOLEAN}, many=True)


_TEXT, _EXACT = Row(Kind.TEXT), Row(Kind.EXACT)
_META = {
    "resourceType": Kind.EXACT,
    "created": Kind.DATE,
    "lastModified": Kind.DATE,
    "version": Kind.EXACT,
}
COMMON_ROWS = {
    "schemas": Row(Kind.TEXT, many=True),
    "id": _EXACT,
    "externalId": _EXACT,
    "displayName": _TEXT,
    "meta": Row(subs=_META),
}
_NAME_PARTS = ("formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix")
_ADDRESS_PARTS = ("formatted", "streetAddress", "locality", "region", "postalCode", "country")
USER_ROWS: Mapping[str, Row] = {
    **COMMON_ROWS,
    "userName": Row(Kind.LOGIN),
    **dict.fromkeys(("nickName", "profileUrl", "title", "userType", "locale", "timezone"), _TEXT),
    "preferredLanguage": _TEXT,
    "active": Row(Kind.BOOLEAN),
    "name": Row(subs=_texts(*_NAME_PARTS)),
    **{name: _plural() for name in ("emails", "phoneNumbers", "ims", "photos", "entitlements", "roles")},
    "x509Certificates": _plural(Kind.BINARY),
    "addresses": Row(subs={**_texts(*_ADDRESS_PARTS, "display", "type"), "primary": Kind.BOOLEAN}, many=True),
    "groups": Row(subs={"value": Kind.EXACT, **_texts("display", "type")}, many=True),
    **{
        name: Row(Kind.TEXT, urn=ENTERPRISE)
        for name in ("employeeNumber", "costCenter", "organization", "division", "department")
    },
    "manager": Row(subs={"value": Kind.EXACT, "displayName": Kind.TEXT}, urn=ENTERPRISE),
    **{name: Row(Kind.TEXT, urn=SEAT) for name in ("status", "tier")},
    "waitingSince": Row(Kind.DATE, urn=SEAT),
}
GROUP_ROWS: Mapping[str, Row] = {
    **COMMON_ROWS,
    "members": Row(subs={"value": Kind.EXACT, **_texts("display", "type")}, many=True),
}


@dataclass(frozen=True)
class Name:
    """An attribute and perhaps one of its parts; the URN of a whole extension is a name too."""

    attribute: str
    sub: str | None = None


@dataclass(frozen=True)
class Test:
    """One comparison; `pr` has no literal. Within an element, `name.attribute` is the sub-attribute."""

    __test__ = False  # nothing for pytest

    name: Name
    operator: str
    literal: Value = None


@dataclass(frozen=True)
class Both:
    parts: tuple["Tree", ...]


@dataclass(frozen=True)
class Either:
    parts: tuple["Tree", ...]


@dataclass(frozen=True)
class Opposite:
    part: "Tree"


@dataclass(frozen=True)
class Within:
    """One element of the attribute meets `part`, and `last` where that is written after the bracket."""

    attribute: str
    part: "Tree"
    last: Test | None = None


Tree = Test | Both | Either | Opposite | Within


def holds(tree: Tree, resource: Resource, rows: Mapping[str, Row]) -> bool:
    """Whether a resource meets a filter."""
    match tree:
        case Both(parts):
            return all(holds(part, resource, rows) for part in parts)
        case Either(parts):
            return any(holds(part, resource, rows) for part in parts)
        case Opposite(part):
            return not holds(part, resource, rows)
        case Within(attribute, part, last):
            row = rows[attribute]
            wanted = part if last is None else Both((part, last))
            return any(_element_meets(wanted, element, row) for element in _content(resource, attribute, row))
        case Test():
            return _test(tree, resource, rows)


def _test(test: Test, resource: Resource, rows: Mapping[str, Row]) -> bool:
    attribute, sub = test.name.attribute, test.name.sub
    if attribute not in rows:  # the URN of a schema, which takes `pr` alone
        return attribute in resource["schemas"]
    row = rows[attribute]
    if test.operator == "pr" or test.literal is None:
        there = _present(resource, attribute, sub, row)
        return there if test.operator in ("pr", "ne") else not there
    if row.subs and sub is None:
        sub = "value"  # what a multi-valued attribute and `manager` mean by themselves
    kind = row.subs[sub] if sub else row.kind
    values = [element.get(sub) if sub else element for element in _content(resource, attribute, row)]
    if not values:
        # A missing value is unequal to any value, and in no other relation to it.
        return test.operator == "ne"
    return any(_relates(value, kind, test) for value in values)


def _content(resource: Resource, attribute: str, row: Row) -> list[Any]:
    """The elements of a multi-valued attribute, or the one value of another, if it has one."""
    holder = resource.get(row.urn, {}) if row.urn else resource
    value = holder.get(attribute)
    if value is None:
        return []
    return list(value) if row.many else [value]


def _present(resource: Resource, attribute: str, sub: str | None, row: Row) -> bool:
    content = _content(resource, attribute, row)
    return any(element.get(sub) is not None for element in content) if sub else bool(content)


def _element_meets(tree: Tree, element: Element, row: Row) -> bool:
    match tree:
        case Both(parts):
            return all(_element_meets(part, element, row) for part in parts)
        case Either(parts):
            return any(_element_meets(part, element, row) for part in parts)
        case Opposite(part):
            return not _element_meets(part, element, row)
        case Test(Name(sub), operator, literal):
            # An element of a list of plain texts is its own `value`.
            value = element.get(sub) if row.subs else element
            if operator == "pr" or literal is None:
                return (value is not None) is (operator != "eq")
            return _relates(value, row.subs.get(sub, row.kind), tree)
    raise AssertionError("a value path holds no other one")


def _relates(value: Value, kind: Kind | None, test: Test) -> bool:
    if value is None:
        return test.operator == "ne"
    if kind is None:
        raise AssertionError(f"{test.name} has no values to compare")
    if test.operator in ("co", "sw", "ew"):
        return _text_relates(_letters(kind, value), test.operator, _letters(kind, test.literal))
    return _order_relates(_comparable(kind, value), test.operator, _comparable(kind, test.literal))


def _text_relates(value: str, operator: str, asked: str) -> bool:
    if operator == "co":
        return asked in value
    return value.startswith(asked) if operator == "sw" else value.endswith(asked)


def _order_relates(value: Ordered, operator: str, asked: Ordered) -> bool:
    match operator:
        case "eq":
            return bool(value == asked)
        case "ne":
            return bool(value != asked)
        case "gt":
            return bool(value > asked)
        case "ge":
            return bool(value >= asked)
        case "lt":
            return bool(value < asked)
    return bool(value <= asked)


@cache
def _letters(kind: Kind, value: Value) -> str:
    """A value as text, for comparisons of its letters."""
    text = str(value)
    if kind is Kind.DATE:
        return text.upper()  # only its T and Z are letters
    if kind is Kind.LOGIN:
        # Compatible forms are one name, such as full-width letters (RFC 8265).
        return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    if kind is Kind.TEXT:
        return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    return text


@cache
def _comparable(kind: Kind, value: Value) -> object:
    if kind is Kind.BOOLEAN:
        return str(value).lower() == "true"  # Entra puts it in quotes
    return instant(str(value)) if kind is Kind.DATE else _letters(kind, value)


_INSTANT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:Z|([+-])(\d\d):(\d\d))?")


def instant(text: str) -> datetime:
    """An xsd:dateTime; without a zone it is in UTC."""
    found = _INSTANT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    fraction = int((found[7] or "0").ljust(6, "0"))
    offset = timedelta(hours=int(found[9] or 0), minutes=int(found[10] or 0))
    moment = datetime(year, month, day, hour, minute, second, fraction, tzinfo=UTC)
    return moment + offset if found[8] == "-" else moment - offset
