"""Parses and checks an organization's custom schemas and resource types; turns them into table rows.

Custom schemas and resource types have the form of RFC 7643 sections 6 and 7, as in /ResourceTypes and
/Schemas.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeVar

from scim_server.protocol.attributes import (
    JSON,
    Attribute,
    Mutability,
    Returned,
    Schema,
    Type,
    Uniqueness,
)
from scim_server.protocol.errors import InvalidValue

MAX_ATTRIBUTES: Final = 200

_NAME: Final = re.compile(r"[A-Za-z$][A-Za-z0-9_$-]{0,62}")
_URN: Final = re.compile(r"urn:[A-Za-z0-9][A-Za-z0-9-]{1,31}:[A-Za-z0-9._:-]{1,200}", re.IGNORECASE)
_ENDPOINT: Final = re.compile(r"/[A-Za-z][A-Za-z0-9_-]{0,62}")
_TAKEN: Final = frozenset({"schemas", "id", "externalid", "meta"})
_OURS: Final = ("urn:ietf:params:scim:", "urn:scim-seats:")

E = TypeVar("E", bound=Enum)


def parse_schema(definition: Mapping[str, JSON]) -> Schema:
    """Read a schema from its JSON representation.

    Raises:
        InvalidValue: the schema is malformed, or cannot be stored and searched; the message gives the
            attribute.
    """
    urn = definition.get("id")
    if not isinstance(urn, str) or _URN.fullmatch(urn) is None:
        raise InvalidValue(
            "A schema's id must be a URN such as urn:example:params:scim:schemas:extension:badge:1.0:User."
        )
    if urn.lower().startswith(_OURS):
        raise InvalidValue(f"{urn}: URNs that begin with {' or '.join(_OURS)} are reserved.")
    rows = definition.get("attributes")
    if not isinstance(rows, list) or not rows:
        raise InvalidValue("A schema must have a list of attributes with at least one attribute.")
    attributes = _attributes(rows, "")
    if any(row.name.lower() in _TAKEN for row in attributes):
        raise InvalidValue(
            "schemas, id, externalId and meta are common attributes, so a schema must not define them."
        )
    if sum(1 + len(row.sub_attributes) for row in attributes) > MAX_ATTRIBUTES:
        raise InvalidValue(f"A schema must have at most {MAX_ATTRIBUTES} attributes.")
    name, description = definition.get("name"), definition.get("description")
    return Schema(
        id=urn,
        name=name if isinstance(name, str) else urn.rsplit(":", 1)[1],
        description=description if isinstance(description, str) else "",
        attributes=attributes,
    )


def _attributes(rows: list[JSON], inside: str) -> tuple[Attribute, ...]:
    found = tuple(_attribute(row, inside) for row in rows)
    names = [row.name.lower() for row in found]
    for name in names:
        if names.count(name) > 1:
            raise InvalidValue(f"The attribute {inside}{name} occurs twice.")
    return found


def _attribute(row: JSON, inside: str) -> Attribute:
    name = row.get("name") if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise InvalidValue(
            f"An attribute{' of ' + inside[:-1] if inside else ''} must have a name such as badgeNumber."
        )
    path = f"{inside}{name}"
    type_ = _one_of(Type, row, "type", Type.STRING, path)
    subs = row.get("subAttributes")
    if type_ is Type.COMPLEX:
        if inside:
            raise InvalidValue(f"{path} is complex inside a complex attribute, which SCIM does not allow.")
        if not isinstance(subs, list) or not subs:
            raise InvalidValue(f"{path} is complex, so it must have subAttributes.")
    elif subs:
        raise InvalidValue(f"{path} is not complex, so it must not have subAttributes.")
    return Attribute(
        name=name,
        type=type_,
        description=_text(row, "description"),
        multi_valued=_flag(row, "multiValued", path),
        required=_flag(row, "required", path),
        case_exact=_flag(row, "caseExact", path),
        mutability=_one_of(Mutability, row, "mutability", Mutability.READ_WRITE, path),
        returned=_one_of(Returned, row, "returned", Returned.DEFAULT, path),
        uniqueness=_not_unique(row, path),
        canonical_values=_texts(row, "canonicalValues", path),
        reference_types=_texts(row, "referenceTypes", path),
        sub_attributes=_attributes(subs, f"{path}.") if isinstance(subs, list) else (),
    )


def _not_unique(row: Mapping[str, JSON], path: str) -> Uniqueness:
    """Refuse any uniqueness but none, because the server does not enforce it for custom attributes."""
    if _one_of(Uniqueness, row, "uniqueness", Uniqueness.NONE, path) is not Uniqueness.NONE:
        raise InvalidValue(f"{path}: the uniqueness of custom attributes must be none.")
    return Uniqueness.NONE


def _one_of(kind: type[E], row: Mapping[str, JSON], key: str, default: E, path: str) -> E:
    value = row.get(key)
    if value is None:
        return default
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(str(one.value) for one in kind)
        raise InvalidValue(f"{path}: {key} must be one of {known}, not {value!r}.") from None


def _flag(row: Mapping[str, JSON], key: str, path: str) -> bool:
    value = row.get(key, False)
    if not isinstance(value, bool):
        raise InvalidValue(f"{path}: {key} must be true or false.")
    return value


def _text(row: Mapping[str, JSON], key: str) -> str:
    value = row.get(key)
    return value if isinstance(value, str) else ""


def _texts(row: Mapping[str, JSON], key: str, path: str) -> tuple[str, ...]:
    value = row.get(key) or []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InvalidValue(f"{path}: {key} must be a list of strings.")
    return tuple(str(one) for one in value)


RESERVED_ENDPOINTS: Final = frozenset(
    {"/users", "/groups", "/schemas", "/resourcetypes", "/serviceproviderconfig", "/bulk", "/me"}
)


@dataclass(frozen=True, slots=True)
class TypeDefinition:
    """A custom resource type of an organization.

    Attributes:
        schema, extensions: URNs.
    """

    name: str
    endpoint: str
    description: str
    schema: str
    extensions: tuple[str, ...]


def parse_resource_type(definition: Mapping[str, JSON]) -> TypeDefinition:
    """Read a resource type from its JSON representation.

    Raises:
        InvalidValue: the resource type is malformed, or SCIM already uses its name or endpoint.
    """
    name, endpoint, schema = (definition.get(key) for key in ("name", "endpoint", "schema"))
    if not isinstance(name, str) or _NAME.fullmatch(name) is None or name.lower() in ("user", "group"):
        raise InvalidValue("A resource type must have a unique name, such as Device.")
    if not isinstance(endpoint, str) or _ENDPOINT.fullmatch(endpoint) is None:
        raise InvalidValue("A resource type must have an endpoint such as /Devices.")
    if endpoint.lower() in RESERVED_ENDPOINTS:
        raise InvalidValue(f"SCIM already uses the endpoint {endpoint}.")
    if not isinstance(schema, str):
        raise InvalidValue("A resource type must give the URN of its schema.")
    extensions = definition.get("schemaExtensions") or []
    urns = [one.get("schema") if isinstance(one, dict) else None for one in _list(extensions)]
    if not all(isinstance(urn, str) for urn in urns):
        raise InvalidValue("Each of the schemaExtensions must give the URN of a schema.")
    return TypeDefinition(name, endpoint, _text(definition, "description"), schema, tuple(map(str, urns)))


def _list(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else [value]
