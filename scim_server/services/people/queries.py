"""Queries of members: for SCIM, in lists, with history, and members with idle seats."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from scim_server.protocol.attributes import ResourceType
from scim_server.protocol.errors import NotFound
from scim_server.protocol.projection import Projection
from scim_server.protocol.seat_status import SeatStatus
from scim_server.protocol.user import Shown
from scim_server.services.context import Context
from scim_server.services.errors import RoleTooLow
from scim_server.services.lists import Page, Sheet, page_of
from scim_server.services.notifications import idle_seats
from scim_server.services.notifications.idle_seats import IDLE_DAYS, IdleCount
from scim_server.services.people import directory, sign_in
from scim_server.services.people.access_ended import WITHIN
from scim_server.services.people.directory import Chosen, Offers, Profile
from scim_server.services.people.find import by_id, exactly, named
from scim_server.services.people.logged import Logged
from scim_server.services.people.sign_in import Answer
from scim_server.services.scim import search
from scim_server.store.database.session import timestamp
from scim_server.store.query import fields
from scim_server.store.query.filters import Compiler
from scim_server.store.rows import access_ended, events, former, members, organizations, people, shown, usage
from scim_server.store.rows.people import Person
from scim_server.store.rows.roster import Listed, Order
from scim_server.store.rows.usage import Idle
from seat_policy.roles import Role

__all__ = [
    "IDLE_DAYS",
    "STATUSES",
    "Answer",
    "Chosen",
    "History",
    "IdleCount",
    "Logged",
    "Offers",
    "Page",
    "Profile",
    "Sheet",
    "access_open_count",
    "acting_owner",
    "chosen_page",
    "drift",
    "entitlement",
    "entitlements",
    "everyone",
    "find",
    "get",
    "history",
    "id_of",
    "idle",
    "idle_count",
    "offers",
    "page",
    "profile",
    "sheet",
    "story",
]

STATUSES: Final = tuple(one.value for one in SeatStatus)


@dataclass(frozen=True, slots=True)
class History:
    """A member and the member's events, newest first, including those of ids before a deletion."""

    person: Person
    entries: tuple[Logged, ...]


def get(context: Context, id_: str, projection: Projection, *, seats: bool) -> Shown:
    """One person in the form of SCIM.

    Raises:
        NotFound: no person of the organization has this id.
    """
    dialect, with_groups = context.database.dialect, projection.has("groups")
    found = shown.get(context.ask, dialect, id_, with_groups=with_groups, seats=seats)
    if found is None:
        raise NotFound(f"User {id_} does not exist.")
    return found


def find(
    context: Context, query: search.Query, resource_type: ResourceType, *, seats: bool
) -> search.Page[Shown]:
    """The people who match a filter, in the order of their creation.

    Raises:
        InvalidFilter: an attribute in the filter does not exist.
    """
    compiler = Compiler(resource_type, fields.USERS, context.database.dialect, query.base_url, query.allowed)
    kind = shown.kind(context.database.single.dialect, compiler, with_groups=query.projection.has("groups"))
    if query.sort_by is None:
        rows, total, end = search.listed(context, kind, query)
    else:
        with context.read() as read:
            rows, total, end = search.sorted_page(read, compiler, query, kind.table().columns, people.count)
    return search.Page([shown.shown(row, seats=seats) for row in rows], total, end)


def page(
    context: Context,
    *,
    status: SeatStatus | None = None,
    role: str | None = None,
    unconfirmed: bool = False,
    after: str | None = None,
    limit: int = 100,
) -> Page[Person]:
    """List members in the order of their creation.

    Args:
        unconfirmed: only people who were let in from the log and whom no provider has sent since (SEATS 32).
        after: the id at which the previous page ended.

    Raises:
        UnknownPerson: no person has the id `after`.
    """
    with context.read() as read:
        last = by_id(read, after)
        found = members.members(
            read, status=status, role=role, unconfirmed=unconfirmed, after=last, limit=limit + 1
        )
    return page_of(found, limit, _id)


def chosen_page(context: Context, chosen: Chosen, *, after: int = 0, limit: int = 50) -> Page[Listed]:
    """A page of the members who match, in the order of creation.

    Args:
        after: the sequence number at which the previous page ended. The person may be deleted meanwhile.
    """
    return page_of(
        directory.chunk(context, chosen, after, limit + 1), limit, lambda one: str(one.person.sequence)
    )


def id_of(context: Context, name: str) -> str:
    """The id of the person with the given id or userName. A part of a name is not enough.

    Raises:
        UnknownPerson: no person has this id or userName.
    """
    with context.read() as read:
        return exactly(read, name).id


def sheet(context: Context, chosen: Chosen, *, order: Order = Order.NEWEST, number: int = 1) -> Sheet[Listed]:
    """A numbered page of the members who match, with the number of all of them."""
    return directory.sheet(context, chosen, order, number)


def everyone(context: Context, chosen: Chosen) -> Iterator[Listed]:
    """All members who match, in the order of creation, read in chunks."""
    return directory.everyone(context, chosen)


def profile(context: Context, person: str) -> Profile:
    """The member with the given id, with everything that decides about seat and role.

    Raises:
        UnknownPerson: no person of the organization has this id.
    """
    return directory.profile(context, person)


def offers(found: Profile, tiers: Sequence[str], acting: Role) -> Offers:
    """What a person with a role may do with a member of an organization with these tiers."""
    return directory.offers(found, tiers, acting)


def story(context: Context, person: str, *, number: int = 1) -> Sheet[Logged]:
    """A numbered page of the events about the member with the given id, newest first.

    Raises:
        UnknownPerson: no person of the organization has this id.
    """
    return directory.story(context, person, number)


def history(context: Context, name: str) -> History:
    """One member with their history.

    Raises:
        UnknownPerson, AmbiguousPerson: the name matches no person, or several people.
    """
    with context.read() as read:
        person = named(read, name)
        ids = [person.id, *former.ids_of(read, person.user_name_key)]
        slug = organizations.get(read).slug
        return History(person, tuple(Logged.of(slug, one) for one in events.of_people(read, ids)))


def entitlements(context: Context, ids: Sequence[str]) -> dict[str, Answer]:
    """The present entitlements of people, by id. Ids that no person has are missing."""
    return sign_in.entitlements_of(context, ids)


def entitlement(context: Context, person: str) -> Answer | None:
    """The present entitlement of the person with the given id; None if no person has the id."""
    return sign_in.entitlement(context, person)


def user_names(context: Context, names: Sequence[str]) -> tuple[str, ...]:
    """The userNames of people, each given by id, userName, or a part of a name that only one person has.

    Raises:
        UnknownPerson, AmbiguousPerson: a text means no person, or several.
    """
    with context.read() as read:
        return tuple(named(read, name).user_name for name in names)


def acting_owner(context: Context, name: str) -> Person:
    """The Owner with access who has the given id or userName, for whom the vendor's app acts.

    Raises:
        UnknownPerson: no person has this id or userName.
        RoleTooLow: the person is not an Owner, or has no access.
    """
    with context.read() as read:
        person = exactly(read, name)
    if not Role(person.role).owns or not person.active or person.tier is None:
        raise RoleTooLow(f"{person.user_name} is not an Owner with access")
    return person


def access_open_count(context: Context) -> int:
    """How many people were deprovisioned some minutes ago and have access in the app, as far as it says.

    An app that never acknowledged an end of access is not expected to do so.
    """
    with context.read() as read:
        return access_ended.count_open(read, timestamp(context.database.now() - WITHIN))


def idle_count(context: Context) -> IdleCount:
    """How many people `idle` lists; in a large organization, how many it listed at the last daily work."""
    return idle_seats.count(context)


def idle(
    context: Context, *, days: int = IDLE_DAYS, after: str | None = None, limit: int = 100
) -> Page[Idle]:
    """People with a seat who have not signed in for the given number of days, in the order of their creation.

    Raises:
        UnknownPerson: no person has the id `after`.
    """
    until = timestamp(context.database.now() - timedelta(days=days))
    with context.read() as read:
        found = usage.idle(read, until, after=by_id(read, after), limit=limit + 1)
    return page_of(found, limit, lambda one: one.person.id)


def drift(context: Context, since: date, *, after: str | None = None, limit: int = 100) -> Page[Person]:
    """Active people that no provider has sent since the beginning of a day (UTC), in order of creation.

    The time when a provider last sent a person is stored to within a day. If a person may have been sent
    since, the person is not listed.

    Raises:
        UnknownPerson: no person has the id `after`.
    """
    with context.read() as read:
        last = directory.last_untouched(since)
        found = usage.untouched(read, last, after=by_id(read, after), limit=limit + 1)
    return page_of(found, limit, _id)


def _id(person: Person) -> str:
    return person.id
