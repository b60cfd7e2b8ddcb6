"""Bearer tokens of providers and API keys of the vendor's app, without their secrets."""

from marshmallow import fields

from scim_server.representations.base import Representation


class Token(Representation):
    """A bearer token of an organization."""

    id = fields.String()
    name = fields.String()
    created = fields.String()
    expires = fields.String(allow_none=True)
    revoked = fields.String(allow_none=True)
    last_used = fields.String(allow_none=True)


class ApiKey(Representation):
    """A key for /v1."""

    id = fields.String()
    name = fields.String()
    scopes = fields.Function(lambda key: sorted(key.scopes))
    created = fields.String()
    revoked = fields.String(allow_none=True)
