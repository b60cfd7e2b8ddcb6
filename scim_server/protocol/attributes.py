"""The attribute table: the properties of each attribute, as data that every other module reads.

Discovery, validation, filters, PATCH and projection read the rows of this table, so none of them has a
separate list. This module defines rows and lookups, `tables` has the rows, and `resources` has the resource
types.

    >>> from scim_server.protocol.resources import USER
    >>> schema, attribute = USER.resolve(None, "username")
    >>> attribute.uniqueness
    <Uniqueness.SERVER: 'server'>

Names and URNs are matched without regard to case (RFC 7643 section 2.1).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"

SCHEMA_URN = "urn:ietf:params:scim:schemas:core:2.0:Schema"
RESOURCE_TYPE_URN = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"


class Type(StrEnum):
    """The data types of RFC 7643 section 2.3."""

    STRING = "string"
    BOOLEAN = "boolean"
    DECIMAL = "decimal"
    INTEGER = "integer"
    DATE_TIME = "dateTime"
    BINARY = "binary"
    REFERENCE = "reference"
    COMPLEX = "complex"


class Mutability(StrEnum):
    """When a client may set a value."""

    READ_ONLY = "readOnly"
    READ_WRITE = "readWrite"
    IMMUTABLE = "immutable"
    WRITE_ONLY = "writeOnly"


class Returned(StrEnum):
    """When an answer contains a value."""

    ALWAYS = "always"
    NEVER = "never"
    DEFAULT = "default"
    REQUEST = "request"


class Uniqueness(StrEnum):
    """Among which resources a value must be unique."""

    NONE = "none"
    SERVER = "server"
    GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One row of the table; the defaults are those of RFC 7643 section 2.2."""

    name: str
    type: Type = Type.STRING
    description: str = ""
    multi_valued: bool = False
    required: bool = False
    case_exact: bool = False
    mutability: Mutability = Mutability.READ_WRITE
    returned: Returned = Returned.DEFAULT
    uniqueness: Uniqueness = Uniqueness.NONE
    canonical_values: tuple[str, ...] = ()
    reference_types: tuple[str, ...] = ()
    sub_attributes: tuple[Attribute, ...] = ()
    _subs: Mapping[str, Attribute] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_subs", by_name(self.sub_attributes))

    def sub(self, name: str) -> Attribute | None:
        """The sub-attribute with the given name; upper and lower case are equal."""
        return self._subs.get(name.lower())

    def to_json(self) -> dict[str, JSON]:
        """The row as an element of a schema's `attributes` (RFC 7643 section 7)."""
        row: dict[str, JSON] = {
            "name": self.name,
            "type": self.type.value,
            "multiValued": self.multi_valued,
            "description": self.description,
            "required": self.required,
            "mutability": self.mutability.value,
            "returned": self.returned.value,
        }
        # Types without case and uniqueness (RFC 7643 sections 2.3.2 and 2.3.8).
        if self.type not in (Type.BOOLEAN, Type.COMPLEX):
            row |= {"caseExact": self.case_exact, "uniqueness": self.uniqueness.value}
        if self.canonical_values:
            row["canonicalValues"] = list(self.canonical_values)
        if self.type is Type.REFERENCE:
            row["referenceTypes"] = list(self.reference_types)
        if self.type is Type.COMPLEX:
            row["subAttributes"] = [sub.to_json() for sub in self.sub_attributes]
        return row


def by_name(attributes: tuple[Attribute, ...]) -> Mapping[str, Attribute]:
    """The attributes by their names in lower case."""
    return {attribute.name.lower(): attribute for attribute in attributes}


# `required` marks values that a client must send. None of these is required, although every answer has
# `schemas` and `id`.
COMMON: tuple[Attribute, ...] = (
    Attribute(
        "schemas",
        description="URNs of the schemas that the resource uses",
        multi_valued=True,
        mutability=Mutability.READ_ONLY,
        returned=Returned.ALWAYS,
    ),
    Attribute(
        "id",
        description="Identifier of the resource, given by the server",
        case_exact=True,
        mutability=Mutability.READ_ONLY,
        returned=Returned.ALWAYS,
        uniqueness=Uniqueness.SERVER,
    ),
    Attribute("externalId", description="Identifier of the resource at the client", case_exact=True),
    Attribute(
        "meta",
        Type.COMPLEX,
        description="What the server records about the resource",
        mutability=Mutability.READ_ONLY,
        sub_attributes=(
            Attribute(
                "resourceType",
                description="Name of the resource type",
                case_exact=True,
                mutability=Mutability.READ_ONLY,
            ),
            Attribute(
                "created",
                Type.DATE_TIME,
                description="When the resource was created",
                mutability=Mutability.READ_ONLY,
            ),
            Attribute(
                "lastModified",
                Type.DATE_TIME,
                description="When the resource last changed",
                mutability=Mutability.READ_ONLY,
            ),
            Attribute(
                "location",
                Type.REFERENCE,
                description="URI of the resource",
                case_exact=True,
                mutability=Mutability.READ_ONLY,
                reference_types=("uri",),
            ),
            Attribute(
                "version",
                description="Entity-tag of the resource",
                case_exact=True,
                mutability=Mutability.READ_ONLY,
            ),
        ),
    ),
)
_COMMON_BY_NAME = by_name(COMMON)


@dataclass(frozen=True, slots=True)
class Schema:
    """A set of attributes; `id` is its URN. Common attributes belong to no schema (RFC 7643, 3.1)."""

    id: str
    name: str
    description: str
    attributes: tuple[Attribute, ...]
    _attributes: Mapping[str, Attribute] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_attributes", by_name(self.attributes))

    def attribute(self, name: str) -> Attribute | None:
        """The attribute with the given name; upper and lower case are equal."""
        return self._attributes.get(name.lower())

    def to_json(self, base_url: str) -> dict[str, JSON]:
        """The schema in the form of /Schemas; `base_url` is the SCIM base URL, without a trailing slash."""
        return {
            "schemas": [SCHEMA_URN],
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "attributes": [attribute.to_json() for attribute in self.attributes],
            "meta": {"resourceType": "Schema", "location": f"{base_url}/Schemas/{self.id}"},
        }


# Compared by identity, because it is a key of caches. Hashing by value would read every row.
@dataclass(frozen=True, slots=True, eq=False)
class ResourceType:
    """A resource type: its endpoint, its core schema and its possible extensions."""

    name: str
    endpoint: str
    description: str
    schema: Schema
    extensions: tuple[Schema, ...]

    def schema_of(self, urn: str) -> Schema | None:
        """The core schema or the extension with the given URN; upper and lower case are equal."""
        wanted = urn.lower()
        return next(
            (schema for schema in (self.schema, *self.extensions) if schema.id.lower() == wanted), None
        )

    def resolve(self, urn: str | None, name: str) -> tuple[Schema, Attribute] | None:
        """The attribute that a client means by `name`, and its schema.

        If `name` contains a URN, only that schema is searched. If not, the common and core attributes are
        searched first, and then each extension, because Entra sends `manager` without a URN.
        """
        if urn is None:
            schemas: tuple[Schema, ...] = (self.schema, *self.extensions)
        else:
            named = self.schema_of(urn)
            schemas = () if named is None else (named,)
        for schema in schemas:
            attribute = schema.attribute(name)
            if attribute is None and schema is self.schema:
                attribute = _COMMON_BY_NAME.get(name.lower())
            if attribute is not None:
                return schema, attribute
        return None

    def to_json(self, base_url: str) -> dict[str, JSON]:
        """The resource type in the form of /ResourceTypes (RFC 7643 section 6)."""
        return {
            "schemas": [RESOURCE_TYPE_URN],
            "id": self.name,
            "name": self.name,
            "description": self.description,
            "endpoint": self.endpoint,
            "schema": self.schema.id,
            "schemaExtensions": [
                {"schema": extension.id, "required": False} for extension in self.extensions
            ],
            "meta": {"resourceType": "ResourceType", "location": f"{base_url}/ResourceTypes/{self.name}"},
        }
