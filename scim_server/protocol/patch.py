"""PATCH: the operations of a request as changes of a resource's document (RFC 7644 section 3.5.2).

`changes` reads the operations in any form that providers send, and `apply` makes one change. The document is
changed in place, so the caller passes a copy and discards the copy if an operation fails.
"""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Final

from scim_server.protocol.attributes import JSON, Attribute, Mutability, Returned, Schema, Type
from scim_server.protocol.change import Change, Kind
from scim_server.protocol.dialects import Tolerance, complex_from_text, well_formed_path
from scim_server.protocol.elements import merged_element, multi, with_sub
from scim_server.protocol.errors import (
    InvalidPath,
    InvalidSyntax,
    InvalidValue,
    MutabilityViolation,
    NoTarget,
)
from scim_server.protocol.match import check_condition, element_described, element_matches
from scim_server.protocol.merged import check_merged
from scim_server.protocol.messages import get_any_case, names_schema
from scim_server.protocol.paths import PatchPath, parse_path
from scim_server.protocol.plans import unassigned
from scim_server.protocol.schemas import ResourceSchema

MAX_OPERATIONS: Final = 1_000
PATCH_URN: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

Document = dict[str, JSON]


def changes(body: dict[str, JSON], reader: ResourceSchema) -> list[Change]:
    """The changes of a PATCH body, in the order of the body.

    Raises:
        InvalidSyntax: the body is not a PATCH message.
        InvalidPath, NoTarget, MutabilityViolation, InvalidValue: an operation is wrong.
    """
    if Tolerance.UNNAMED_SCHEMAS not in reader.allowed:
        names_schema(body, PATCH_URN)
    operations = get_any_case(body, "Operations")
    if not isinstance(operations, list) or not operations:
        raise InvalidSyntax("A PATCH body must have a list of Operations with at least one operation.")
    if len(operations) > MAX_OPERATIONS:
        raise InvalidValue(f"A PATCH may have at most {MAX_OPERATIONS} operations.")
    return [change for operation in operations for change in _changes_of(operation, reader)]


def _changes_of(operation: JSON, reader: ResourceSchema) -> Iterator[Change]:
    if not isinstance(operation, dict):
        raise InvalidSyntax("Each of the Operations must be an object with op, path and value.")
    kind = _kind(get_any_case(operation, "op"), reader)
    path, value = get_any_case(operation, "path"), get_any_case(operation, "value")
    if kind is not Kind.REMOVE and not any(key.lower() == "value" for key in operation):
        raise InvalidValue(f"The operation {kind} needs a value.")
    has_value = value is not None and value != ""
    if path in (None, ""):
        yield from _without_path(kind, value, reader)
    elif not isinstance(path, str):
        raise InvalidPath("The path of an operation must be a string such as name.givenName.")
    else:
        yield from _with_path(kind, path, value, reader, has_value=has_value)


def _kind(op: JSON, reader: ResourceSchema) -> Kind:
    if isinstance(op, str):
        text = op.lower() if Tolerance.OPERATION_CASE in reader.allowed else op
        if text in tuple(Kind):
            return Kind(text)
    raise InvalidSyntax(f"An operation's op must be add, replace or remove, not {str(op)[:40]!r}.")


def _without_path(kind: Kind, value: JSON, reader: ResourceSchema) -> Iterator[Change]:
    if kind is Kind.REMOVE:
        raise NoTarget("The operation remove needs a path to the values to remove.")
    if isinstance(value, str):
        value = complex_from_text(value, reader.allowed - {Tolerance.BARE_VALUE})
    if not isinstance(value, dict):
        raise InvalidValue("The value of an operation without a path must be an object of attributes.")
    for sent, content in value.items():
        key = well_formed_path(sent, reader.allowed)
        extension = reader.resource_type.schema_of(key)
        if extension is None:
            yield from _keyed(kind, key, content, reader)
        elif not _all_read_only(extension):
            yield from _whole_extension(kind, extension, content, reader)


def _keyed(kind: Kind, key: str, value: JSON, reader: ResourceSchema) -> Iterator[Change]:
    """A key of a value without a path. Unknown and read-only keys are ignored (DESIGN, wire 12)."""
    tolerant = Tolerance.UNKNOWN_IGNORED in reader.allowed
    try:
        path = parse_path(key)
        if Tolerance.KEYS_AS_PATHS not in reader.allowed and (
            path.filter is not None or path.sub is not None
        ):
            raise InvalidPath(
                f"'{key[:100]}' is a path, not an attribute. Send it as the path of the operation."
            )
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
    text = well_formed_path(text, reader.allowed)
    extension = reader.resource_type.schema_of(text)
    listed = kind is Kind.REMOVE and has_value and Tolerance.VALUES_TO_REMOVE not in reader.allowed
    if extension is not None:
        _takes_no_value(text, listed=listed)
        if _all_read_only(extension):
            raise MutabilityViolation(f"{extension.id} is read-only, because the server sets it.")
        yield from _whole_extension(kind, extension, value, reader)
        return
    path = parse_path(text)
    if path.attribute.name.lower() == "schemas":
        return  # The server computes the value, so a client's value is never a reason to refuse.
    _takes_no_value(text, listed=listed and path.filter is None)
    change = _resolve(kind, path, value, reader, has_value=has_value)
    if _read_only(change):
        raise MutabilityViolation(f"{change} is read-only, because the server sets it.")
    yield change


def _takes_no_value(path: str, *, listed: bool) -> None:
    """In strict mode, refuse a `remove` operation that has a value.

    By the RFC it removes all values, but the client means only some of them.
    """
    if listed:
        raise InvalidValue(
            "The operation remove must not have a value. "
            f'Select the value in the path, as in {path[:100]}[value eq "1"].'
        )


def _all_read_only(schema: Schema) -> bool:
    return all(row.mutability is Mutability.READ_ONLY for row in schema.attributes)


def _whole_extension(kind: Kind, schema: Schema, value: JSON, reader: ResourceSchema) -> Iterator[Change]:
    """A change of a whole schema. Unassigning an extension removes it (RFC 7643 section 2.5)."""
    if isinstance(value, str):
        value = complex_from_text(value, reader.allowed - {Tolerance.BARE_VALUE})
    if kind is Kind.REMOVE or unassigned(value):
        if schema is reader.resource_type.schema:
            raise MutabilityViolation(f"{schema.id} is the schema of the resource and cannot be removed.")
        for row in schema.attributes:
            if row.mutability is not Mutability.READ_ONLY:
                yield Change(Kind.REMOVE, schema, row, None, None, None, has_value=False, of_extension=True)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _keyed(kind, f"{schema.id}:{name}", inner, reader)
    else:
        raise InvalidValue(f"The value of {schema.id} must be an object of its attributes.")


def _resolve(kind: Kind, path: PatchPath, value: JSON, reader: ResourceSchema, *, has_value: bool) -> Change:
    found = reader.resource_type.resolve(path.attribute.urn, path.attribute.name)
    if found is None:
        raise InvalidPath(f"{reader.resource_type.name} has no attribute '{path.attribute}'.")
    schema, attribute = found
    sub = attribute.sub(path.sub) if path.sub is not None else None
    if path.sub is not None and sub is None:
        names = ", ".join(row.name for row in attribute.sub_attributes) or "none"
        raise InvalidPath(
            f"{attribute.name} has no sub-attribute '{path.sub}'. Its sub-attributes are: {names}."
        )
    if path.filter is not None:
        if not attribute.multi_valued and attribute.type is not Type.COMPLEX:
            raise InvalidPath(
                f"{attribute.name} is a single simple value, so no filter in [ ] may follow it."
            )
        quoted = Tolerance.BOOLEAN_AS_TEXT in reader.allowed
        check_condition(attribute, path.filter, quoted_booleans=quoted)
    return Change(kind, schema, attribute, path.filter, sub, value, has_value)


def _read_only(change: Change) -> bool:
    rows = (change.attribute, change.sub)
    return any(row is not None and row.mutability is Mutability.READ_ONLY for row in rows)


def apply_all(document: Document, requested: Iterable[Change], reader: ResourceSchema) -> Document:
    """The document after all changes, checked as a whole. The original does not change.

    Raises:
        InvalidValue, NoTarget, InvalidPath, MutabilityViolation: as for `apply`, or the result is invalid.
    """
    after, removed = deepcopy(document), set()
    for change in requested:
        apply(after, change, reader)
        if change.of_extension:
            removed.add(change.schema.id)
    check_merged(document, after, reader.resource_type, removed)
    return after


def apply(document: Document, change: Change, reader: ResourceSchema) -> None:
    """Make one change in place.

    Raises:
        InvalidValue: the value has the wrong type for the attribute.
        NoTarget: the path matches nothing, and the element that it describes cannot be created.
        InvalidPath: a sub-attribute in the path's filter does not exist.
        MutabilityViolation: the attribute is immutable and already has a value.
    """
    attribute = change.attribute
    if attribute.returned is Returned.NEVER:
        return  # A password is accepted but not stored.
    core = change.schema is reader.resource_type.schema
    values: JSON = document if core else document.get(change.schema.id, {})
    if not isinstance(values, dict):
        raise InvalidValue(f"{change.schema.id} must be an object.")
    old = values.get(attribute.name)
    new = multi(old, change, reader) if attribute.multi_valued else _single(old, change, reader)
    if attribute.mutability is Mutability.IMMUTABLE and old is not None and new != old:
        raise MutabilityViolation(f"{attribute.name} is immutable. It was set before and cannot be changed.")
    if new in (None, {}, []):
        values.pop(attribute.name, None)
    else:
        values[attribute.name] = new
    if not core:
        document[change.schema.id] = values
        if not values:
            del document[change.schema.id]


def _single(old: JSON, change: Change, reader: ResourceSchema) -> JSON:
    if change.filter is not None:
        if not element_matches(change.attribute, old, change.filter) or old is None:
            return _unmatched(old, change, reader)
        change = replace(change, filter=None)
    if change.sub is not None:
        holder = dict(old) if isinstance(old, dict) else {}
        new = None if change.kind is Kind.REMOVE else reader.load_value(change.sub, change.value, str(change))
        return _once(old, with_sub(holder, change.sub, new), change.attribute)
    if change.kind is Kind.REMOVE:
        return None
    partly = isinstance(old, dict)
    new = reader.load_value(change.attribute, change.value, str(change), partly=partly)
    # Sub-attributes that the value does not contain stay (RFC 7644 section 3.5.2.3).
    if isinstance(old, dict) and new is None and isinstance(change.value, dict):
        new = {}
    return _once(old, merged_element(old, new, change), change.attribute)


def _unmatched(old: JSON, change: Change, reader: ResourceSchema) -> JSON:
    """A single value that the path's filter does not match. An absent value is created."""
    if change.kind is Kind.REMOVE:
        return old
    if old is not None or change.filter is None or Tolerance.TARGET_CREATED not in reader.allowed:
        raise NoTarget(f"{change.attribute.name} does not match the path.")
    described: JSON = element_described(change.attribute, change.filter)
    described = reader.load_value(change.attribute, described, change.attribute.name, partly=True)
    return _single(described, replace(change, filter=None), reader)


def _once(old: JSON, new: JSON, attribute: Attribute) -> JSON:
    """A complex value that keeps the immutable sub-attributes of the old value."""
    if isinstance(old, dict) and isinstance(new, dict) and new:
        for row in attribute.sub_attributes:
            fixed = row.mutability is Mutability.IMMUTABLE and row.name in old
            if fixed and new.get(row.name) != old[row.name]:
                required = row.required and row.name not in new
                words = "is required" if required else "is immutable. It was set before"
                raise MutabilityViolation(f"{attribute.name}.{row.name} {words} and cannot be changed.")
    return new
