"""Invitations, and the seats that are missing for them."""

from marshmallow import fields

from scim_server.representations.base import Representation, dump
from scim_server.representations.bills import priced
from scim_server.services.invitations.commands import Revoked
from scim_server.services.invitations.eligibility import Shortfall
from scim_server.services.invitations.queries import Listed


class Invitation(Representation):
    """A sent invitation."""

    id = fields.String()
    email = fields.String()
    role = fields.String()
    wants = fields.String()
    held = fields.String(allow_none=True)
    state = fields.String()
    language = fields.String()
    inviter = fields.String()
    sent = fields.String()
    expires = fields.String()
    closed = fields.String(allow_none=True)
    person = fields.String(allow_none=True)


class Short(Representation):
    """How many seats of a tier are missing."""

    tier = fields.String()
    missing = fields.Integer()
    free = fields.Integer()
    waiting = fields.Integer()


def listed(one: Listed) -> dict[str, object]:
    """An invitation in a list, with the state of its mail."""
    return {**dump(Invitation(), one.invitation), "state": one.state, "mail": one.mail}


def revoked(one: Revoked, *, preview: bool) -> dict[str, object]:
    """A revoked invitation, with the seat that it held and the people who get a seat."""
    return {
        "organization": one.organization,
        "preview": preview,
        **dump(Invitation(), one.invitation),
        "released": one.released,
        "let_in": dict(one.let_in),
    }


def shortfall(short: Shortfall) -> dict[str, object]:
    """The missing seats with their price, if no invitation was sent."""
    price = None if short.bill is None else priced(short.bill)
    return {
        "organization": short.organization,
        "invitations": [],
        "shortfall": {**dump(Short(), short.short), "price": price},
    }
