"""Inviting people by mail: each invitation holds its seat until it is accepted or over (SEATS 12)."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import uuid4

from scim_server.protocol.normalise import user_name_key
from scim_server.services import plans
from scim_server.services import seats as gate
from scim_server.services.addresses import domain_of, key_of, split
from scim_server.services.errors import OperatorError
from scim_server.services.expiry import told
from scim_server.store import contracts, domains, events, invitations, mails, organizations, people, seats
from scim_server.store.invitations import Invitation
from scim_server.store.mails import SECRET, Delivery, Mail
from scim_server.store.organizations import Organization
from scim_server.store.session import Actor, Database, Read, Write, timestamp
from seat_policy.contract import ANY
from seat_policy.errors import PolicyError
from seat_policy.invitations import Hold, Short, State, expires, hold, state_at
from seat_policy.invoices import Bill, Order, purchase
from seat_policy.roles import Role

KIND: Final = "invitation"
LANGUAGES: Final = ("en", "es")
MOST_AT_ONCE: Final = 5_000
_SECRET_BYTES: Final = 32
_MOST_PROBLEMS: Final = 10


class Shortfall(OperatorError):
    """There are too few seats: nothing was sent.

    Attributes:
        short: how many are missing, and of which tier.
        bill: what they cost now; None without a contract or price.
    """

    def __init__(self, slug: str, short: Short, bill: Bill | None) -> None:
        self.short = short
        self.bill = bill
        price = "" if bill is None else f" for {bill.total} {bill.currency}"
        super().__init__(
            f"nothing was sent: {short.missing} more {short.tier} seats are needed ({short.free} free). "
            f"Add them{price}: scim-seats seats add {slug} {short.tier}={short.missing}"
        )


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
        settings = _inviting(write)
        _refuse_some(write, addresses)
        tiers = _hold(write, settings, tier or ANY, len(addresses))
        new = [
            _Letter(address, role, tier or ANY, held, language)
            for address, held in zip(addresses, tiers, strict=True)
        ]
        return _send(write, settings, new)

    return database.write(organization, actor, work)


@dataclass(frozen=True, slots=True)
class _Letter:
    email: str
    role: Role
    wants: str
    held: str
    language: str


def _inviting(write: Write) -> Organization:
    """The organization, if it invites people and seats are given now."""
    settings = organizations.get(write)
    if not settings.invites:
        raise OperatorError(
            f"people come in by the mode '{settings.mode}' here; allow invitations beside it with "
            f"'scim-seats org set {settings.slug} --allow-invitations'"
        )
    standstill = write.clock.standstill(write.at)
    if standstill is not None:
        raise OperatorError(gate.standstill_words(write, standstill))
    return settings


def _refuse_some(write: Write, addresses: Sequence[str], *, again: bool = False) -> None:
    """Say of everybody who cannot be invited why not."""
    verified = {one.domain for one in domains.every(write) if one.verified is not None}
    pending = {one.email_key for one in invitations.pending(write, [user_name_key(a) for a in addresses])}
    problems = [
        problem
        for address in addresses
        if (problem := _problem(write, address, verified, set() if again else pending)) is not None
    ]
    if problems:
        more = f"; and {len(problems) - _MOST_PROBLEMS} more" if len(problems) > _MOST_PROBLEMS else ""
        raise OperatorError(f"nothing was sent: {'; '.join(problems[:_MOST_PROBLEMS])}{more}")


def _problem(write: Write, address: str, verified: set[str], pending: set[str]) -> str | None:
    domain = domain_of(address.rpartition("@")[2])
    if domain not in verified:
        return f"{address} is in {domain}, which is no verified domain of this organization"
    if user_name_key(address) in pending:
        return f"{address} is invited already; resend or revoke that invitation"
    person = people.by_key(write, user_name_key(address))
    match None if person is None else person.status:
        case "seated":
            return f"{address} is a member already"
        case "waiting":
            return f"{address} is a member who waits for a seat already; add seats to let them in"
        case "none":
            return f"{address} is a member without a seat already; assign them one"
        case _:
            return None


def _hold(write: Write, settings: Organization, wants: str, number: int) -> tuple[str, ...]:
    match hold(seats.availability(write), wants, number):
        case Hold(tiers):
            return tiers
        case Short() as short:
            raise Shortfall(settings.slug, short, _price(write, short))


def _price(write: Write, short: Short) -> Bill | None:
    plan = contracts.get(write)
    if plan is None:
        return None
    try:
        return purchase(plan.contract, Order({short.tier: short.missing}), plan.contract.day(write.moment))
    except PolicyError:
        return None  # no price was agreed for that tier


def _send(write: Write, settings: Organization, letters: Sequence[_Letter]) -> list[Invitation]:
    first = write.clock.sequence + 1
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
    events.append_all(write, [told(one, "invitation.sent", 1) for one in listed])
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
    """Send an invitation again, with a new link and a new 21 days; an expired one takes a seat again.

    Args:
        name: its id, or the address.

    Raises:
        Shortfall: it had expired and no seat is free.
        OperatorError: there is none, it was accepted or revoked, or nobody can be invited now.
    """

    def work(write: Write) -> Invitation:
        before = _named(write, name)
        if before.state not in (State.PENDING, State.EXPIRED):
            raise OperatorError(f"the invitation of {before.email} was {before.state}: send a new one")
        settings = _inviting(write)
        again, held = before, 0
        if before.person is None:
            _refuse_some(write, [before.email], again=before.state is State.PENDING)
        if before.state is State.EXPIRED and before.person is None:
            (tier,) = _hold(write, settings, before.wants, 1)
            seats.move(write, tier, held=1)
            again, held = replace(before, held=tier), 1
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        mails.withdraw(write, [before.mail])
        number = events.append(write, told(again, "invitation.resent", held))
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


def revoke(database: Database, organization: str, actor: Actor, name: str) -> Invitation:
    """Take an invitation back; its seat goes to whoever is first in the queue.

    Raises:
        OperatorError: there is none, or it is not pending.
    """

    def work(write: Write) -> Invitation:
        before = _named(write, name)
        if before.state is not State.PENDING:
            raise OperatorError(f"the invitation of {before.email} is not pending: it is {before.state}")
        events.append(write, told(before, "invitation.revoked", -1))
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
        found, deliveries = invitations.every(read), mails.deliveries(read)
    listed = [Listed(one, state_now(database, one), deliveries.get(one.mail)) for one in found]
    return [one for one in listed if state in (None, one.state)]


def state_now(database: Database, one: Invitation) -> State:
    """Its state at this moment."""
    return state_at(one.state, datetime.fromisoformat(one.expires), database.now())
