"""Values that can be set only once (RFC 7643 section 2.2, `immutable`; RFC 7644 section 3.5.1)."""

from collections.abc import Iterator
from functools import lru_cache

from scim_server.protocol.attributes import JSON, Attribute, Mutability, ResourceType
from scim_server.protocol.errors import MutabilityViolation

Document = dict[str, JSON]


@lru_cache(maxsize=1_000)
def _rows(resource_type: ResourceType) -> tuple[tuple[str | None, Attribute], ...]:
    """The immutable attributes, each with the URN of its extension."""
    schemas = ((None, resource_type.schema), *((one.id, one) for one in resource_type.extensions))
    return tuple(
        (urn, row)
        for urn, schema in schemas
        for row in schema.attributes
        if row.mutability is Mutability.IMMUTABLE
    )


def kept(before: Document, after: Document, resource_type: ResourceType) -> Document:
    """A replaced document with the immutable values of the earlier one. A value that was not sent stays.

    Raises:
        MutabilityViolation: the value was set before, and the request sends a different value.
    """
    for holder, row, old in _set(before, resource_type):
        values = after if holder is None else after.setdefault(holder, {})
        if isinstance(values, dict) and values.setdefault(row.name, old) != old:
            raise MutabilityViolation(f"{row.name} is immutable. It was set before and cannot be changed.")
    for urn, attribute, row in _sub_rows(resource_type):
        was, now = _value(before, urn, attribute), _value(after, urn, attribute)
        # If the whole value is not sent, it is removed, and another value may be set later.
        if not isinstance(was, dict) or not isinstance(now, dict) or row.name not in was:
            continue
        if now.setdefault(row.name, was[row.name]) != was[row.name]:
            raise MutabilityViolation(
                f"{attribute.name}.{row.name} is immutable. It was set before and cannot be changed."
            )
    return after


@lru_cache(maxsize=1_000)
def _sub_rows(resource_type: ResourceType) -> tuple[tuple[str | None, Attribute, Attribute], ...]:
    """The immutable sub-attributes of single values, each with its attribute and the URN of its extension."""
    schemas = ((None, resource_type.schema), *((one.id, one) for one in resource_type.extensions))
    return tuple(
        (urn, attribute, row)
        for urn, schema in schemas
        for attribute in schema.attributes
        if not attribute.multi_valued
        for row in attribute.sub_attributes
        if row.mutability is Mutability.IMMUTABLE
    )


def _value(document: Document, urn: str | None, attribute: Attribute) -> JSON:
    values = document if urn is None else document.get(urn)
    return values.get(attribute.name) if isinstance(values, dict) else None


def _set(document: Document, resource_type: ResourceType) -> Iterator[tuple[str | None, Attribute, JSON]]:
    for urn, row in _rows(resource_type):
        values = document if urn is None else document.get(urn)
        if isinstance(values, dict) and row.name in values:
            yield urn, row, values[row.name]


def has_any(resource_type: ResourceType) -> bool:
    """Whether the type has immutable attributes; most types have none."""
    return bool(_rows(resource_type) or _sub_rows(resource_type))
