"""Lists and counts of members, by status, by role, and in the queue."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from scim_server.protocol.seat_status import SeatStatus
from scim_server.store.database.session import Read
from scim_server.store.rows.people import COLUMNS, MOST_IDS, Person, person_of, with_ids
from scim_server.store.tables import OWNS, people
from seat_policy.roles import Role
from seat_policy.shortfall import LeftOut
from seat_policy.simulation import Place
from seat_policy.ways_in import WayIn


def of_ids(read: Read, ids: Iterable[str]) -> list[Person]:
    """The people with these ids, in the order of creation."""
    listed, found = list(ids), []
    for start in range(0, len(listed), MOST_IDS):
        found += with_ids(read, listed[start : start + MOST_IDS])
    return sorted(found, key=lambda person: person.sequence)


def seated_and_waiting(read: Read) -> list[Person]:
    """People with a seat of one tier who wait for another tier, in the order of creation."""
    query = (
        select(*COLUMNS)
        .where(
            people.c.organization == read.organization,
            people.c.wants.is_not(None),
            people.c.tier.is_not(None),
        )
        .order_by(people.c.priority, people.c.arrival)
    )
    return [person_of(row) for row in read.connection.execute(query)]


def by_way_in(read: Read) -> dict[WayIn, int]:
    """How many people became members in each way."""
    query = (
        select(people.c.way_in, func.count())
        .where(people.c.organization == read.organization)
        .group_by(people.c.way_in)
        .order_by(people.c.way_in)
    )
    return {WayIn(row[0]): row[1] for row in read.connection.execute(query)}


STATUSES: Final = {
    SeatStatus.SEATED: people.c.tier.is_not(None),
    SeatStatus.WAITING: people.c.wants.is_not(None) & people.c.tier.is_(None),
    SeatStatus.NONE: people.c.active & people.c.tier.is_(None) & people.c.wants.is_(None),
    SeatStatus.INACTIVE: ~people.c.active,
}


def members(
    read: Read,
    *,
    status: SeatStatus | None,
    role: str | None,
    unconfirmed: bool,
    after: Person | None,
    limit: int,
) -> list[Person]:
    """People in the order of creation, with an optional status and role."""
    query = select(*COLUMNS).where(people.c.organization == read.organization)
    if status is not None:
        query = query.where(STATUSES[status])
    if role is not None:
        query = query.where(people.c.role == role)
    if unconfirmed:
        query = query.where(people.c.unconfirmed.is_not(None))
    if after is not None:
        query = query.where(people.c.sequence > after.sequence)
    rows = read.connection.execute(query.order_by(people.c.sequence).limit(limit))
    return [person_of(row) for row in rows]


def containing(read: Read, part: str) -> list[Person]:
    """People in whose names or other values a text occurs."""
    query = select(*COLUMNS).where(
        people.c.organization == read.organization,
        people.c.user_name_key.contains(part, autoescape=True)
        | people.c.display_name_key.contains(part, autoescape=True)
        | people.c.document.icontains(part.split(maxsplit=1)[0], autoescape=True),
    )
    return [person_of(row) for row in read.connection.execute(query.order_by(people.c.sequence))]


def primary_owner(read: Read) -> Person | None:
    """The Primary Owner, if there is one."""
    query = select(*COLUMNS).where(
        people.c.organization == read.organization, people.c.role == Role.PRIMARY_OWNER
    )
    row = read.connection.execute(query).first()
    return person_of(row) if row else None


def owners(read: Read) -> list[Person]:
    """The active Owners and the Primary Owner of the organization, in the order of creation."""
    # The rows are selected and sorted here, because SQLite would read all active people to find the Owners.
    query = select(*COLUMNS).where(people.c.organization == read.organization, OWNS)
    found = [person_of(row) for row in read.connection.execute(query)]
    return sorted((one for one in found if one.active), key=lambda person: person.sequence)


def places(read: Read) -> list[Place]:
    """The whole queue, in the order in which people get seats."""
    query = (
        select(people.c.priority, people.c.wants, people.c.tier, people.c.arrival)
        .where(people.c.organization == read.organization, people.c.wants.is_not(None))
        .order_by(people.c.priority, people.c.arrival)
    )
    rows = read.connection.execute(query)
    return [Place(row.priority, row.wants, row.tier, arrival=row.arrival) for row in rows]


@dataclass(frozen=True, slots=True)
class InQueue:
    """A person in the queue, with what decides about the seat.

    Attributes:
        tier: the tier of the seat that the person keeps while waiting.
    """

    id: str
    user_name: str
    wants: str
    tier: str | None
    priority: int


def in_queue(read: Read) -> list[InQueue]:
    """The whole queue, in the order in which people get seats."""
    columns = [people.c[name] for name in InQueue.__dataclass_fields__]
    query = select(*columns).where(people.c.organization == read.organization, people.c.wants.is_not(None))
    rows = read.connection.execute(query.order_by(people.c.priority, people.c.arrival))
    return [InQueue(*row) for row in rows]


def waiting(read: Read) -> Counter[LeftOut]:
    """How many people wait, by the tier that they want and the tier of their present seat."""
    query = (
        select(people.c.wants, people.c.tier, func.count())
        .where(people.c.organization == read.organization, people.c.wants.is_not(None))
        .group_by(people.c.wants, people.c.tier)
    )
    rows = read.connection.execute(query)
    return Counter({LeftOut(wants, tier): number for wants, tier, number in rows})


def count_active(read: Read) -> int:
    """How many people are active."""
    query = select(func.count()).where(people.c.organization == read.organization, people.c.active)
    return int(read.connection.execute(query).scalar_one())


def queued(read: Read, search: str, wants: str | None, offset: int, limit: int) -> tuple[list[Person], int]:
    """A part of the queue, in its order, and how many people the whole part has.

    Args:
        search: a part of the userName or displayName, folded; empty for everybody.
        wants: the tier that the people want, or `any`; None for every tier.
    """
    here = (people.c.organization == read.organization) & people.c.wants.is_not(None)
    if wants is not None:
        here &= people.c.wants == wants
    if search:
        here &= people.c.user_name_key.contains(search, autoescape=True) | people.c.display_name_key.contains(
            search, autoescape=True
        )
    total = read.connection.execute(select(func.count()).select_from(people).where(here)).scalar_one()
    query = select(*COLUMNS).where(here).order_by(people.c.priority, people.c.arrival)
    rows = read.connection.execute(query.offset(offset).limit(limit))
    return [person_of(row) for row in rows], int(total)


def queue_after(read: Read, after: tuple[int, int] | None, limit: int) -> tuple[list[Person], int]:
    """A part of the queue, in its order, and how many people are before it.

    Args:
        after: the priority and arrival at which the part before ended; None for the first part.
    """
    here = (people.c.organization == read.organization) & people.c.wants.is_not(None)
    before, rest = 0, here
    if after is not None:
        priority, arrival = after
        later = (people.c.priority == priority) & (people.c.arrival > arrival)
        rest = here & ((people.c.priority > priority) | later)
        earlier = (
            select(func.count()).select_from(people).where(here & ~((people.c.priority > priority) | later))
        )
        before = int(read.connection.execute(earlier).scalar_one())
    query = select(*COLUMNS).where(rest).order_by(people.c.priority, people.c.arrival).limit(limit)
    return [person_of(row) for row in read.connection.execute(query)], before


def queue(read: Read, limit: int | None = None) -> list[Person]:
    """People who wait, in the order in which they get seats."""
    query = (
        select(*COLUMNS)
        .where(people.c.organization == read.organization, people.c.wants.is_not(None))
        .order_by(people.c.priority, people.c.arrival)
        .limit(limit)
    )
    return [person_of(row) for row in read.connection.execute(query)]
