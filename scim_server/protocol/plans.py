"""Plans for reading the values of an object. A plan is computed once for each schema, not for each request.

The marshmallow fields read values with a plan. It finds attributes by their names in any case, converts
values to the form that their rows require, and checks only that each value has the right JSON type. Values
are returned as they were sent (DESIGN, wire 10). Unassigned values (null, "", []) and values that a client
may not set are left out.
"""

import binascii
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from marshmallow import ValidationError, fields

from scim_server.protocol.attributes import JSON, Attribute, Mutability, Returned, Type
from scim_server.protocol.dialects import Tolerance, Tolerances, as_written
from scim_server.protocol.errors import InvalidValue
from scim_server.protocol.normalise import moment

MISSING: Final = "is required"
_NULL: Final = "may not be null"
_NO_LIST: Final = "must be a list"
_EXPECTED: Final[Mapping[Type, tuple[type | tuple[type, ...], str]]] = {
    Type.STRING: (str, "a string"),
    Type.BOOLEAN: (bool, "true or false"),
    Type.DECIMAL: ((int, float), "a number"),
    Type.INTEGER: (int, "an integer"),
    Type.DATE_TIME: (str, "a dateTime in a string"),
    Type.BINARY: (str, "base64 in a string"),
    Type.REFERENCE: (str, "a URI in a string"),
}

Read = Callable[[JSON], JSON]
"""Returns a value as it is stored, or raises ValidationError."""


def settable(attribute: Attribute) -> bool:
    """Whether a client's value is kept. A value that the server sets is not kept, and a password never is."""
    return attribute.mutability is not Mutability.READ_ONLY and attribute.returned is not Returned.NEVER


def unassigned(value: JSON) -> bool:
    """RFC 7643 section 2.5: null and an empty list mean no value.

    Providers also mean this by an empty text.
    """
    return value is None or value in ("", [])


def names_others(attribute: Attribute) -> bool:
    """Whether an element must refer to another resource. Without the reference, it is an error, not empty."""
    value = attribute.sub("value")
    return value is not None and value.mutability is Mutability.IMMUTABLE


def _valueless(attribute: Attribute, element: JSON) -> bool:
    """Whether an element means no value. An element without its required reference is an error instead."""
    if not isinstance(element, dict) or names_others(attribute) or attribute.sub("value") is None:
        return False
    return any(name.lower() == "value" and unassigned(content) for name, content in element.items())


@dataclass(frozen=True, slots=True)
class Row:
    """One attribute of a plan.

    Attributes:
        settable: whether a client's value is kept.
        plain: whether a text is kept as it was sent.
        read: checks a value that has the form that the row requires.
    """

    attribute: Attribute
    allowed: Tolerances
    settable: bool
    plain: bool
    read: Read

    @classmethod
    def of(cls, attribute: Attribute, allowed: Tolerances) -> "Row":
        """Make the row that a plan needs."""
        plain = not attribute.multi_valued and attribute.type not in (Type.BOOLEAN, Type.COMPLEX)
        return cls(attribute, allowed, settable(attribute), plain, reader_of(attribute, allowed))

    def written(self, value: JSON) -> JSON:
        """A value in the form that the row requires; for a list, only the elements that have a value."""
        if self.plain and isinstance(value, str):
            return value
        written = as_written(self.attribute, value, self.allowed)
        if isinstance(written, list):
            return [one for one in written if not (unassigned(one) or _valueless(self.attribute, one))]
        return written


class Plan:
    """How objects with certain attributes are read.

    Attributes:
        rows: the rows by name, both as written and in lower case.
        order: the rows that a client may set, in the order of their declaration; values are stored in this
            order.
    """

    def __init__(self, attributes: Iterable[Attribute], allowed: Tolerances) -> None:
        rows = [Row.of(attribute, allowed) for attribute in attributes]
        self.rows = {name: row for row in rows for name in (row.attribute.name, row.attribute.name.lower())}
        self.order = tuple((row.attribute.name, row) for row in rows if row.settable)
        self._strict = Tolerance.UNKNOWN_IGNORED not in allowed

    def named(self, data: JSON) -> dict[str, JSON]:
        """The values with canonical names in the form of their rows, without unassigned and read-only ones.

        Raises:
            ValidationError: the value is not an object, or an attribute is unknown or given twice.
        """
        if not isinstance(data, dict):
            raise ValidationError({"": ["must be an object"]})
        found: dict[str, JSON] = {}
        for key, value in data.items():
            row = self.rows.get(key) or self.rows.get(key.lower())
            if row is None:
                if self._strict:
                    raise ValidationError({key: ["is not an attribute"]})
                continue
            name = row.attribute.name
            if name in found:
                raise ValidationError({name: ["is given twice"]})
            if row.settable and not unassigned(value):
                written = row.written(value)
                if isinstance(written, list) or not unassigned(
                    written
                ):  # The value is empty and was the only one in a list.
                    found[name] = written
        return found

    def read(self, data: JSON) -> JSON:
        """The checked values of an object, in the order in which the attributes are declared.

        Raises:
            ValidationError: the error contains all faults, by name.
        """
        found = self.named(data)
        read: dict[str, JSON] = {}
        problems: dict[str, Any] = {}
        for name, row in self.order:
            if name in found:
                try:
                    read[name] = row.read(found[name])
                except ValidationError as error:
                    problems[name] = error.messages
            elif row.attribute.required:
                problems[name] = [MISSING]
        if problems:
            raise ValidationError(problems)
        return read


class Value(fields.Field[Any]):
    """A field of marshmallow that reads a value by a row of the attribute table."""

    def __init__(self, row: Row) -> None:
        super().__init__(required=row.attribute.required, error_messages={"required": MISSING, "null": _NULL})
        self._row = row

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:  # noqa: ARG002, ANN401 - marshmallow's signature
        return self._row.read(value)


def reader_of(attribute: Attribute, allowed: Tolerances) -> Read:
    """The function that checks the values of one row."""
    complex_ = attribute.type is Type.COMPLEX
    single: Read = Plan(attribute.sub_attributes, allowed).read if complex_ else _simple(attribute, allowed)
    return _list(single) if attribute.multi_valued else single


def _list(single: Read) -> Read:
    def read(value: JSON) -> JSON:
        if not isinstance(value, list):
            raise ValidationError(_NO_LIST)
        kept: list[JSON] = []
        problems: dict[int, Any] = {}
        for place, element in enumerate(value):
            try:
                kept.append(single(element))
            except ValidationError as error:
                problems[place] = error.messages
        if problems:
            raise ValidationError(problems)
        return kept

    return read


def _simple(attribute: Attribute, allowed: Tolerances) -> Read:
    """A value of one of SCIM's simple types, returned as it was sent."""
    expected, words = _EXPECTED[attribute.type]
    boolean = attribute.type is Type.BOOLEAN
    formed = attribute.type in (Type.DATE_TIME, Type.BINARY) and Tolerance.LOOSE_VALUES not in allowed

    def read(value: JSON) -> JSON:
        if not isinstance(value, expected) or (isinstance(value, bool) and not boolean):
            raise ValidationError(_NULL if value is None else f"must be {words}")
        if isinstance(value, str):
            if "\0" in value:
                # Bodies contain no NUL, but JSON text inside a value may contain it.
                raise ValidationError("contains NUL (\\u0000), which cannot be stored")
            if formed and not _well_formed(attribute.type, value):
                raise ValidationError(f"must be {words}")
        return value

    return read


def _well_formed(type_: Type, value: str) -> bool:
    """Whether a text is a dateTime or base64 as defined in RFC 7643 sections 2.3.5 and 2.3.6."""
    try:
        if type_ is Type.DATE_TIME:
            moment(value)
        else:
            b64decode(value, validate=True)
    except (InvalidValue, binascii.Error, ValueError):
        return False
    return True
