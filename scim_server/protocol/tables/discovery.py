"""The schemas of discovery itself (RFC 7643 section 8.7.2; pagination from RFC 9865)."""

from __future__ import annotations

from functools import partial

from scim_server.protocol.attributes import (
    RESOURCE_TYPE_URN,
    SCHEMA_URN,
    Attribute,
    Mutability,
    Returned,
    Schema,
    Type,
    Uniqueness,
)

read_only = partial(Attribute, mutability=Mutability.READ_ONLY)
uri = partial(read_only, type=Type.REFERENCE, reference_types=("uri",))
page = partial(read_only, type=Type.REFERENCE, reference_types=("external",))

CHARACTERISTICS = (
    read_only("name", description="Name", required=True, case_exact=True),
    read_only(
        "type",
        description="Data type",
        required=True,
        canonical_values=tuple(kind.value for kind in Type),
    ),
    read_only("multiValued", Type.BOOLEAN, description="Whether the attribute is a list", required=True),
    read_only("description", description="Type of the attribute's values", case_exact=True),
    read_only("required", Type.BOOLEAN, description="Whether a client must send the attribute"),
    read_only("canonicalValues", description="Suggested values", multi_valued=True, case_exact=True),
    read_only("caseExact", Type.BOOLEAN, description="Whether case counts in a comparison"),
    read_only(
        "mutability",
        description="When a client may set the attribute",
        case_exact=True,
        canonical_values=tuple(when.value for when in Mutability),
    ),
    read_only(
        "returned",
        description="When an answer contains the attribute",
        case_exact=True,
        canonical_values=tuple(when.value for when in Returned),
    ),
    read_only(
        "uniqueness",
        description="Among which resources a value is unique",
        case_exact=True,
        canonical_values=tuple(scope.value for scope in Uniqueness),
    ),
    read_only(
        "referenceTypes",
        description="Resource types to which a reference may refer",
        multi_valued=True,
        case_exact=True,
    ),
)

SCHEMA_SCHEMA = Schema(
    id=SCHEMA_URN,
    name="Schema",
    description="Specifies the schema that describes a SCIM schema",
    attributes=(
        read_only("id", description="URN of the schema", required=True),
        read_only("name", description="Name of the schema", required=True),
        read_only("description", description="Purpose of the schema"),
        read_only(
            "attributes",
            Type.COMPLEX,
            description="Attributes of the schema",
            multi_valued=True,
            required=True,
            sub_attributes=(
                *CHARACTERISTICS,
                read_only(
                    "subAttributes",
                    Type.COMPLEX,
                    description="Parts of a complex attribute",
                    multi_valued=True,
                    sub_attributes=CHARACTERISTICS,
                ),
            ),
        ),
    ),
)

RESOURCE_TYPE_SCHEMA = Schema(
    id=RESOURCE_TYPE_URN,
    name="ResourceType",
    description="Specifies the schema that describes a SCIM resource type",
    attributes=(
        read_only("id", description="Identifier of the resource type"),
        read_only(
            "name",
            description="Name of the resource type",
            required=True,
            case_exact=True,
            uniqueness=Uniqueness.SERVER,
        ),
        read_only("description", description="Purpose of the resource type"),
        uri(
            "endpoint",
            description="Path below the base URL, such as /Users",
            required=True,
            uniqueness=Uniqueness.SERVER,
        ),
        uri("schema", description="URN of the core schema", required=True, case_exact=True),
        read_only(
            "schemaExtensions",
            Type.COMPLEX,
            description="Extensions of the resource type",
            multi_valued=True,
            required=True,
            sub_attributes=(
                uri("schema", description="URN of the extension", required=True, case_exact=True),
                read_only(
                    "required",
                    Type.BOOLEAN,
                    description="Whether every resource has the extension",
                    required=True,
                ),
            ),
        ),
    ),
)

SUPPORTED = read_only(
    "supported", Type.BOOLEAN, description="Whether the server supports the feature", required=True
)


def feature(name: str, description: str, *limits: Attribute) -> Attribute:
    """A feature of the server: whether it is supported, and its limits."""
    return read_only(
        name, Type.COMPLEX, description=description, required=True, sub_attributes=(SUPPORTED, *limits)
    )


AUTHENTICATION_SCHEMES = read_only(
    "authenticationSchemes",
    Type.COMPLEX,
    description="Ways to authenticate",
    multi_valued=True,
    required=True,
    sub_attributes=(
        read_only(
            "type",
            description="Kind of scheme",
            required=True,
            canonical_values=("oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"),
        ),
        read_only("name", description="Name of the scheme", required=True),
        read_only("description", description="Description of the scheme", required=True),
        page("specUri", description="URL of the scheme's specification"),
        page("documentationUri", description="URL of the scheme's documentation"),
        read_only("primary", Type.BOOLEAN, description="Whether this is the preferred scheme"),
    ),
)

PAGINATION = read_only(
    "pagination",
    Type.COMPLEX,
    description="Ways to read a long list",
    sub_attributes=(
        read_only("cursor", Type.BOOLEAN, description="Whether pages by cursor are supported", required=True),
        read_only("index", Type.BOOLEAN, description="Whether pages by index are supported", required=True),
        read_only(
            "defaultPaginationMethod",
            description="Method used if the client chooses none",
            canonical_values=("cursor", "index"),
        ),
        read_only(
            "defaultPageSize", Type.INTEGER, description="Number of resources on a page if count is not given"
        ),
        read_only("maxPageSize", Type.INTEGER, description="Maximum number of resources on a page"),
        read_only("cursorTimeout", Type.INTEGER, description="Seconds for which a cursor is valid"),
    ),
)

SERVICE_PROVIDER_CONFIG_SCHEMA = Schema(
    id="urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig",
    name="Service Provider Configuration",
    description="Schema for representing the service provider's configuration",
    attributes=(
        page("documentationUri", description="URL of the server's documentation"),
        feature("patch", "PATCH"),
        feature(
            "bulk",
            "Bulk requests",
            read_only(
                "maxOperations",
                Type.INTEGER,
                description="Maximum number of operations in a request",
                required=True,
            ),
            read_only("maxPayloadSize", Type.INTEGER, description="Largest request in bytes", required=True),
        ),
        feature(
            "filter",
            "Filters",
            read_only(
                "maxResults",
                Type.INTEGER,
                description="Maximum number of resources in an answer",
                required=True,
            ),
        ),
        feature("changePassword", "Changing a password"),
        feature("sort", "Sorting"),
        feature("etag", "Entity-tags"),
        AUTHENTICATION_SCHEMES,
        PAGINATION,
    ),
)

DISCOVERY_SCHEMAS = (SERVICE_PROVIDER_CONFIG_SCHEMA, RESOURCE_TYPE_SCHEMA, SCHEMA_SCHEMA)
