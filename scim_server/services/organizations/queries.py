"""Queries of organizations and their settings, and the lookup of slugs."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from scim_server.services.context import Context
from scim_server.services.errors import UnknownOrganization
from scim_server.services.lists import Page, page_of
from scim_server.services.organizations import overflow
from scim_server.services.organizations.create import SLUG
from scim_server.services.organizations.overflow import TierOverflow
from scim_server.store.database import clock
from scim_server.store.database.session import Database, Read
from scim_server.store.rows import members, organizations, seats
from scim_server.store.rows.organizations import Organization
from seat_policy.availability import Availability
from seat_policy.modes import Mode
from seat_policy.ways_in import WayIn

MODES: Final = {
    Mode.MANUAL: "Admins invite people. Sign-ins do not create people, and SCIM can only read.",
    Mode.JIT: "The first sign-in creates a person. SCIM can only read, so providers do not remove people.",
    Mode.SCIM: "SCIM creates, changes and removes people. Sign-ins admit members and do not create people.",
}
"""The meaning of each provisioning mode (SEATS 11)."""


def find(database: Database, slug: str) -> Organization:
    """The organization with the given slug.

    Raises:
        UnknownOrganization: no organization has this slug; the message suggests a similar one.
    """
    with database.snapshot() as connection:
        found = organizations.by_slug(connection, slug)
        if found is not None:
            return found
        known = [one.slug for one in organizations.every(connection)]
    near = get_close_matches(slug.strip().lower(), known, n=1, cutoff=0.6)
    suggestion = f"; did you mean '{near[0]}'?" if near else ""
    raise UnknownOrganization(f"the organization '{slug}' does not exist{suggestion}")


def look_up(database: Database, slug: str) -> Organization | None:
    """The organization with the given slug; None if it does not exist, or if the text cannot be a slug."""
    if SLUG.fullmatch(slug) is None:
        return None
    with database.snapshot() as connection:
        return organizations.by_slug(connection, slug)


@dataclass(frozen=True, slots=True)
class ModeEffect:
    """The effect of another mode on the present people. Nobody is removed.

    Attributes:
        members: how many people stay, by the way in which they became members.
        meaning: a sentence that explains the mode.
    """

    organization: str
    before: Mode
    after: Mode
    members: Mapping[WayIn, int]
    meaning: str


def mode_effect(context: Context, mode: Mode) -> ModeEffect:
    """The effect of a change of the mode (SEATS 11)."""
    with context.read() as read:
        organization = organizations.get(read)
        return ModeEffect(organization.slug, organization.mode, mode, members.by_way_in(read), MODES[mode])


@dataclass(frozen=True, slots=True)
class Listed:
    """An organization in a list.

    Attributes:
        suspended: the time of the suspension; None if the organization is not suspended.
    """

    organization: Organization
    tiers: Mapping[str, TierOverflow]
    seats: Availability
    suspended: str | None


def show(context: Context) -> Listed:
    """One organization with its settings and seats."""
    with context.read() as read:
        return listed(read)


def listed(read: Read) -> Listed:
    """The organization of an open transaction, with its settings and seats."""
    suspended = clock.read(read.connection, read.organization).suspended
    return Listed(organizations.get(read), overflow.by_tier(read), seats.availability(read), suspended)


def every(database: Database) -> list[Listed]:
    """All organizations with their seats."""
    with database.snapshot() as connection:
        found = organizations.every(connection)
    return [_listed(database, organization) for organization in found]


def page(
    database: Database, *, after: str | None = None, limit: int = 50, only: str | None = None
) -> Page[Listed]:
    """A page of the organizations with their seats, ordered by slug.

    Args:
        after: the slug at which the previous page ended.
        only: the slug of the only organization that may be listed.
    """
    with database.snapshot() as connection:
        found = organizations.page(connection, after or "", limit + 1, only)
    cut = page_of(found, limit, lambda one: one.slug)
    return Page(tuple(_listed(database, one) for one in cut.data), cut.next_cursor)


def _listed(database: Database, organization: Organization) -> Listed:
    with database.read(organization.id) as read:
        return listed(read)


def overflow_by_tier(context: Context) -> dict[str, TierOverflow]:
    """The policy of every tier, lowest tier first."""
    with context.read() as read:
        return overflow.by_tier(read)
