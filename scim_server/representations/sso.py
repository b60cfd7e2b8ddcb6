"""The company sign-in of an organization, and what a test of it has found."""

from marshmallow import fields

from scim_server.representations.base import Representation


class Provider(Representation):
    """The identity provider, without its secret."""

    issuer = fields.String()
    client_id = fields.String()
    has_secret = fields.Function(lambda one: one.client_secret is not None)
    configured = fields.String()
    last_sign_in = fields.String(allow_none=True)
    last_failure = fields.String(allow_none=True)
    failure = fields.String(allow_none=True)
