"""Domains whose addresses can be invited."""

from marshmallow import fields

from scim_server.representations.base import Representation
from scim_server.services.invitations.domains import record_name, record_text


class Domain(Representation):
    """A domain with the DNS record that verifies it."""

    domain = fields.String()
    verified = fields.String(allow_none=True)
    record = fields.Function(
        lambda one: {"name": record_name(one), "type": "TXT", "value": record_text(one)},
        metadata={"type": "object", "description": "The DNS record to publish: `name`, `type` and `value`."},
    )


class RemovedDomain(Representation):
    """A domain that was removed."""

    removed = fields.String()
