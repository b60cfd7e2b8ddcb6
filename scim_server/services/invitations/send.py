"""Inviting people by mail: each invitation holds its seat until it is accepted or over (SEATS 12)."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import uuid4

from scim_server.history import InvitationResent, InvitationRevoked, InvitationSent
from scim_server.protocol.normalise import user_name_key
from scim_server.services.addresses import address_of, key_of, split
from scim_server.services.errors import OperatorError
from scim_server.services.holds.expire import told
from scim_server.services.invitations import eligibility as inviting
from scim_server.services.invoicing import due_dates as plans
from scim_server.services.seats import gate
from scim_server.store.database.session import Actor, Database, Read, Write, timestamp
from scim_server.store.rows import events, invitations, mails, people, seats
from scim_server.store.rows.invitations import Invitation
from scim_server.store.rows.mails import SECRET, Delivery, Mail
from scim_server.store.rows.organizations import Organization
from seat_policy.contract import ANY
from seat_policy.invitations import State, expires, state_at
from seat_policy.roles import Role

KIND: Final = "invitation"
LANGUAGES: Final = ("en", "es")
MOST_AT_ONCE: Final = 5_000
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Listed:
    """An invitation as lists show it.

    Attributes:
        state: at the moment of reading, whether or not an expiry has been noted.
        delivery: of the mail that was written last; None where it was withdrawn.
    """

    invitation: Invitation
    state: State
    delivery: Delivery | None


def digest(secret: str) -> str:
    """What is stored of the secret in a link."""
    return hashlib.sha256(secret.encode(errors="surrogateescape")).hexdigest()


def invite(  # noqa: PLR0913 - who, where, whom, as what
    database: Database,
    organization: str,
    actor: Actor,
    texts: Sequence[str],
    *,
    role: Role = Role.USER,
    tier: str | None = None,
    language: str = "en",
) -> list[Invitation]:
    """Invite addresses, all of them or none; each gets a mail and holds a seat.

    Args:
        texts: addresses; each text may hold several, apart by commas or white space.
        tier: None for the highest with a free seat.

    Raises:
        Shortfall: there are too few seats.
        OperatorError: somebody cannot be invited, or nobody can be now.
        PolicyError: there is no such tier.
    """
    addresses = split(tuple(texts))
    if not 0 < len(addresses) <= MOST_AT_ONCE:
        raise OperatorError(f"name 1 to {MOST_AT_ONCE} addresses; these are {len(addresses)}")
    if role is Role.PRIMARY_OWNER or language not in LANGUAGES:
        raise OperatorError(f"invite as user, admin or owner, in one of: {', '.join(LANGUAGES)}")

    def work(write: Write) -> list[Invitation]:
        settings = inviting.allowed(write)
        inviting.refuse_some(write, addresses)
        tiers = inviting.seats_for(write, settings, tier or ANY, len(addresses))
        new = [
            _Letter(address, role, tier or ANY, held, language)
            for address, held in zip(addresses, tiers, strict=True)
        ]
        return _send(write, settings, new)

    return database.write(organization, actor, work)


def invite_primary_owner(
    database: Database, organization: str, actor: Actor, text: str, *, language: str = "en"
) -> Invitation:
    """Invite the Primary Owner of an organization that has none; the operator vouches for the address.

    Raises:
        Shortfall: no seat is free.
        OperatorError: there is one, or one is invited; they are a member; it is no address.
    """

    def work(write: Write) -> Invitation:
        settings = inviting.allowed_owner(write)
        return invite_owner_in(write, settings, text, language)

    return database.write(organization, actor, work)


def invite_owner_in(write: Write, settings: Organization, text: str, language: str) -> Invitation:
    """Invite the Primary Owner in an open transaction, where there is none.

    Raises:
        Shortfall, OperatorError: as `invite_primary_owner`.
    """
    address = address_of(text)
    inviting.refuse_some(write, [address], vouched=True)
    (held,) = inviting.seats_for(write, settings, ANY, 1)
    (sent,) = _send(write, settings, [_Letter(address, Role.PRIMARY_OWNER, ANY, held, language)])
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
    events.append_numbered(write, [(one.sequence, told(one, InvitationSent, 1)) for one in listed])
    invitations.add(write, listed)
    mails.add(write, written)
    plans.look_ahead(write)
    return listed


def _mail(write: Write, settings: Organization, one: Invitation, secret: str) -> Mail:
    facts = {
        "organization": settings.slug,
        "role": one.role,
        "expires": one.expires,
        # With the slug, so that the secret is looked up among the organization's own.
        SECRET: f"{settings.slug}.{secret}",
    }
    return Mail(write.organization, one.mail, one.email, KIND, one.language, facts, 0, write.at)


def resend(database: Database, organization: str, actor: Actor, name: str) -> Invitation:
    """Send an invitation again, with a new link and a new 21 days.

    It takes a seat again where it had expired, or where whom their provider brought is away by now.

    Args:
        name: its id, or the address.

    Raises:
        Shortfall: it takes a seat again, and none is free.
        OperatorError: there is none, it was accepted or revoked, who came of it has another address, or
            nobody can be invited now.
    """

    def work(write: Write) -> Invitation:
        before = _named(write, name)
        if before.state not in (State.PENDING, State.EXPIRED):
            raise OperatorError(f"the invitation of {before.email} was {before.state}: send a new one")
        if before.role == Role.PRIMARY_OWNER:
            settings = inviting.allowed_owner(write, besides=before.id)
        else:
            settings = inviting.allowed(write)
        again, held = _with_seat(write, settings, before)
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        mails.withdraw(write, [before.mail])
        number = events.append(write, told(again, InvitationResent, held))
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

    return database.write(organization, actor, work)


def _with_seat(write: Write, settings: Organization, before: Invitation) -> tuple[Invitation, int]:
    """An invitation that holds what it should, and how many seats more that is."""
    expired = before.state is State.EXPIRED
    if expired and invitations.pending(write, [before.email_key]):
        raise OperatorError(f"{before.email} has a newer invitation: resend that")
    if _waits_for_role_alone(write, before):
        return before, 0
    vouched = before.role == Role.PRIMARY_OWNER
    inviting.refuse_some(write, [before.email], again=not expired, vouched=vouched)
    if before.held is not None:
        return before, 0
    (tier,) = inviting.seats_for(write, settings, before.wants, 1)
    seats.move(write, tier, held=1)
    # Whom their provider brought is away by now: from here on it is as if nobody had come of it.
    return replace(before, held=tier, person=None), 1


def _waits_for_role_alone(write: Write, before: Invitation) -> bool:
    """Whether the invitee came by their provider and is here, so that no seat is needed.

    Raises:
        OperatorError: who came of it has another address, so that nobody can accept it.
    """
    if before.person is None:
        return False
    came = people.get(write, before.person)
    if came is not None and came.user_name_key != before.email_key:
        raise OperatorError(
            f"who came of the invitation of {before.email} is {came.user_name} by now, and nobody can accept "
            "it: 'scim-seats invitation revoke' takes it back, 'scim-seats people role' gives them the role"
        )
    came = came or people.by_key(write, before.email_key)
    return came is not None and came.active


def revoke(database: Database, organization: str, actor: Actor, name: str) -> Invitation:
    """Take an invitation back; its seat goes to whoever is first in the queue.

    Raises:
        OperatorError: there is none, or it is not pending.
    """

    def work(write: Write) -> Invitation:
        before = _named(write, name)
        if before.state is not State.PENDING:
            raise OperatorError(f"the invitation of {before.email} is not pending: it is {before.state}")
        events.append(write, told(before, InvitationRevoked, -1))
        if before.held is not None:
            seats.move(write, before.held, held=-1)
        after = replace(before, state=State.REVOKED, held=None, closed=write.at)
        invitations.change(write, after)
        mails.withdraw(write, [before.mail])
        plans.look_ahead(write)
        gate.move_queue(write)
        return after

    return database.write(organization, actor, work)


def _named(read: Read, name: str) -> Invitation:
    found = invitations.get(read, name) or invitations.newest(read, key_of(name))
    if found is None:
        raise OperatorError(f"there is no invitation of '{name}'; 'scim-seats invitation list' shows them")
    return found


def every(database: Database, organization: str, state: State | None = None) -> list[Listed]:
    """Invitations, the newest first; only those of a state where one is named."""
    with database.read(organization) as read:
        found, deliveries = invitations.every(read), mails.deliveries(read, KIND)
    listed = [_listed(one, state_now(database, one), deliveries.get(one.mail)) for one in found]
    return [one for one in listed if state in (None, one.state)]


def _listed(one: Invitation, state: State, delivery: Delivery | None) -> Listed:
    """What is over holds no seat, and its mail is not sent, whether or not a write has noted that."""
    if one.state is State.PENDING and state is State.EXPIRED:
        one = replace(one, held=None)
        delivery = None if delivery is None or delivery.sent is None else delivery
    return Listed(one, state, delivery)


def state_now(database: Database, one: Invitation) -> State:
    """Its state at this moment."""
    return state_at(one.state, datetime.fromisoformat(one.expires), database.now())
