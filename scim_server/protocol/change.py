"""One change that a PATCH asks for: of which attribute, of which of its values, to what."""

from dataclasses import dataclass
from enum import StrEnum

from scim_server.protocol.attributes import JSON, Attribute, Schema
from scim_server.protocol.filter_tree import Filter


class Kind(StrEnum):
    """What an operation does."""

    ADD = "add"
    REPLACE = "replace"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Change:
    """One operation on one attribute.

    Attributes:
        kind: add, replace or remove.
        schema: the schema that `attribute` is in.
        attribute: the attribute changed.
        filter: which elements of a multi-valued attribute, or whether a single complex value; None for all.
        sub: the sub-attribute changed; None for the whole value.
        value: what was sent; None where nothing was.
        has_value: whether a value was sent, and not null: removing a list of members is not removing all.
        of_extension: whether the change is part of removing an extension as a whole.
    """

    kind: Kind
    schema: Schema
    attribute: Attribute
    filter: Filter | None
    sub: Attribute | None
    value: JSON
    has_value: bool
    of_extension: bool = False

    def __str__(self) -> str:
        return self.attribute.name if self.sub is None else f"{self.attribute.name}.{self.sub.name}"

    @property
    def removes_all(self) -> bool:
        """Whether every value goes: no values to remove are listed."""
        whole = self.filter is None and self.sub is None
        return self.kind is Kind.REMOVE and whole and not self.has_value
