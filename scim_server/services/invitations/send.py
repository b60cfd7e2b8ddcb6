"""Invitations by mail. Each holds a seat until it is accepted, revoked or expired (SEATS 12)."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import uuid4

from scim_server.history import InvitationResent, InvitationRevoked, InvitationSent
from scim_server.protocol.normalise import user_name_key
from scim_server.services import roles
from scim_server.services.addresses import address_of, key_of, split
from scim_server.services.errors import (
    InvalidInvitation,
    InvitationClosed,
    InviteeRenamed,
    UnknownInvitation,
)
from scim_server.services.holds.expire import invitation_event
from scim_server.services.invitations import eligibility as inviting
from scim_server.services.invitations.eligibility import Shortfall
from scim_server.services.invoicing import due_dates as plans
from scim_server.store.database.session import Database, Read, Write, timestamp
from scim_server.store.rows import events, invitations, mails, people, seats
from scim_server.store.rows.invitations import Invitation
from scim_server.store.rows.mails import SECRET, Mail
from scim_server.store.rows.organizations import Organization
from seat_policy.contract import ANY
from seat_policy.invitations import State, expires, state_at
from seat_policy.roles import Role

KIND: Final = "invitation"
LANGUAGES: Final = ("en", "es")
MOST_AT_ONCE: Final = 5_000
_SECRET_BYTES: Final = 32


def digest(secret: str) -> str:
    """The digest of the secret in a link, which is stored."""
    return hashlib.sha256(secret.encode(errors="surrogateescape")).hexdigest()


@dataclass(frozen=True, slots=True)
class Invitees:
    """People to invite with the same role and tier.

    Attributes:
        texts: addresses; each text may contain several, separated by commas or white space.
        tier: the tier of the held seats; None for the highest tier with a free seat.
        language: the language of the mail.
    """

    texts: Sequence[str]
    role: Role = Role.USER
    tier: str | None = None
    language: str = "en"

    def addresses(self) -> list[str]:
        """The addresses in order, without duplicates.

        Raises:
            InvalidInvitation, InvalidAddress, InvalidDomain: an address, the role or the language is wrong.
        """
        found = split(tuple(self.texts))
        if not 0 < len(found) <= MOST_AT_ONCE:
            raise InvalidInvitation(f"give 1 to {MOST_AT_ONCE} addresses, not {len(found)}")
        if self.role is Role.PRIMARY_OWNER:
            raise InvalidInvitation("the role must be user, admin or owner")
        if self.language not in LANGUAGES:
            raise InvalidInvitation(f"the language must be one of: {', '.join(LANGUAGES)}")
        return found


def invite(write: Write, addresses: Sequence[str], invitees: Invitees) -> list[Invitation] | Shortfall:
    """Invite addresses, either all of them or none. Each invitation holds a seat and sends a mail.

    Raises:
        InvitationsOff, NotInvitable: an address cannot be invited, or invitations are not possible now.
        RoleTooLow: the acting person may not give the role.
        PolicyError: the tier does not exist.
    """
    roles.require_above(write, invitees.role)
    settings = inviting.allowed(write)
    inviting.refuse_some(write, addresses)
    wants = invitees.tier or ANY
    tiers = inviting.seats_for(write, settings, wants, len(addresses))
    if isinstance(tiers, Shortfall):
        return tiers
    new = [
        _Letter(address, invitees.role, wants, held, invitees.language)
        for address, held in zip(addresses, tiers, strict=True)
    ]
    return _send(write, settings, new)


def invite_owner(write: Write, settings: Organization, text: str, language: str) -> Invitation | Shortfall:
    """Invite the Primary Owner of an organization without one. The operator confirms the address.

    Raises:
        NotInvitable, InvalidAddress, InvalidDomain: the person is a member, or the text is not an address.
    """
    address = address_of(text)
    inviting.refuse_some(write, [address], vouched=True)
    tiers = inviting.seats_for(write, settings, ANY, 1)
    if isinstance(tiers, Shortfall):
        return tiers
    (sent,) = _send(write, settings, [_Letter(address, Role.PRIMARY_OWNER, ANY, tiers[0], language)])
    return sent


@dataclass(frozen=True, slots=True)
class _Letter:
    email: str
    role: Role
    wants: str
    held: str
    language: str


def _send(write: Write, settings: Organization, letters: Sequence[_Letter]) -> list[Invitation]:
    first = write.reserve(len(letters))
    listed, written = [], []
    for number, letter in enumerate(letters, start=first):
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        one = Invitation(
            id=str(uuid4()),
            sequence=number,
            email=letter.email,
            email_key=user_name_key(letter.email),
            role=letter.role,
            wants=letter.wants,
            held=letter.held,
            language=letter.language,
            inviter=write.actor.name,
            state=State.PENDING,
            sent=write.at,
            expires=timestamp(expires(write.moment)),
            closed=None,
            digest=digest(secret),
            mail=number,
            person=None,
        )
        listed.append(one)
        written.append(_mail(write, settings, one, secret))
    for tier in sorted({letter.held for letter in letters}):
        seats.move(write, tier, held=sum(letter.held == tier for letter in letters))
    events.append_numbered(
        write, [(one.sequence, invitation_event(one, InvitationSent, 1)) for one in listed]
    )
    invitations.add(write, listed)
    mails.add(write, written)
    plans.look_ahead(write)
    return listed


def _mail(write: Write, settings: Organization, one: Invitation, secret: str) -> Mail:
    facts = {
        "organization": settings.slug,
        "role": one.role,
        "expires": one.expires,
        # The link contains the slug, so that the secret is searched only in its organization.
        SECRET: f"{settings.slug}.{secret}",
    }
    return Mail(write.organization, one.mail, one.email, KIND, one.language, facts, 0, write.at)


def resend(write: Write, name: str) -> Invitation | Shortfall:
    """Send an invitation again, with a new link for another 21 days.

    If the invitation had expired, or if its invitee became a member and was removed, it holds a seat again.

    Args:
        name: the id of the invitation, or the address.

    Raises:
        UnknownInvitation, InvitationClosed, InviteeRenamed: the invitation cannot be sent again.
        ServiceError: invitations are not possible now.
    """
    before = named(write, name)
    roles.require_above(write, Role(before.role))
    if before.state not in (State.PENDING, State.EXPIRED):
        raise InvitationClosed(f"the invitation of {before.email} was {before.state}, so send a new one")
    if before.role == Role.PRIMARY_OWNER:
        settings = inviting.allowed_owner(write, besides=before.id)
    else:
        settings = inviting.allowed(write)
    found = _with_seat(write, settings, before)
    if isinstance(found, Shortfall):
        return found
    again, held = found
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    mails.withdraw(write, [before.mail])
    number = events.append(write, invitation_event(again, InvitationResent, held))
    after = replace(
        again,
        state=State.PENDING,
        sent=write.at,
        expires=timestamp(expires(write.moment)),
        closed=None,
        digest=digest(secret),
        mail=number,
    )
    invitations.change(write, after)
    mails.add(write, [_mail(write, settings, after, secret)])
    plans.look_ahead(write)
    return after


def _with_seat(
    write: Write, settings: Organization, before: Invitation
) -> tuple[Invitation, int] | Shortfall:
    """The invitation with its held seat, and the change of the number of held seats, which is 1 or 0."""
    expired = before.state is State.EXPIRED
    if expired and invitations.pending(write, [before.email_key]):
        raise InvitationClosed(f"{before.email} has a newer invitation. Resend the newer one")
    if _waits_for_role_alone(write, before):
        return before, 0
    vouched = before.role == Role.PRIMARY_OWNER
    inviting.refuse_some(write, [before.email], again=not expired, vouched=vouched)
    if before.held is not None:
        return before, 0
    tiers = inviting.seats_for(write, settings, before.wants, 1)
    if isinstance(tiers, Shortfall):
        return tiers
    seats.move(write, tiers[0], held=1)
    # The invitee became a member but was removed, so the invitation is pending as before.
    return replace(before, held=tiers[0], person=None), 1


def _waits_for_role_alone(write: Write, before: Invitation) -> bool:
    """Whether the invitee is already an active member with a role to accept; no seat is needed then.

    Raises:
        InviteeRenamed: the invitee now has another address, so the invitation cannot be accepted.
    """
    if before.person is None:
        return False
    invitee = people.get(write, before.person)
    if invitee is not None and invitee.user_name_key != before.email_key:
        raise InviteeRenamed(
            f"the invitation of {before.email} belongs to a person who is now called "
            f"{invitee.user_name}, so it cannot be accepted. Revoke it, and give that person the role"
        )
    invitee = invitee or people.by_key(write, before.email_key)
    return invitee is not None and invitee.active


def revoke(write: Write, name: str) -> tuple[Invitation, Invitation]:
    """Revoke an invitation. The first person in the queue gets its seat.

    Returns:
        The invitation before and after the change.

    Raises:
        UnknownInvitation, InvitationClosed: the invitation does not exist, or is not pending.
    """
    before = named(write, name)
    roles.require_above(write, Role(before.role))
    if before.state is not State.PENDING:
        raise InvitationClosed(f"the invitation of {before.email} is not pending, it is {before.state}")
    events.append(write, invitation_event(before, InvitationRevoked, -1))
    if before.held is not None:
        seats.move(write, before.held, held=-1)
    after = replace(before, state=State.REVOKED, held=None, closed=write.at)
    invitations.change(write, after)
    mails.withdraw(write, [before.mail])
    plans.look_ahead(write)
    return before, after


def named(read: Read, name: str) -> Invitation:
    """The invitation with the given id, or the newest invitation of an address.

    Raises:
        UnknownInvitation: the invitation does not exist.
    """
    found = invitations.get(read, name) or invitations.newest(read, key_of(name))
    if found is None:
        raise UnknownInvitation(f"'{name}' has no invitation")
    return found


def state_now(database: Database, one: Invitation) -> State:
    """The state of an invitation at present."""
    return state_at(one.state, datetime.fromisoformat(one.expires), database.now())
