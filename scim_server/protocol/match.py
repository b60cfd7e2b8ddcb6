"""Checks whether an element of a multi-valued attribute matches the filter of a PATCH value path.

This module filters elements of one resource only. The database filters resources.
"""

import operator
from collections.abc import Callable
from typing import Any, Final

from scim_server.protocol.attributes import JSON, Attribute, Type
from scim_server.protocol.errors import InvalidPath, NoTarget
from scim_server.protocol.filter_tree import (
    And,
    AttributePath,
    Comparison,
    Filter,
    Not,
    Operator,
    Or,
    Present,
)
from scim_server.protocol.normalise import normalise

_TEXT: Final[dict[Operator, Callable[[str, str], bool]]] = {
    Operator.CO: lambda value, asked: asked in value,
    Operator.SW: str.startswith,
    Operator.EW: str.endswith,
}
_ORDER: Final[dict[Operator, Callable[[Any, Any], bool]]] = {
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
}


def element_matches(attribute: Attribute, element: JSON, condition: Filter) -> bool:
    """Whether one element of `attribute` matches the condition.

    Raises:
        InvalidPath: a sub-attribute in the condition does not exist.
    """
    match condition:
        case And(operands):
            return all(element_matches(attribute, element, operand) for operand in operands)
        case Or(operands):
            return any(element_matches(attribute, element, operand) for operand in operands)
        case Not(operand):
            return not element_matches(attribute, element, operand)
        case Present(path):
            return _value(attribute, element, path)[1] is not None
        case Comparison(path, relation, literal):
            row, value = _value(attribute, element, path)
            return _compare(relation, value, normalise(row, literal))
    raise InvalidPath("A value path cannot contain another one.")


def check_condition(attribute: Attribute, condition: Filter, *, quoted_booleans: bool) -> None:
    """Check that a condition is possible for the attribute's elements, even if there are no elements.

    Raises:
        InvalidPath: a sub-attribute in the condition does not exist, or a boolean is compared with text.
    """
    match condition:
        case And(operands) | Or(operands):
            for operand in operands:
                check_condition(attribute, operand, quoted_booleans=quoted_booleans)
        case Not(operand):
            check_condition(attribute, operand, quoted_booleans=quoted_booleans)
        case Present(path):
            _value(attribute, None, path)
        case Comparison(path, _, literal):
            row, _nothing = _value(attribute, None, path)
            if row.type is Type.BOOLEAN and isinstance(literal, str) and not quoted_booleans:
                raise InvalidPath(f"{row.name} must be compared with true or false, without quotes.")


def element_described(attribute: Attribute, condition: Filter) -> dict[str, JSON]:
    """The element to create for a condition that consists of `eq` comparisons joined by `and`.

    Raises:
        NoTarget: the condition does not describe a single element.
    """
    parts = condition.operands if isinstance(condition, And) else (condition,)
    element: dict[str, JSON] = {}
    for part in parts:
        if not (isinstance(part, Comparison) and part.operator is Operator.EQ):
            raise NoTarget(
                f"No element of {attribute.name} matches the path, and none can be created from it."
            )
        element[_sub(attribute, part.path).name] = part.value
    return element


def _sub(attribute: Attribute, path: AttributePath) -> Attribute:
    sub = attribute.sub(path.name)
    if sub is None:
        names = ", ".join(row.name for row in attribute.sub_attributes)
        raise InvalidPath(
            f"{attribute.name} has no sub-attribute '{path.name}'. Its sub-attributes are: {names}."
        )
    return sub


def _value(attribute: Attribute, element: JSON, path: AttributePath) -> tuple[Attribute, JSON]:
    if not attribute.sub_attributes and path.name.lower() == "value":
        return attribute, normalise(attribute, element)
    row = _sub(attribute, path)
    value = element.get(row.name) if isinstance(element, dict) else None
    return row, normalise(row, value)


def _compare(relation: Operator, value: JSON, asked: JSON) -> bool:
    if relation is Operator.EQ:
        return value == asked
    if relation is Operator.NE:
        return value != asked
    if isinstance(value, str) and isinstance(asked, str):
        return (_TEXT.get(relation) or _ORDER[relation])(value, asked)
    if isinstance(value, int | float) and isinstance(asked, int | float) and relation in _ORDER:
        return _ORDER[relation](value, asked)
    return False
