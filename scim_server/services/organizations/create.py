"""Creates an organization with seats and a token; an owner and a contract are optional."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from scim_server.history import OrganizationCreated
from scim_server.protocol.attributes import JSON
from scim_server.protocol.directory import STANDARD
from scim_server.protocol.user import parse_user
from scim_server.services.access import tokens
from scim_server.services.access.tokens import NewToken
from scim_server.services.billing import contracts
from scim_server.services.billing.contracts import Signed, Terms
from scim_server.services.errors import InvalidQuantity, InvalidSlug, InvalidTier, OwnerWithoutSeat
from scim_server.services.invitations import send as invitations
from scim_server.services.invitations.eligibility import Shortfall
from scim_server.services.organizations import overflow
from scim_server.services.people import provision as people
from scim_server.services.seats import refuse as left_out
from scim_server.store.database.session import Write
from scim_server.store.rows import events, organizations, seats
from scim_server.store.rows.invitations import Invitation
from scim_server.store.rows.organizations import Organization
from seat_policy.contract import DEFAULT_TIERS, MOST_SEATS, Tier
from seat_policy.modes import Mode
from seat_policy.overflow import Overflow
from seat_policy.roles import Role

SLUG: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
TIER: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_NO_SEAT: Final = "the owner {address} needs a seat. Create the organization with at least one seat"


@dataclass(frozen=True, slots=True)
class NewOrganization:
    """The initial state of an organization.

    Attributes:
        quantities: the seats by tier; other tiers have no seats. Without a contract, the seats are granted.
        policies: the policies by tier if no seat is free.
        ceilings: how many seats the policy `buy` may buy in one term, by tier.
        owner: the address of a Primary Owner who gets a seat at once.
        invite_owner: the address of a Primary Owner who is invited instead; the invitation holds a seat.
        language: the language of the invitation.
        terms: the terms of the contract; None for no contract.
        bill_opening: whether the opening seats are invoiced for the whole term.
        mode: the provisioning mode.
    """

    slug: str
    quantities: Mapping[str, int]
    tiers: Sequence[Tier] = DEFAULT_TIERS
    overflow: Overflow = Overflow.REJECT
    policies: Mapping[str, Overflow | None] = field(default_factory=dict)
    ceilings: Mapping[str, int] = field(default_factory=dict)
    owner: str | None = None
    invite_owner: str | None = None
    language: str = "en"
    terms: Terms | None = None
    bill_opening: bool = False
    mode: Mode = Mode.SCIM


@dataclass(frozen=True, slots=True)
class CreatedOrganization:
    """A new organization with its first token; the contract and the owner's invitation are optional."""

    organization: Organization
    token: NewToken
    signed: Signed | None = None
    invited: Invitation | None = None


def check(new: NewOrganization) -> None:
    """Refuse invalid values.

    Raises:
        InvalidSlug, InvalidTier, InvalidQuantity: the slug, a tier or a quantity is wrong.
    """
    if SLUG.fullmatch(new.slug) is None:
        raise InvalidSlug(
            f"'{new.slug}' cannot be part of a URL. Use at most 63 lower-case letters, digits and "
            "inner hyphens"
        )
    known = [tier.name for tier in new.tiers]
    for tier in known:
        if TIER.fullmatch(tier) is None or known.count(tier) > 1:
            raise InvalidTier(f"'{tier}' cannot be a tier. Use lower-case words, each only once")
    for tier in (*new.quantities, *new.policies, *new.ceilings):
        if tier not in known:
            raise InvalidTier(f"the organization has no tier '{tier}'. Its tiers are: {', '.join(known)}")
    for tier, quantity in new.quantities.items():
        if not 0 <= quantity <= MOST_SEATS:
            raise InvalidQuantity(
                f"{tier}={quantity} is wrong; the number of seats must be from 0 to {MOST_SEATS}"
            )


def found(write: Write, new: NewOrganization) -> CreatedOrganization:
    """Create the organization in this transaction.

    Raises:
        OwnerWithoutSeat: there is no seat for the owner.
    """
    organization = organizations.add(write, new.slug, new.overflow, new.mode)
    seats.open_pool(write, new.tiers)
    granted = {tier: (quantity, 0, 0) for tier, quantity in new.quantities.items() if quantity}
    for tier, quantity in new.quantities.items():
        seats.move(write, tier, purchased=quantity)
    events.append(write, OrganizationCreated(seats=granted, overflow=new.overflow))
    token = tokens.add(write, "first")
    if new.owner is not None:
        _seat_owner(write, organization, new.owner)
    invited = None
    if new.invite_owner is not None:
        invited = _invite_owner(write, organization, new.invite_owner, new.language)
    signed = None
    if new.terms is not None:
        signed = contracts.sign(write, new.terms, bill_opening=new.bill_opening)
    overflow.change(write, new.policies, new.ceilings)
    return CreatedOrganization(organization, token, signed, invited)


def _seat_owner(write: Write, organization: Organization, address: str) -> None:
    body: dict[str, JSON] = {
        "userName": address,
        "emails": [{"value": address, "type": "work", "primary": True}],
    }
    user = parse_user(body, STANDARD.user_reader(seats=False, strict=False))
    outcome = people.create(write, organization, user, role=Role.PRIMARY_OWNER)
    if isinstance(outcome, left_out.Refused) or outcome.person.tier is None:
        raise OwnerWithoutSeat(_NO_SEAT.format(address=address))


def _invite_owner(write: Write, organization: Organization, address: str, language: str) -> Invitation:
    invited = invitations.invite_owner(write, organization, address, language)
    if isinstance(invited, Shortfall):
        raise OwnerWithoutSeat(_NO_SEAT.format(address=address))
    return invited
