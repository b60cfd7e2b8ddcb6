"""Customers of the vendor: created, listed and set by the operator."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from scim_server.protocol.attributes import JSON
from scim_server.protocol.directory import STANDARD
from scim_server.protocol.user import parse_user
from scim_server.services import people, tokens
from scim_server.services.errors import OperatorError
from scim_server.services.tokens import NewToken
from scim_server.store import events, organizations, seats
from scim_server.store.events import Event
from scim_server.store.organizations import Organization, SlugTaken
from scim_server.store.session import Actor, Database, Write
from seat_policy.availability import Availability
from seat_policy.contract import DEFAULT_TIERS

SLUG: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Founded:
    """A new organization and its first token."""

    organization: Organization
    token: NewToken


def create(
    database: Database,
    actor: Actor,
    slug: str,
    quantities: Mapping[str, int],
    *,
    overflow: str = "reject",
    owner: str | None = None,
) -> Founded:
    """Create an organization with granted seats, a first token and perhaps its Primary Owner.

    Args:
        quantities: seats by tier; a tier that is not named has none.
        owner: the Primary Owner's address; they take a seat.

    Raises:
        OperatorError: the slug, a tier or a quantity is wrong, or the owner finds no seat.
    """
    if SLUG.fullmatch(slug) is None:
        raise OperatorError(
            f"'{slug}' cannot stand in an address: "
            "use lower-case letters, digits and inner hyphens, 63 at most"
        )
    _check(quantities)

    def work(write: Write) -> Founded:
        organization = organizations.add(write, slug, overflow)
        seats.open_pool(write, DEFAULT_TIERS)
        granted = {tier: (quantity, 0, 0) for tier, quantity in quantities.items() if quantity}
        for tier, quantity in quantities.items():
            seats.move(write, tier, purchased=quantity)
        events.append(write, Event("organization.created", seats=granted, payload={"overflow": overflow}))
        token = tokens.create_in(database, write, "first")
        if owner is not None:
            _seat_owner(write, organization, owner)
        return Founded(organization, token)

    try:
        return database.found(str(uuid4()), actor, work)
    except SlugTaken as error:
        raise OperatorError(f"there is already an organization '{slug}'") from error


def _check(quantities: Mapping[str, int]) -> None:
    known = [tier.name for tier in DEFAULT_TIERS]
    for tier, quantity in quantities.items():
        if tier not in known:
            raise OperatorError(f"there is no tier '{tier}'; there are: {', '.join(known)}")
        if quantity < 0:
            raise OperatorError(f"{tier}={quantity}: seats cannot be negative")


def _seat_owner(write: Write, organization: Organization, address: str) -> None:
    body: dict[str, JSON] = {
        "userName": address,
        "emails": [{"value": address, "type": "work", "primary": True}],
    }
    user = parse_user(body, STANDARD.user_reader(seats=False, strict=False))
    outcome = people.create_in(write, organization, user, role=people.PRIMARY_OWNER)
    if isinstance(outcome, people.Refused) or outcome.person.tier is None:
        raise OperatorError(f"the owner {address} needs a seat: create the organization with at least one")


def find(database: Database, slug: str) -> Organization:
    """The organization with a slug.

    Raises:
        OperatorError: there is none.
    """
    with database.snapshot() as connection:
        organization = organizations.by_slug(connection, slug)
    if organization is None:
        raise OperatorError(f"there is no organization '{slug}'; 'scim-seats org list' shows them")
    return organization


def look_up(database: Database, slug: str) -> Organization | None:
    """The organization with a slug, if there is one."""
    with database.snapshot() as connection:
        return organizations.by_slug(connection, slug)


def every(database: Database) -> list[tuple[Organization, Availability]]:
    """All organizations with their seats."""
    with database.snapshot() as connection:
        found = organizations.every(connection)
    with_seats = []
    for organization in found:
        with database.read(organization.id) as read:
            with_seats.append((organization, seats.availability(read)))
    return with_seats


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
