"""PATCH: a request's operations as changes of a resource's document (RFC 7644 section 3.5.2).

`changes` reads the operations, whatever form a provider gives them; `apply` carries one out. A document
is changed in place, so the caller passes a copy and throws it away when an operation fails.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scim_server.protocol.attributes import JSON, Attribute, Mutability, Returned, Schema, Type
from scim_server.protocol.dialects import Tolerance, complex_from_text
from scim_server.protocol.errors import (
    InvalidPath,
    InvalidSyntax,
    InvalidValue,
    MutabilityViolation,
    NoTarget,
)
from scim_server.protocol.filter_tree import Filter
from scim_server.protocol.match import element_described, element_matches
from scim_server.protocol.messages import get_any_case
from scim_server.protocol.normalise import normalise
from scim_server.protocol.paths import PatchPath, parse_path
from scim_server.protocol.schemas import ResourceSchema

MAX_OPERATIONS: Final = 1_000

Document = dict[str, JSON]


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
        filter: which elements of a multi-valued attribute; None for all.
        sub: the sub-attribute changed; None for the whole value.
        value: what was sent; None where nothing was.
        has_value: whether a value was sent at all: removing a list of members is not removing all.
    """

    kind: Kind
    schema: Schema
    attribute: Attribute
    filter: Filter | None
    sub: Attribute | None
    value: JSON
    has_value: bool

    def __str__(self) -> str:
        return self.attribute.name if self.sub is None else f"{self.attribute.name}.{self.sub.name}"


def changes(body: dict[str, JSON], reader: ResourceSchema) -> list[Change]:
    """The changes that a PATCH body asks for, in its order.

    Raises:
        InvalidSyntax: it is not a PATCH message.
        InvalidPath, NoTarget, MutabilityViolation, InvalidValue: an operation is wrong.
    """
    operations = get_any_case(body, "Operations")
    if not isinstance(operations, list) or not operations:
        raise InvalidSyntax("A PATCH body has a list of Operations with at least one operation.")
    if len(operations) > MAX_OPERATIONS:
        raise InvalidValue(f"A PATCH may have at most {MAX_OPERATIONS} operations.")
    return [change for operation in operations for change in _changes_of(operation, reader)]


def _changes_of(operation: JSON, reader: ResourceSchema) -> Iterator[Change]:
    if not isinstance(operation, dict):
        raise InvalidSyntax("Each of the Operations is an object with op, path and value.")
    kind = _kind(get_any_case(operation, "op"), reader)
    path, value = get_any_case(operation, "path"), get_any_case(operation, "value")
    has_value = any(key.lower() == "value" for key in operation)
    if kind is not Kind.REMOVE and not has_value:
        raise InvalidValue(f"The operation {kind} needs a value.")
    if path in (None, ""):
        yield from _without_path(kind, value, reader)
    elif not isinstance(path, str):
        raise InvalidPath("The path of an operation is a string such as name.givenName.")
    else:
        yield from _with_path(kind, path, value, reader, has_value=has_value)


def _kind(op: JSON, reader: ResourceSchema) -> Kind:
    if isinstance(op, str):
        text = op.lower() if Tolerance.OPERATION_CASE in reader.allowed else op
        if text in tuple(Kind):
            return Kind(text)
    raise InvalidSyntax(f"An operation's op is add, replace or remove, not {str(op)[:40]!r}.")


def _without_path(kind: Kind, value: JSON, reader: ResourceSchema) -> Iterator[Change]:
    if kind is Kind.REMOVE:
        raise NoTarget("The operation remove needs a path that says what to remove.")
    if isinstance(value, str):
        value = complex_from_text(value, reader.allowed - {Tolerance.BARE_VALUE})
    if not isinstance(value, dict):
        raise InvalidValue("Without a path, the value of an operation is an object of attributes.")
    for key, content in value.items():
        extension = reader.resource_type.schema_of(key)
        if extension is not None and isinstance(content, dict):
            for name, inner in content.items():
                yield from _keyed(kind, f"{extension.id}:{name}", inner, reader)
        else:
            yield from _keyed(kind, key, content, reader)


def _keyed(kind: Kind, key: str, value: JSON, reader: ResourceSchema) -> Iterator[Change]:
    """A key of a path-less value. What is unknown or read-only there is ignored (DESIGN, wire 12)."""
    tolerant = Tolerance.UNKNOWN_IGNORED in reader.allowed
    try:
        path = parse_path(key)
        if Tolerance.KEYS_AS_PATHS not in reader.allowed and (
            path.filter is not None or path.sub is not None
        ):
            raise InvalidPath(f"'{key[:100]}' is a path, not an attribute; send it as the operation's path.")
        change = _resolve(kind, path, value, reader, has_value=True)
    except InvalidPath:
        if tolerant:
            return
        raise
    if not _read_only(change):
        yield change


def _with_path(
    kind: Kind, text: str, value: JSON, reader: ResourceSchema, *, has_value: bool
) -> Iterator[Change]:
    extension = reader.resource_type.schema_of(text)
    if extension is not None:
        yield from _whole_extension(kind, extension, value, reader)
        return
    path = parse_path(text)
    if path.attribute.name.lower() == "schemas":
        return  # computed from the data, so that a client's idea of it is never a reason to refuse
    change = _resolve(kind, path, value, reader, has_value=has_value)
    if _read_only(change):
        raise MutabilityViolation(f"{change} is read-only: the server sets it.")
    yield change


def _whole_extension(kind: Kind, extension: Schema, value: JSON, reader: ResourceSchema) -> Iterator[Change]:
    if all(row.mutability is Mutability.READ_ONLY for row in extension.attributes):
        raise MutabilityViolation(f"{extension.id} is read-only: the server sets it.")
    if kind is Kind.REMOVE:
        for row in extension.attributes:
            yield Change(kind, extension, row, None, None, None, has_value=False)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _keyed(kind, f"{extension.id}:{name}", inner, reader)
    else:
        raise InvalidValue(f"The value of {extension.id} is an object of its attributes.")


def _resolve(kind: Kind, path: PatchPath, value: JSON, reader: ResourceSchema, *, has_value: bool) -> Change:
    found = reader.resource_type.resolve(path.attribute.urn, path.attribute.name)
    if found is None:
        raise InvalidPath(f"{reader.resource_type.name} has no attribute '{path.attribute}'.")
    schema, attribute = found
    sub = attribute.sub(path.sub) if path.sub is not None else None
    if path.sub is not None and sub is None:
        names = ", ".join(row.name for row in attribute.sub_attributes) or "none"
        raise InvalidPath(f"{attribute.name} has no sub-attribute '{path.sub}'; it has: {names}.")
    if path.filter is not None and not attribute.multi_valued:
        raise InvalidPath(f"{attribute.name} has a single value; only a multi-valued attribute takes [ ].")
    return Change(kind, schema, attribute, path.filter, sub, value, has_value)


def _read_only(change: Change) -> bool:
    rows = (change.attribute, change.sub)
    return any(row is not None and row.mutability is Mutability.READ_ONLY for row in rows)


def apply(document: Document, change: Change, reader: ResourceSchema) -> None:
    """Carry out one change in place.

    Raises:
        InvalidValue: the value is not of the attribute's type.
        NoTarget: the path matches nothing and what it describes cannot be created.
        InvalidPath: the filter in the path names no sub-attribute.
        MutabilityViolation: the attribute is immutable and has a value.
    """
    attribute = change.attribute
    if attribute.returned is Returned.NEVER:
        return  # a password is accepted and thrown away
    core = change.schema is reader.resource_type.schema
    values: JSON = document if core else document.get(change.schema.id, {})
    if not isinstance(values, dict):
        raise InvalidValue(f"{change.schema.id} must be an object.")
    old = values.get(attribute.name)
    new = _multi(old, change, reader) if attribute.multi_valued else _single(old, change, reader)
    if attribute.mutability is Mutability.IMMUTABLE and old is not None and new != old:
        raise MutabilityViolation(f"{attribute.name} is immutable: it was set before and cannot be changed.")
    if new in (None, {}, []):
        values.pop(attribute.name, None)
    else:
        values[attribute.name] = new
    if not core:
        document[change.schema.id] = values
        if not values:
            del document[change.schema.id]


def _single(old: JSON, change: Change, reader: ResourceSchema) -> JSON:
    if change.sub is not None:
        holder = dict(old) if isinstance(old, dict) else {}
        new = None if change.kind is Kind.REMOVE else reader.load_value(change.sub, change.value, str(change))
        return _with_sub(holder, change.sub, new)
    if change.kind is Kind.REMOVE:
        return None
    new = reader.load_value(change.attribute, change.value, str(change))
    # Sub-attributes that the value does not name stay (RFC 7644 section 3.5.2.3).
    return {**old, **new} if isinstance(old, dict) and isinstance(new, dict) else new


def _multi(old: JSON, change: Change, reader: ResourceSchema) -> JSON:
    elements = list(old) if isinstance(old, list) else []
    if change.filter is None and change.sub is None:
        new = _whole(elements, change, reader)
    else:
        new = _chosen(elements, change, reader)
    return _one_primary(elements, new, change.attribute)


def _whole(elements: list[JSON], change: Change, reader: ResourceSchema) -> list[JSON]:
    if change.kind is Kind.REMOVE and not change.has_value:
        return []
    given = reader.load_value(change.attribute, change.value, str(change))
    values = given if isinstance(given, list) else []
    if change.kind is Kind.REPLACE:
        return values
    if change.kind is Kind.ADD:
        both = list(elements)
        for value in values:
            if value not in both:
                both.append(value)
        return both
    if Tolerance.VALUES_TO_REMOVE not in reader.allowed:
        return []
    gone = [_identity(change.attribute, value) for value in values]
    return [element for element in elements if _identity(change.attribute, element) not in gone]


def _identity(attribute: Attribute, element: JSON) -> JSON:
    """What tells elements apart: their value, compared as filters compare it."""
    row = attribute.sub("value")
    if isinstance(element, dict) and row is not None and row.name in element:
        return normalise(row, element[row.name])
    return element


def _chosen(elements: list[JSON], change: Change, reader: ResourceSchema) -> list[JSON]:
    """Change the elements that the path chooses: by its filter, or all of them."""
    attribute, condition = change.attribute, change.filter
    chosen = [
        index
        for index, element in enumerate(elements)
        if condition is None or element_matches(attribute, element, condition)
    ]
    if change.kind is Kind.REMOVE:
        return _removed(elements, chosen, change)
    new = reader.load_value(change.sub, change.value, str(change)) if change.sub else _element(change, reader)
    if not chosen:
        if condition is not None and Tolerance.TARGET_CREATED not in reader.allowed:
            raise NoTarget(f"No element of {attribute.name} matches the path.")
        if new is None:
            return elements  # to unassign what is not there is no change
        elements = [*elements, _described(change, reader)]
        chosen = [len(elements) - 1]
    changed = [
        _changed(element, new, change) if i in chosen else element for i, element in enumerate(elements)
    ]
    return [element for element in changed if element != {}]


def _described(change: Change, reader: ResourceSchema) -> JSON:
    """The element that the path of a change describes, its values checked like a body's."""
    if change.filter is None:
        return {}
    described: JSON = [element_described(change.attribute, change.filter)]
    loaded = reader.load_value(change.attribute, described, change.attribute.name)
    return loaded[0] if isinstance(loaded, list) and loaded else {}


def _element(change: Change, reader: ResourceSchema) -> JSON:
    """The value given for the elements that a filter chooses: one object."""
    given = reader.load_value(change.attribute, change.value, str(change))
    values = given if isinstance(given, list) else []
    if len(values) != 1:
        raise InvalidValue(f"The value for the chosen elements of {change.attribute.name} is one object.")
    return values[0]


def _removed(elements: list[JSON], chosen: list[int], change: Change) -> list[JSON]:
    if change.sub is None:
        return [element for index, element in enumerate(elements) if index not in chosen]
    changed = [
        _changed(element, None, change) if i in chosen else element for i, element in enumerate(elements)
    ]
    return [element for element in changed if element != {}]


def _changed(element: JSON, new: JSON, change: Change) -> JSON:
    if change.sub is not None:
        return _with_sub(dict(element) if isinstance(element, dict) else {}, change.sub, new)
    return {**element, **new} if isinstance(element, dict) and isinstance(new, dict) else new


def _with_sub(holder: dict[str, JSON], sub: Attribute, value: JSON) -> dict[str, JSON]:
    if value is None:
        holder.pop(sub.name, None)
    else:
        holder[sub.name] = value
    return holder


def _one_primary(before: list[JSON], after: list[JSON], attribute: Attribute) -> list[JSON]:
    """A new primary element takes the mark from the old one (RFC 7644 section 3.5.2)."""
    row = attribute.sub("primary")
    if row is None or row.type is not Type.BOOLEAN:
        return after
    marked = [element for element in after if isinstance(element, dict) and element.get("primary") is True]
    new = [element for element in marked if element not in before]
    if len(marked) <= 1 or not new:
        return after
    if len(new) > 1:
        raise InvalidValue(f"{attribute.name}: only one element can be primary.")
    return [
        {**element, "primary": False}
        if isinstance(element, dict) and element in marked and element not in new
        else element
        for element in after
    ]
