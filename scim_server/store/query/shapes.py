"""The shape of a filter is everything in the filter except the texts that are compared.

Filters of one shape become one SQL statement with different parameters. Providers send a few shapes thousands
of times, so the statement is made from the first filter of its shape and stored (decision 28).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from scim_server.protocol.attributes import JSON, Attribute, Type
from scim_server.protocol.dialects import Tolerances
from scim_server.protocol.filter_tree import And, Comparison, Filter, Not, Operator, Or, ValuePath
from scim_server.store.query.comparisons import asked_for

Shape = tuple[Any, ...]
"""A hashable value, which is equal for filters that differ only in their texts."""

_MARK: Final = "\ue000"
"""A private-use character. Around the number of a place, it stands for a text while a statement is made."""


class Sample(str):
    """A text of the filter from which a statement is made, together with its number."""

    __slots__ = ("number",)
    number: int

    @classmethod
    def of(cls, text: str, number: int) -> "Sample":
        """Make a sample from a text and its number in the filter."""
        made = cls(text)
        made.number = number
        return made


def shape_of(tree: Filter, texts: list[str]) -> Shape:
    """The shape of a filter. Its texts are appended to the list in order."""
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
    """The filter with samples instead of its texts, with the same numbers as in `shape_of`.

    Args:
        count: a list with one number, which is the number of the next text.
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
    """The place where a text is compared, which decides the form of the operand.

    Attributes:
        number: the number of the text in the filter.
        name: the name of the attribute, as messages show it.
    """

    number: int
    row: Attribute
    operator: Operator
    name: str

    def asked(self, text: str, allowed: Tolerances) -> JSON:
        """The operand that a text has at this place.

        Raises:
            InvalidFilter: the attribute cannot be compared with the text.
        """
        return asked_for(self.row, self.operator, text, self.name, allowed)


@dataclass(slots=True)
class Recorder:
    """Records the places of texts while a condition is made, and the texts that are part of the condition.

    Attributes:
        fixed: the numbers of the texts that decide the form of the condition.
    """

    places: list[Place] = field(default_factory=list)
    fixed: set[int] = field(default_factory=set)

    def stand_in(self, place: Place, asked: JSON) -> JSON:
        """A placeholder in the condition for the operand, until parameters replace it."""
        if place.row.type is Type.BOOLEAN or not isinstance(asked, str) or not asked:
            self.fixed.add(place.number)
            return asked
        self.places.append(place)
        return f"{_MARK}{len(self.places) - 1}{_MARK}"


def places_in(value: object) -> bool:
    """Whether a value of a statement contains the place of a text."""
    if isinstance(value, str):
        return value.startswith(_MARK) and value.endswith(_MARK) and len(value) > len(_MARK) * 2
    if isinstance(value, dict):
        return any(places_in(one) for one in value.values())
    return isinstance(value, list) and any(places_in(one) for one in value)


def filled(template: object, found: Sequence[JSON]) -> JSON:
    """A value of a statement with the operands in the places of the texts."""
    if isinstance(template, str) and places_in(template):
        return found[int(template.strip(_MARK))]
    if isinstance(template, dict):
        return {name: filled(one, found) for name, one in template.items()}
    if isinstance(template, list):
        return [filled(one, found) for one in template]
    return cast("JSON", template)
