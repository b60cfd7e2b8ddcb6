"""One change of a PATCH: the attribute, the selected values, and the new value."""

from dataclasses import dataclass
from enum import StrEnum

from scim_server.protocol.attributes import JSON, Attribute, Schema
from scim_server.protocol.filter_tree import Filter


class Kind(StrEnum):
    """The kind of an operation."""

    ADD = "add"
    REPLACE = "replace"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Change:
    """One operation on one attribute.

    Attributes:
        kind: add, replace or remove.
        schema: the schema of `attribute`.
        attribute: the attribute to change.
        filter: selects elements of a multi-valued attribute, or tests a single complex value; None if all are
            selected.
        sub: the sub-attribute to change; None for the whole value.
        value: the value that was sent; None if no value was sent.
        has_value: whether a value other than null was sent; with a value, only the listed members are
            removed.
        of_extension: whether the change is part of removing a whole extension.
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
        """Whether all values are removed, because the request lists no values to remove."""
        whole = self.filter is None and self.sub is None
        return self.kind is Kind.REMOVE and whole and not self.has_value
