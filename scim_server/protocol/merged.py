"""Checks a resource after a PATCH: its required values must be present (RFC 7644 section 3.5.2.2).

Parts that the request does not change are not checked, because a schema may have changed after they were
stored.
"""

from collections.abc import Collection

from scim_server.protocol.attributes import JSON, Attribute, ResourceType
from scim_server.protocol.errors import InvalidValue, MutabilityViolation

Document = dict[str, JSON]


def check_merged(
    before: Document, after: Document, resource_type: ResourceType, removed: Collection[str]
) -> None:
    """Check the resource after a PATCH.

    Args:
        removed: URNs of the extensions that were removed completely.

    Raises:
        MutabilityViolation: a required value was removed, or an immutable value was changed.
        InvalidValue: a new value or extension lacks a required value.
    """
    _check_values(before, after, resource_type.schema.attributes, "")
    for extension in resource_type.extensions:
        old, new = before.get(extension.id), after.get(extension.id)
        if old == new or (new is None and extension.id in removed):
            continue
        _check_values(_values(old), _values(new), extension.attributes, f"{extension.id}:")


def _values(value: JSON) -> Document:
    return value if isinstance(value, dict) else {}


def _check_values(before: Document, after: Document, attributes: tuple[Attribute, ...], prefix: str) -> None:
    if before == after:
        return
    for row in attributes:
        _require(row, before, after, f"{prefix}{row.name}")
        old, new = before.get(row.name), after.get(row.name)
        if old == new or new is None or not row.sub_attributes:
            continue
        if row.multi_valued:
            _check_elements(old, new, row, prefix)
        else:
            _check_subs(_values(old), _values(new), row, prefix)


def _check_elements(old: JSON, new: JSON, row: Attribute, prefix: str) -> None:
    was, now = (value if isinstance(value, list) else [] for value in (old, new))
    aligned = len(was) == len(now)
    for place, element in enumerate(now):
        if element not in was:
            _check_subs(_values(was[place]) if aligned else {}, _values(element), row, prefix)


def _check_subs(old: Document, new: Document, row: Attribute, prefix: str) -> None:
    for sub in row.sub_attributes:
        _require(sub, old, new, f"{prefix}{row.name}.{sub.name}")


def _require(row: Attribute, old: Document, new: Document, name: str) -> None:
    if not row.required or row.name in new:
        return
    if row.name in old:
        raise MutabilityViolation(f"{name} is required and cannot be removed.")
    raise InvalidValue(f"{name} is required.")
