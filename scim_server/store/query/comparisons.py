"""One comparison of a filter: its operand, and the condition on a value (RFC 7644 section 3.4.2.2)."""

from typing import Final

from sqlalchemy import Boolean, ColumnElement, collate, false, func, or_, true

from scim_server.protocol.attributes import JSON, Attribute, Mutability, Type
from scim_server.protocol.dialects import Tolerance, Tolerances
from scim_server.protocol.errors import InvalidFilter, InvalidValue
from scim_server.protocol.filter_tree import Literal, Operator
from scim_server.protocol.normalise import moment, normalise, part_of_user_name
from scim_server.store.query.fields import Values

Condition = ColumnElement[bool]

_TEXT_ONLY: Final = frozenset({Operator.CO, Operator.SW, Operator.EW})
_ORDERED: Final = frozenset({Operator.GT, Operator.GE, Operator.LT, Operator.LE})


def asked_for(row: Attribute, operator: Operator, value: Literal, name: str, allowed: Tolerances) -> JSON:
    """The operand of a filter, in the form in which values are stored for comparison.

    Args:
        name: the name of the attribute, for messages.
        allowed: the active tolerances, for booleans in quotes and dates in other forms.

    Raises:
        InvalidFilter: the attribute does not allow this operator or this operand.
    """
    if row.type is Type.BOOLEAN:
        return _boolean(operator, value, name, allowed)
    if row.type in (Type.INTEGER, Type.DECIMAL):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidFilter(f"{name} is a number. Write the value without quotes.")
        if operator in _TEXT_ONLY:
            raise InvalidFilter(f"{name} is a number, but {operator.value} compares text.")
        return value
    if not isinstance(value, str):
        raise InvalidFilter(f"{name} is text. Write the value in double quotes.")
    if row.type is Type.BINARY and operator in _ORDERED:
        raise InvalidFilter(f"{name} is binary and has no order. Use eq, ne or pr.")
    if row.type is Type.DATE_TIME:
        return _moment(row, operator, value, allowed)
    if row.name == "userName" and operator in _TEXT_ONLY:
        return part_of_user_name(value)
    return normalise(row, value)


def _moment(row: Attribute, operator: Operator, value: str, allowed: Tolerances) -> str:
    if operator in _TEXT_ONLY:
        return value.upper()  # The operand is only a part of a dateTime, whose letters are T and Z.
    try:
        return moment(value)
    except InvalidValue as error:
        if row.mutability is Mutability.READ_ONLY or Tolerance.LOOSE_VALUES not in allowed:
            raise InvalidFilter(error.detail) from None
        return (
            value.upper()
        )  # A client may have stored a text that is not a dateTime. It is compared as text.


def _boolean(operator: Operator, value: Literal, name: str, allowed: Tolerances) -> JSON:
    # Entra writes "True" in quotes in value paths.
    text = str(value).lower()
    types = bool | str if Tolerance.BOOLEAN_AS_TEXT in allowed else bool
    if not isinstance(value, types) or text not in ("true", "false"):
        raise InvalidFilter(f"{name} must be compared with true or false, without quotes.")
    if operator not in (Operator.EQ, Operator.NE):
        raise InvalidFilter(f"{name} is true or false and has no order. Use eq or ne.")
    return text


def holds(operator: Operator, value: str, asked: JSON) -> bool:
    """The comparison in Python, for values that are the same in every row."""
    if not isinstance(asked, str):
        return operator is Operator.NE
    return {
        Operator.EQ: value == asked,
        Operator.NE: value != asked,
        Operator.CO: asked in value,
        Operator.SW: value.startswith(asked),
        Operator.EW: value.endswith(asked),
        Operator.GT: value > asked,
        Operator.GE: value >= asked,
        Operator.LT: value < asked,
        Operator.LE: value <= asked,
    }[operator]


def compare(value: Values, operator: Operator, asked: JSON, dialect: str) -> Condition:
    """The comparison in SQL. It is unknown only if the value is absent."""
    if isinstance(value.type, Boolean):
        wanted = true() if (asked == "true") is (operator is Operator.EQ) else false()
        return value == wanted
    if operator is Operator.EQ:
        return value == asked
    if operator is Operator.NE:
        return or_(value.is_(None), value != asked)
    if isinstance(asked, str):
        if operator in _TEXT_ONLY:
            return _text(value, operator, asked, dialect)
        if dialect != "sqlite":
            value = collate(value, "C")
    return {
        Operator.GT: value > asked,
        Operator.GE: value >= asked,
        Operator.LT: value < asked,
        Operator.LE: value <= asked,
    }[operator]


def _text(value: Values, operator: Operator, asked: str, dialect: str) -> Condition:
    """Contains, begins or ends.

    Functions are used, because LIKE interprets % and _, and SQLite's LIKE folds case.
    """
    if not asked:
        return value.is_not(None)
    if operator is Operator.CO:
        return (func.instr if dialect == "sqlite" else func.strpos)(value, asked) > 0
    if operator is Operator.SW:
        return func.substr(value, 1, func.length(asked)) == asked
    if dialect == "sqlite":
        return func.substr(value, -func.length(asked)) == asked
    return func.right(value, func.length(asked)) == asked
