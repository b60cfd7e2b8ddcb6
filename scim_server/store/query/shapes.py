"""The shape of a filter: all of it but the texts that it compares with, and what becomes of those.

Filters of one shape are one SQL statement with other parameters. Providers send few shapes, thousands of
times, so the statement is made from the first filter of its shape and kept (decision 28).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from scim_server.protocol.attributes import JSON, Attribute, Type
from scim_server.protocol.dialects import Tolerances
from scim_server.protocol.filter_tree import And, Comparison, Filter, Not, Operator, Or, ValuePath
from scim_server.store.query.comparisons import asked_for

Shape = tuple[Any, ...]
"""Hashable; equal for filters that differ in nothing but texts."""

_MARK: Final = "\ue000"
"""Private use: around the number of a place, it stands for a text while a statement is made."""


class Sample(str):
    """A text of the filter from which a statement is made; it knows which one it is."""

    __slots__ = ("number",)
    number: int

    @classmethod
    def of(cls, text: str, number: int) -> "Sample":
        """The text with its number in the filter."""
        made = cls(text)
        made.number = number
        return made


def shape_of(tree: Filter, texts: list[str]) -> Shape:
    """The shape of a filter; its texts are appended in their order."""
    match tree:
        case Comparison(path, operator, value):
            if isinstance(value, str):
                texts.append(value)
                return path, operator
            return path, operator, type(value), value
        case And(operands) | Or(operands):
            return type(tree), *(shape_of(one, texts) for one in operands)
        case Not(operand):
            return Not, shape_of(operand, texts)
        case ValuePath(path, inner):
            return ValuePath, path, shape_of(inner, texts)
    return (tree,)


def sampled(tree: Filter, count: list[int]) -> Filter:
    """The filter with samples for its texts, numbered as `shape_of` finds them.

    Args:
        count: of one number, that of the next text.
    """
    match tree:
        case Comparison(_, _, str() as value):
            count[0] += 1
            return replace(tree, value=Sample.of(value, count[0] - 1))
        case And(operands) | Or(operands):
            return replace(tree, operands=tuple(sampled(one, count) for one in operands))
        case Not(operand):
            return Not(sampled(operand, count))
        case ValuePath(path, inner):
            return ValuePath(path, sampled(inner, count))
    return tree


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text is compared, which says in what form.

    Attributes:
        number: of the text in the filter.
        name: of the attribute, as messages show it.
    """

    number: int
    row: Attribute
    operator: Operator
    name: str

    def asked(self, text: str, allowed: Tolerances) -> JSON:
        """What a text at this place asks for.

        Raises:
            InvalidFilter: the attribute cannot be compared with it.
        """
        return asked_for(self.row, self.operator, text, self.name, allowed)


@dataclass(slots=True)
class Recorder:
    """Notes the places of texts while a condition is made, and which of them the condition itself holds.

    Attributes:
        fixed: numbers of texts on which the form of the condition depends.
    """

    places: list[Place] = field(default_factory=list)
    fixed: set[int] = field(default_factory=set)

    def stand_in(self, place: Place, asked: JSON) -> JSON:
        """What stands in the condition for what a text asks for, until parameters take its place."""
        if place.row.type is Type.BOOLEAN or not isinstance(asked, str) or not asked:
            self.fixed.add(place.number)
            return asked
        self.places.append(place)
        return f"{_MARK}{len(self.places) - 1}{_MARK}"


def places_in(value: object) -> bool:
    """Whether a value of a statement holds the place of a text."""
    if isinstance(value, str):
        return value.startswith(_MARK) and value.endswith(_MARK) and len(value) > len(_MARK) * 2
    if isinstance(value, dict):
        return any(places_in(one) for one in value.values())
    return isinstance(value, list) and any(places_in(one) for one in value)


def filled(template: object, found: Sequence[JSON]) -> JSON:
    """A value of a statement with what the texts ask for in their places."""
    if isinstance(template, str) and places_in(template):
        return found[int(template.strip(_MARK))]
    if isinstance(template, dict):
        return {name: filled(one, found) for name, one in template.items()}
    if isinstance(template, list):
        return [filled(one, found) for one in template]
    return cast("JSON", template)
