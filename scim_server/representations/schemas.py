"""Schemas and resource types of an organization's own."""

import orjson
from marshmallow import fields

from scim_server.representations.base import Representation


class OwnSchema(Representation):
    """A schema; `extends` is null where resource types of its own use it."""

    schema = fields.String(attribute="urn")
    extends = fields.Function(lambda one: one.extends or None)
    created = fields.String()
    definition = fields.Function(lambda one: orjson.loads(one.definition))


class OwnType(Representation):
    """A resource type, as /ResourceTypes answers it."""

    resource_type = fields.String(attribute="name")
    created = fields.String()
    definition = fields.Function(lambda one: orjson.loads(one.definition))
