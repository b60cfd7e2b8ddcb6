"""Members in lists, and one member with groups, seat and story, for the people who manage them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from scim_server.protocol.normalise import fold
from scim_server.protocol.seat_status import SeatStatus
from scim_server.protocol.user import Membership
from scim_server.services.context import Context
from scim_server.services.entitlements import apply as entitlements
from scim_server.services.errors import UnknownPerson
from scim_server.services.lists import SHEET, Reference, Sheet
from scim_server.services.people.access_ended import WITHIN
from scim_server.services.people.logged import Logged, without_secrets
from scim_server.services.people.provision import TOUCHED_EVERY
from scim_server.store.database.session import Read, timestamp
from scim_server.store.rows import (
    events,
    former,
    mappings,
    organizations,
    people,
    person_groups,
    refusals,
    roster,
)
from scim_server.store.rows.people import Person
from scim_server.store.rows.roster import Filters, Listed, Order
from seat_policy.mapping import Entitlement, GroupMapping
from seat_policy.roles import GIVEN, Role
from seat_policy.ways_in import WayIn

_CHUNK: Final = 1_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which members a list shows. None, False and empty text are no condition.

    Attributes:
        search: a part of the userName or displayName.
        group: only members of the group with this id, directly or through other groups.
        without_seat: only active people without a seat.
        other_tier_than: only people with a seat of another tier.
        unconfirmed: only people who were let in from the log and whom no provider has sent since (SEATS 32).
        idle_days: only people with a seat who have not signed in for so many days (SEATS 35).
        untouched_days: only active people that no provider has sent for so many days.
        access_open: only deprovisioned people whose access the app has not ended.
    """

    search: str = ""
    status: SeatStatus | None = None
    tier: str | None = None
    role: Role | None = None
    way_in: WayIn | None = None
    group: str | None = None
    without_seat: bool = False
    other_tier_than: str | None = None
    unconfirmed: bool = False
    idle_days: int | None = None
    untouched_days: int | None = None
    access_open: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A group of a person, and what its mapping gives; None if the group is not mapped."""

    membership: Membership
    gives: GroupMapping | None


@dataclass(frozen=True, slots=True)
class Offers:
    """What an acting person may do with a member. The commands check the same rules again.

    Attributes:
        tiers: the tiers of which the person may get a seat.
        roles: the roles that the person may get.
        may_leave: whether the seat may be taken from the person.
    """

    tiers: tuple[str, ...]
    roles: tuple[Role, ...]
    may_leave: bool
    may_swap: bool
    may_deactivate: bool
    may_activate: bool
    may_become_primary: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """A member with everything that decides about their seat and role.

    Attributes:
        entitlement: what the groups give together.
        refusal: the reference of the open refusal of this member.
        values: the values of the person, without secrets.
        provisioned: whether a provider sends the people of this organization by SCIM.
    """

    listed: Listed
    groups: tuple[Group, ...]
    entitlement: Entitlement
    refusal: Reference | None
    values: Mapping[str, Any]
    provisioned: bool

    @property
    def person(self) -> Person:
        """The row of the person."""
        return self.listed.person

    @property
    def tier_mapped(self) -> bool:
        """Whether a group gives the tier, so that an admin cannot choose another one (SEATS 21)."""
        return self.entitlement.mapped and self.person.role != Role.PRIMARY_OWNER

    @property
    def giving_tier(self) -> list[str]:
        """The names of the groups that give the person's tier."""
        return [
            one.membership.name
            for one in self.groups
            if one.gives and one.gives.tier == self.entitlement.wants
        ]

    @property
    def giving_role(self) -> list[str]:
        """The names of the groups that give the person's role."""
        return [
            one.membership.name for one in self.groups if one.gives and one.gives.role == self.person.role
        ]


def offers(found: Profile, tiers: Sequence[str], acting: Role) -> Offers:
    """What a person with a role may do with a member.

    Args:
        tiers: the tiers of the organization.
    """
    person, role = found.person, Role(found.person.role)
    below = role is not Role.PRIMARY_OWNER and (acting.owns or not role.owns)
    mapped = found.entitlement.wants if found.tier_mapped else None
    given = [one for one in GIVEN if one is not role and (acting.owns or not one.owns)]
    return Offers(
        tiers=tuple(one for one in tiers if person.active and one != person.tier and mapped in (None, one)),
        roles=tuple(given) if below and not person.role_mapped else (),
        may_leave=below and (person.tier is not None or person.wants is not None),
        may_swap=person.tier is not None and not found.tier_mapped,
        may_deactivate=below and person.active,
        may_activate=not person.active,
        may_become_primary=acting is Role.PRIMARY_OWNER and below and person.tier is not None,
    )


def sheet(context: Context, chosen: Chosen, order: Order, number: int) -> Sheet[Listed]:
    """A numbered page of the members who match."""
    filters = _filters(context, chosen)
    with context.read() as read:
        found, total = roster.sheet(read, filters, order, (number - 1) * SHEET, SHEET)
    return Sheet(found, total, number, SHEET)


def chunk(context: Context, chosen: Chosen, after: int, limit: int) -> tuple[Listed, ...]:
    """The next members who match, in the order of creation, after a sequence number."""
    filters = _filters(context, chosen)
    with context.read() as read:
        return roster.chunk(read, filters, after, limit)


def everyone(context: Context, chosen: Chosen) -> Iterator[Listed]:
    """All members who match, in the order of creation. They are read in chunks, each as it is at its time."""
    filters, after = _filters(context, chosen), 0
    while True:
        with context.read() as read:
            found = roster.chunk(read, filters, after, _CHUNK)
        yield from found
        if len(found) < _CHUNK:
            return
        after = found[-1].person.sequence


def _filters(context: Context, chosen: Chosen) -> Filters:
    now = context.database.now()
    idle = None if chosen.idle_days is None else timestamp(now - timedelta(days=chosen.idle_days))
    days = chosen.untouched_days
    untouched = None if days is None else last_untouched((now - timedelta(days=days)).date())
    return Filters(
        search=fold(chosen.search.strip()),
        status=chosen.status,
        tier=chosen.tier,
        role=chosen.role,
        way_in=chosen.way_in,
        group=chosen.group,
        without_seat=chosen.without_seat,
        other_tier_than=chosen.other_tier_than,
        unconfirmed=chosen.unconfirmed,
        idle_until=idle,
        untouched_since=untouched,
        access_open_until=timestamp(now - WITHIN) if chosen.access_open else None,
    )


def last_untouched(since: date) -> str:
    """The time before which a provider must have sent a person last, so that it has not since a day."""
    return timestamp(datetime.fromisoformat(f"{since}T00:00:00+00:00") - TOUCHED_EVERY)


def profile(context: Context, id_: str) -> Profile:
    """One member.

    Raises:
        UnknownPerson: no person of the organization has this id.
    """
    with context.read() as read:
        found = roster.get(read, id_)
        if found is None:
            raise UnknownPerson(f"this organization has no person with the id '{id_}'")
        organization = organizations.get(read)
        refusal = refusals.open_entry(read, found.person.user_name_key)
        return Profile(
            found,
            _groups(read, id_),
            entitlements.of_people(read, [id_])[id_],
            None if refusal is None else Reference(organization.slug, refusal.sequence),
            without_secrets(found.person.document),
            organization.mode == "scim",
        )


def _groups(read: Read, person: str) -> tuple[Group, ...]:
    found = person_groups.of_people(read, [person])[person]
    given = mappings.of_groups(read, [one.id for one in found])
    return tuple(Group(one, _together(given[one.id])) for one in found)


def _together(given: list[GroupMapping]) -> GroupMapping | None:
    """What a group gives that a mapping matches by name, and perhaps another by externalId."""
    if not given:
        return None
    first = given[0]
    for other in given[1:]:
        first = GroupMapping(
            first.tier or other.tier,
            first.role or other.role,
            other.priority if first.priority is None else first.priority,
        )
    return first


def story(context: Context, id_: str, number: int) -> Sheet[Logged]:
    """A numbered page of the events about a person, newest first.

    It includes the time before a deletion, and the refusals before the person became a member.

    Raises:
        UnknownPerson: no person of the organization has this id.
    """
    with context.read() as read:
        person = people.get(read, id_)
        if person is None:
            raise UnknownPerson(f"this organization has no person with the id '{id_}'")
        ids = [id_, *former.ids_of(read, person.user_name_key)]
        refused = refusals.numbers_of_name(read, person.user_name_key)
        found, total = events.story_of(read, ids, refused, (number - 1) * SHEET, SHEET)
        slug = organizations.get(read).slug
    return Sheet(tuple(Logged.of(slug, one) for one in found), total, number, SHEET)
