"""Custom schemas and resource types of an organization."""

import orjson
from marshmallow import fields

from scim_server.representations.base import Representation, dump
from scim_server.services.schemas.definitions import Definitions
from scim_server.services.schemas.queries import OwnSchemas


class OwnSchema(Representation):
    """A schema; `extends` is null if custom resource types use the schema."""

    schema = fields.String(attribute="urn")
    extends = fields.Function(lambda one: one.extends or None, metadata={"type": ["string", "null"]})
    created = fields.String()
    definition = fields.Function(lambda one: orjson.loads(one.definition), metadata={"type": "object"})


class OwnType(Representation):
    """A resource type, in the form of /ResourceTypes."""

    resource_type = fields.String(attribute="name")
    created = fields.String()
    definition = fields.Function(lambda one: orjson.loads(one.definition), metadata={"type": "object"})


class OrganizationSchemas(Representation):
    """The custom schemas and resource types of an organization."""

    organization = fields.String()
    schemas = fields.List(fields.Nested(OwnSchema))
    resource_types = fields.List(fields.Nested(OwnType))


class AddedSchemas(Representation):
    """The URNs of added schemas, and the names of added resource types."""

    organization = fields.String()
    schemas = fields.List(fields.String())
    resource_types = fields.List(fields.String())


class RemovedSchema(Representation):
    """A schema or resource type that was removed."""

    organization = fields.String()
    removed = fields.String()


def every(slug: str, found: OwnSchemas) -> dict[str, object]:
    """The custom schemas and resource types of an organization."""
    return dump(
        OrganizationSchemas(),
        {"organization": slug, "schemas": found.schemas, "resource_types": found.resource_types},
    )


def added(slug: str, found: Definitions) -> dict[str, object]:
    """The schemas and resource types that were added."""
    return {
        "organization": slug,
        "schemas": [one.id for one in found.schemas],
        "resource_types": [one.name for one in found.types],
    }
