"""Invitations, and the seats that are missing for them."""

from collections.abc import Sequence

from marshmallow import fields

from scim_server.representations.base import Representation, dump
from scim_server.representations.bills import Billed, priced
from scim_server.services.invitations.commands import Revoked
from scim_server.services.invitations.eligibility import Shortfall
from scim_server.services.invitations.queries import Listed
from scim_server.store.rows import invitations as rows


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


class PreviewedInvitation(Invitation):
    """An invitation, or the preview of it, which has no id."""

    id = fields.String(allow_none=True)


class ListedInvitation(Invitation):
    """An invitation with the state of its mail."""

    mail = fields.String(metadata={"description": "`sent`, `to be sent`, `withdrawn`, or why it failed."})


class Short(Representation):
    """How many seats of a tier are missing."""

    tier = fields.String()
    missing = fields.Integer()
    free = fields.Integer()
    waiting = fields.Integer()


class PricedShortfall(Short):
    """The missing seats with their price."""

    price = fields.Nested(Billed, allow_none=True)


class Invited(Representation):
    """The sent invitations, or the preview of them. With a shortfall, nothing is sent."""

    organization = fields.String()
    preview = fields.Boolean()
    invitations = fields.List(fields.Nested(PreviewedInvitation))
    shortfall = fields.Nested(PricedShortfall, allow_none=True)


class RevokedInvitation(Invitation):
    """A revoked invitation, with the seat that it held and the people who get a seat."""

    organization = fields.String()
    preview = fields.Boolean()
    released = fields.String(
        allow_none=True, metadata={"description": "The tier of the held seat; null if none was held."}
    )
    let_in = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "The tiers that waiting people get, by userName."},
    )


def sent(one: rows.Invitation) -> dict[str, object]:
    """An invitation that was sent."""
    return dump(Invitation(), one)


def invited(slug: str, found: Sequence[rows.Invitation] | Shortfall, *, preview: bool) -> dict[str, object]:
    """The sent invitations, or what is missing for them. In a preview, they have no ids."""
    listed = [] if isinstance(found, Shortfall) else [sent(one) for one in found]
    return {
        "organization": slug,
        "preview": preview,
        "invitations": [{**one, "id": None} if preview else one for one in listed],
        "shortfall": shortfall(found)["shortfall"] if isinstance(found, Shortfall) else None,
    }


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
