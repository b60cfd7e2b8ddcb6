"""Invitations: sent to many addresses at once, listed, resent and revoked."""

from http import HTTPStatus
from typing import Any, Final

from marshmallow import fields, validate

from scim_server.admin import auth, lists
from scim_server.admin.acting import ByOwner, context_of
from scim_server.admin.parsing import choice, text
from scim_server.admin.routes import OF_ORGANIZATION, Noun
from scim_server.representations import invitations as shapes
from scim_server.services.access.commands import Scope
from scim_server.services.errors import (
    Invalid,
    InvalidAddress,
    InvalidDomain,
    InvalidInvitation,
    InvitationClosed,
    InvitationsOff,
    InviteeRenamed,
    NoFreeSeat,
    NoSeatGiven,
    NotInvitable,
    PrimaryOwnerExists,
    RoleTooLow,
    UnknownInvitation,
    UnknownPerson,
)
from scim_server.services.invitations import commands, queries
from scim_server.services.invitations.commands import LANGUAGES, MOST_AT_ONCE, Invitees, Shortfall
from seat_policy.invitations import State
from seat_policy.roles import GIVEN, Role

invitations = Noun("invitations", "Invitations by mail. Each holds a seat for 21 days.")

_INVITATIONS: Final = f"{OF_ORGANIZATION}/invitations"
_ONE: Final = f"{_INVITATIONS}/<invitation>"
_OWNER: Final = (UnknownPerson, RoleTooLow)
_SENDING: Final = (InvitationsOff, NotInvitable, NoSeatGiven, NoFreeSeat)


class InvitationQuery(lists.ListQuery):
    """The filter of the list of invitations."""

    state = choice([one.value for one in State], load_default=None, about="Only in this state.")


class InviteInput(ByOwner):
    """The people to invite."""

    emails = fields.List(
        text(),
        required=True,
        validate=validate.Length(1, MOST_AT_ONCE),
        metadata={"description": "Their addresses, in verified domains."},
    )
    role = choice([one.value for one in GIVEN], load_default=Role.USER.value, about="The role of all.")
    tier = text(
        load_default=None, longest=32, about="The tier of all; usually the highest tier with a free seat."
    )
    language = choice(LANGUAGES, load_default=LANGUAGES[0], about="The language of the mail.")


@invitations.do(
    _INVITATIONS,
    Scope.INVITATIONS_WRITE,
    shapes.Invited,
    InviteInput,
    preview=True,
    status=HTTPStatus.CREATED,
    raises=(Invalid, InvalidAddress, InvalidDomain, InvalidInvitation, *_SENDING, *_OWNER),
    example={"emails": ["ada@example.com", "grace@example.com"], "role": "user"},
)
def invite(body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Invite addresses: either all of them, or none. Each invitation holds a seat and sends a mail.

    With too few free seats, nothing is sent (409). The preview then has the missing seats with their price
    (`shortfall`); in a preview, the invitations have no ids.
    """
    invitees = Invitees(tuple(body["emails"]), Role(body["role"]), body["tier"], body["language"])
    sent = commands.invite(context_of(body), invitees, preview=preview)
    if isinstance(sent, Shortfall) and not preview:
        raise NoFreeSeat(sent.detail)
    return shapes.invited(auth.organization().slug, sent, preview=preview)


@invitations.list(_INVITATIONS, Scope.INVITATIONS_READ, shapes.ListedInvitation, query=InvitationQuery)
def list_invitations(query: dict[str, Any]) -> dict[str, object]:
    """List invitations, the newest first, with the state of their mail."""
    state = None if query["state"] is None else State(query["state"])
    page = queries.page(auth.context(), state, after=lists.after(query), limit=query["limit"])
    return lists.listed([shapes.listed(one) for one in page.data], page.next_cursor)


@invitations.show(_ONE, Scope.INVITATIONS_READ, shapes.ListedInvitation, raises=(UnknownInvitation,))
def show(invitation: str) -> dict[str, object]:
    """One invitation by its id, or the newest invitation of an address."""
    return shapes.listed(queries.show(auth.context(), invitation))


@invitations.do(
    f"{_ONE}/resend",
    Scope.INVITATIONS_WRITE,
    shapes.Invitation,
    ByOwner,
    raises=(UnknownInvitation, InvitationClosed, InviteeRenamed, PrimaryOwnerExists, *_SENDING, *_OWNER),
    example={},
)
def resend(invitation: str, body: dict[str, Any]) -> dict[str, object]:
    """Send an invitation again, with a new link for 21 days. An expired one holds a seat again."""
    sent = commands.resend(context_of(body), invitation)
    if isinstance(sent, Shortfall):
        raise NoFreeSeat(sent.detail)
    return shapes.sent(sent)


@invitations.do(
    f"{_ONE}/revoke",
    Scope.INVITATIONS_WRITE,
    shapes.RevokedInvitation,
    ByOwner,
    preview=True,
    raises=(UnknownInvitation, InvitationClosed, *_OWNER),
    example={},
)
def revoke(invitation: str, body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Revoke an invitation. Its link stops working, and the first person in the queue gets its seat."""
    return shapes.revoked(commands.revoke(context_of(body), invitation, preview=preview), preview=preview)
