"""Customers of the vendor: created, listed and set by the operator."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from scim_server.protocol.attributes import JSON
from scim_server.protocol.directory import STANDARD
from scim_server.protocol.user import parse_user
from scim_server.services import suggest
from scim_server.services.access import tokens
from scim_server.services.access.tokens import NewToken
from scim_server.services.billing import contracts
from scim_server.services.billing.contracts import Signed, Terms
from scim_server.services.errors import OperatorError, UnknownOrganization
from scim_server.services.invitations import send as invitations
from scim_server.services.invitations.eligibility import Shortfall
from scim_server.services.people import provision as people
from scim_server.services.seats import gate
from scim_server.services.seats import refuse as left_out
from scim_server.store.database import clock
from scim_server.store.database.session import Actor, Database, Write
from scim_server.store.rows import contracts as plan_store
from scim_server.store.rows import events, members, organizations, seats
from scim_server.store.rows.events import Event
from scim_server.store.rows.invitations import Invitation
from scim_server.store.rows.organizations import Organization, SlugTaken
from seat_policy.availability import Availability
from seat_policy.contract import DEFAULT_TIERS, MOST_SEATS, Tier
from seat_policy.overflow import Overflow

SLUG: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NO_SEAT: Final = "the owner {address} needs a seat: create the organization with at least one"
TIER: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class Founded:
    """A new organization, its first token, and its contract and the invitation of its owner if there are."""

    organization: Organization
    token: NewToken
    signed: Signed | None = None
    invited: Invitation | None = None


def create(  # noqa: PLR0913 - what an organization starts with
    database: Database,
    actor: Actor,
    slug: str,
    quantities: Mapping[str, int],
    *,
    tiers: Sequence[Tier] = DEFAULT_TIERS,
    overflow: str = "reject",
    owner: str | None = None,
    invite_owner: str | None = None,
    language: str = "en",
    terms: Terms | None = None,
    bill_opening: bool = False,
) -> Founded:
    """Create an organization with seats, a first token, perhaps its Primary Owner and its contract.

    Args:
        quantities: seats by tier; a tier that is not named has none. Granted without a contract.
        owner: the Primary Owner's address, who is seated at once.
        invite_owner: instead, an address to which the invitation to become it is mailed; it holds a seat.
        language: of that mail.
        terms: of its contract; None for none.
        bill_opening: invoice the seats for the contract's whole term.

    Raises:
        OperatorError: the slug, a tier, a quantity or a term is wrong, or the owner finds no seat.
    """
    if SLUG.fullmatch(slug) is None:
        raise OperatorError(
            f"'{slug}' cannot stand in an address: "
            "use lower-case letters, digits and inner hyphens, 63 at most"
        )
    _check(tiers, quantities)

    def work(write: Write) -> Founded:
        organization = organizations.add(write, slug, overflow)
        seats.open_pool(write, tiers)
        granted = {tier: (quantity, 0, 0) for tier, quantity in quantities.items() if quantity}
        for tier, quantity in quantities.items():
            seats.move(write, tier, purchased=quantity)
        events.append(write, Event("organization.created", seats=granted, payload={"overflow": overflow}))
        token = tokens.create_in(database, write, "first")
        if owner is not None:
            _seat_owner(write, organization, owner)
        invited = None
        if invite_owner is not None:
            invited = _invite_owner(write, organization, invite_owner, language)
        signed = None
        if terms is not None:
            signed = contracts.set_in(write, terms, bill_opening=bill_opening)
        return Founded(organization, token, signed, invited)

    try:
        return database.found(str(uuid4()), actor, work)
    except SlugTaken as error:
        raise OperatorError(f"there is already an organization '{slug}'") from error


def _check(tiers: Sequence[Tier], quantities: Mapping[str, int]) -> None:
    known = [tier.name for tier in tiers]
    for tier in known:
        if TIER.fullmatch(tier) is None or known.count(tier) > 1:
            raise OperatorError(f"'{tier}' cannot be a tier: use lower-case words, each once")
    for tier, quantity in quantities.items():
        if tier not in known:
            raise OperatorError(f"there is no tier '{tier}'; there are: {', '.join(known)}")
        if not 0 <= quantity <= MOST_SEATS:
            raise OperatorError(f"{tier}={quantity}: use a number of seats from 0 to {MOST_SEATS}")


def _seat_owner(write: Write, organization: Organization, address: str) -> None:
    body: dict[str, JSON] = {
        "userName": address,
        "emails": [{"value": address, "type": "work", "primary": True}],
    }
    user = parse_user(body, STANDARD.user_reader(seats=False, strict=False))
    outcome = people.create_in(write, organization, user, role=people.PRIMARY_OWNER)
    if isinstance(outcome, left_out.Refused) or outcome.person.tier is None:
        raise OperatorError(_NO_SEAT.format(address=address))


def _invite_owner(write: Write, organization: Organization, address: str, language: str) -> Invitation:
    try:
        return invitations.invite_owner_in(write, organization, address, language)
    except Shortfall:
        raise OperatorError(_NO_SEAT.format(address=address)) from None


def find(database: Database, slug: str) -> Organization:
    """The organization with a slug.

    Raises:
        UnknownOrganization: there is none; the message suggests similar slugs.
    """
    with database.snapshot() as connection:
        organization = organizations.by_slug(connection, slug)
        known = [] if organization is not None else [one.slug for one in organizations.every(connection)]
    if organization is None:
        alike = suggest.did_you_mean(suggest.alike(slug, known))
        raise UnknownOrganization(f"there is no organization '{slug}'{alike}")
    return organization


def look_up(database: Database, slug: str) -> Organization | None:
    """The organization with a slug, if there is one; text that cannot be a slug is nobody's."""
    if SLUG.fullmatch(slug) is None:
        return None
    with database.snapshot() as connection:
        return organizations.by_slug(connection, slug)


MODES: Final = {
    "manual": "Admins invite people. SCIM and sign-ins create nobody; SCIM only reads.",
    "jit": "First sign-ins create people. SCIM only reads, so providers no longer remove anyone.",
    "scim": "SCIM creates, changes and removes people. Sign-ins admit members and create nobody.",
}
"""What each provisioning mode means (SEATS 11)."""


@dataclass(frozen=True, slots=True)
class ModeEffect:
    """What another mode would mean for the people who are here; nobody is removed by it.

    Attributes:
        members: how many people stay as they are, by the way in which they came.
        meaning: the mode in a sentence.
    """

    before: str
    after: str
    members: Mapping[str, int]
    meaning: str


def mode_effect(database: Database, organization: Organization, mode: str) -> ModeEffect:
    """What a change of the mode would mean (SEATS 11)."""
    with database.read(organization.id) as read:
        return ModeEffect(organization.mode, mode, members.by_way_in(read), MODES[mode])


@dataclass(frozen=True, slots=True)
class Listed:
    """An organization as lists show it.

    Attributes:
        suspended: since when; None while it is not.
    """

    organization: Organization
    seats: Availability
    suspended: str | None


def every(database: Database) -> list[Listed]:
    """All organizations with their seats."""
    with database.snapshot() as connection:
        found = organizations.every(connection)
    listed = []
    for organization in found:
        with database.read(organization.id) as read:
            suspended = clock.read(read.connection, read.organization).suspended
            listed.append(Listed(organization, seats.availability(read), suspended))
    return listed


def suspend(database: Database, organization: str, actor: Actor) -> bool:
    """Give no more seats until `resume`; reads, deactivations and deletions go on (SEATS 10).

    Returns:
        Whether it was not suspended before.
    """

    def work(write: Write) -> bool:
        if write.clock.suspended is not None:
            return False
        write.clock.suspended = write.at
        events.append(write, Event("organization.suspended"))
        return True

    return database.write(organization, actor, work)


def resume(database: Database, organization: str, actor: Actor) -> bool:
    """Give seats again; whoever waits for a free one gets it at once.

    Returns:
        Whether it was suspended.
    """

    def work(write: Write) -> bool:
        if write.clock.suspended is None:
            return False
        write.clock.suspended = None
        events.append(write, Event("organization.resumed"))
        gate.move_queue(write)
        return True

    return database.write(organization, actor, work)


@dataclass(frozen=True, slots=True)
class TierOverflow:
    """What becomes of requests for one tier.

    Attributes:
        overflow: its own policy; None follows the organization's.
        ceiling: how many seats may be bought for newcomers in one term; None for none.
    """

    overflow: Overflow | None
    ceiling: int | None


def overflow_by_tier(database: Database, organization: str) -> dict[str, TierOverflow]:
    """The policy of every tier, the lowest first."""
    with database.read(organization) as read:
        return {
            tier: TierOverflow(None if overflow is None else Overflow(overflow), ceiling)
            for tier, overflow, ceiling in seats.overflow_by_tier(read)
        }


def change_overflow(
    database: Database,
    organization: str,
    actor: Actor,
    policies: Mapping[str, Overflow | None],
    ceilings: Mapping[str, int],
) -> None:
    """Set policies or ceilings of tiers; nobody who waits is turned away by it.

    Raises:
        OperatorError: a tier that may be bought has no price.
        PolicyError: there is no such tier.
    """

    def work(write: Write) -> None:
        plan, availability = plan_store.get(write), seats.availability(write)
        changed = {}
        for tier, policy, ceiling in seats.overflow_by_tier(write):
            wanted = (policies.get(tier, policy), ceilings.get(tier, ceiling))
            if wanted[1] and (plan is None or tier not in plan.contract.prices):
                raise OperatorError(f"{tier} seats cannot be bought: the contract has no price for them")
            if wanted != (policy, ceiling):
                seats.choose_overflow(write, tier, *wanted)
                changed[tier] = {"overflow": wanted[0], "ceiling": wanted[1]}
        for tier in {*policies, *ceilings}:
            availability.of(tier)
        if changed:
            events.append(write, Event("organization.updated", payload={"tiers": changed}))

    database.write(organization, actor, work)


def change(
    database: Database, organization: str, actor: Actor, settings: Mapping[str, object]
) -> Organization:
    """Set some settings; nobody who waits is turned away by it (SEATS 28).

    Args:
        settings: of `overflow`, `mode`, `strict` and `seat_extension`, those that are to change.
    """

    def work(write: Write) -> Organization:
        before = organizations.get(write)
        changed = {name: value for name, value in settings.items() if getattr(before, name) != value}
        if not changed:
            return before
        organizations.change(write, changed)
        payload = {name: {"from": getattr(before, name), "to": value} for name, value in changed.items()}
        events.append(write, Event("organization.updated", payload=payload))
        return organizations.get(write)

    return database.write(organization, actor, work)
