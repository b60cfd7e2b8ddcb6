"""Custom schemas and resource types of an organization."""

import orjson
from marshmallow import fields

from scim_server.representations.base import Representation


class OwnSchema(Representation):
    """A schema; `extends` is null if custom resource types use the schema."""

    schema = fields.String(attribute="urn")
    extends = fields.Function(lambda one: one.extends or None)
    created = fields.String()
    definition = fields.Function(lambda one: orjson.loads(one.definition))


class OwnType(Representation):
    """A resource type, in the form of /ResourceTypes."""

    resource_type = fields.String(attribute="name")
    created = fields.String()
    definition = fields.Function(lambda one: orjson.loads(one.definition))
