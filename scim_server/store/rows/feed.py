"""The feed: the events of all organizations in one order, each with a position (decision 47).

Transactions of different organizations commit in another order than they took their numbers, so no number
that a transaction takes before its commit can be the position. Each such transaction leaves a mark (`unfed`),
which is visible from the commit on. `extend` gives positions to the events that the marks show, under one
lock.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    tuple_,
    union_all,
    update,
)

from scim_server.history import Event, parse
from scim_server.store.database.id_lists import given, is_in
from scim_server.store.rows.people import COLUMNS, Person, person_of
from scim_server.store.tables import (
    events,
    feed,
    feed_head,
    organization_clock,
    organizations,
    people,
    unfed,
)

BATCH: Final = 10_000
"""How many marks one transaction takes at most."""


@dataclass(frozen=True, slots=True)
class Appended:
    """A stored event with its place in the history and in the feed.

    Attributes:
        position: the place among the events of all organizations; 0 if the event was read from the history of
            its organization.
        organization: the organization's id.
        slug: the organization's slug.
        sequence: the number in the organization.
        personal: values of a person; empty after they were erased.
        member: the person as they are now; None if the event is about no person, or the person is deleted.
    """

    position: int
    organization: str
    slug: str
    sequence: int
    at: str
    type: str
    way_in: str
    actor: str
    request_id: str | None
    person: str | None
    group: str | None
    reason: str | None
    status: int | None
    seats: Mapping[str, Sequence[int]]
    payload: Mapping[str, Any]
    personal: Mapping[str, Any]
    member: Person | None

    @property
    def event(self) -> Event:
        """The event as an object of its class."""
        return parse(
            self.type,
            self.payload,
            person=self.person,
            group=self.group,
            reason=self.reason,
            status=self.status,
            seats={tier: (delta[0], delta[1], delta[2]) for tier, delta in self.seats.items()},
            personal=self.personal,
        )


@dataclass(frozen=True, slots=True)
class Place:
    """What identifies the event at a place, so that a cursor of a lost history is recognized."""

    organization: str
    sequence: int
    at: str


def has_marks(connection: Connection) -> bool:
    """Whether events wait for their positions."""
    return bool(connection.execute(select(exists(select(unfed.c.sequence)))).scalar_one())


def has_more(connection: Connection, position: int) -> bool:
    """Whether the feed goes on after a position, or events wait for their positions."""
    later = select(literal(1)).where(feed_head.c.position > position)
    return (
        connection.execute(
            union_all(select(literal(1)).where(exists(select(unfed.c.sequence))), later)
        ).first()
        is not None
    )


def extend(connection: Connection) -> int:
    """Give the next positions to the events that the marks show, and delete these marks.

    At most `BATCH` marks are taken. Of each organization, all events after its last event in the feed are
    taken up to the newest mark, so the order of an organization is kept, and marks may be missing or exist
    twice.

    Returns:
        How many marks were taken.
    """
    head = _lock(connection)
    newest, taken = _take_marks(connection)
    rows = []
    for organization, fed in _last_fed(connection, newest):
        if newest[organization] > fed:
            head += newest[organization] - fed
            rows.append(
                {
                    "position": head,
                    "organization": organization,
                    "first": fed + 1,
                    "last": newest[organization],
                }
            )
    if rows:
        connection.execute(insert(feed), rows)
        connection.execute(update(feed_head).values(position=head))
    return taken


def _lock(connection: Connection) -> int:
    """Lock the feed, and return the last position. On SQLite, the transaction is the only one that writes."""
    return int(connection.execute(select(feed_head.c.position).with_for_update()).scalar_one())


def _take_marks(connection: Connection) -> tuple[dict[str, int], int]:
    """Delete the oldest marks of each organization; return the newest of them by organization."""
    key = tuple_(unfed.c.organization, unfed.c.sequence)
    oldest = select(unfed.c.organization, unfed.c.sequence).order_by(unfed.c.organization, unfed.c.sequence)
    taken = (
        delete(unfed).where(key.in_(oldest.limit(BATCH))).returning(unfed.c.organization, unfed.c.sequence)
    )
    newest: dict[str, int] = {}
    marks = connection.execute(taken).all()
    for organization, sequence in marks:
        newest[organization] = max(sequence, newest.get(organization, 0))
    return newest, len(marks)


def _last_fed(connection: Connection, ids: Iterable[str]) -> list[tuple[str, int]]:
    """The last event in the feed of each of these organizations; 0 if there is none."""
    wanted = given(ids).subquery()
    last = select(func.max(feed.c.last)).where(feed.c.organization == wanted.c.value).scalar_subquery()
    rows = connection.execute(select(wanted.c.value, func.coalesce(last, 0)).order_by(wanted.c.value))
    return [(organization, int(fed)) for organization, fed in rows]


def behind(connection: Connection) -> list[tuple[str, int]]:
    """The organizations with events that are neither in the feed nor marked, with their last event.

    A version of the program that knows no marks may have appended these events.
    """
    clock = organization_clock.c
    last = select(func.max(feed.c.last)).where(feed.c.organization == clock.organization).scalar_subquery()
    marked = exists().where(unfed.c.organization == clock.organization, unfed.c.sequence >= clock.sequence)
    query = select(clock.organization, clock.sequence).where(clock.sequence > func.coalesce(last, 0), ~marked)
    return [(organization, int(sequence)) for organization, sequence in connection.execute(query)]


def mark_behind(connection: Connection) -> int:
    """Mark these organizations, and return how many there are."""
    _lock(connection)
    rows = behind(connection)
    if rows:
        marks = [{"organization": organization, "sequence": sequence} for organization, sequence in rows]
        connection.execute(insert(unfed), marks)
    return len(rows)


def head(connection: Connection) -> int:
    """The last position that was given."""
    return int(connection.execute(select(feed_head.c.position)).scalar_one())


def last_number(connection: Connection, organization: str) -> int:
    """The number of the last event of an organization."""
    query = select(organization_clock.c.sequence).where(organization_clock.c.organization == organization)
    return int(connection.execute(query).scalar_one())


def place(connection: Connection, position: int) -> Place | None:
    """What is at a position; None if the organization of that event was deleted."""
    sequence = feed.c.last - feed.c.position + position
    found = (
        select(events.c.organization, events.c.sequence, events.c.at)
        .join_from(
            feed, events, and_(events.c.organization == feed.c.organization, events.c.sequence == sequence)
        )
        .where(feed.c.position >= position, sequence >= feed.c.first)
        .order_by(feed.c.position)
        .limit(1)
    )
    row = connection.execute(found).first()
    return None if row is None else Place(*row)


def place_in(connection: Connection, organization: str, sequence: int) -> Place | None:
    """The event of an organization with a number; None if there is none."""
    found = select(events.c.organization, events.c.sequence, events.c.at).where(
        events.c.organization == organization, events.c.sequence == sequence
    )
    row = connection.execute(found).first()
    return None if row is None else Place(*row)


_EVENT: Final = (
    events.c.organization,
    organizations.c.slug,
    events.c.sequence,
    events.c.at,
    events.c.type,
    events.c.way_in,
    events.c.actor,
    events.c.request_id,
    events.c.person,
    events.c.group_id,
    events.c.reason,
    events.c.status,
    events.c.seats,
    events.c.payload,
    events.c.personal,
    *COLUMNS,
)
_OWN: Final = len(_EVENT) - len(COLUMNS) + 1
"""How many columns of a row are the event's own, with the position."""
_MEMBER: Final = (people.c.organization == events.c.organization) & (people.c.id == events.c.person)


def between(
    connection: Connection, after: int, through: int, types: Sequence[str], limit: int
) -> list[Appended]:
    """The events at the positions after one and up to another, in order.

    Args:
        types: only events of these types.
        limit: the maximum number of events.
    """
    rows = select(feed).where(feed.c.position > after).order_by(feed.c.position).limit(through - after)
    part = rows.subquery("part")
    before = part.c.last - part.c.position  # the number of an event, less its position
    lowest = case((part.c.first > before + after, part.c.first), else_=before + after + 1)
    position = (events.c.sequence - before).label("position")
    query = (
        select(position, *_EVENT)
        .join_from(
            part,
            events,
            and_(
                events.c.organization == part.c.organization,
                events.c.sequence >= lowest,
                events.c.sequence
                <= case((part.c.last > before + through, before + through), else_=part.c.last),
            ),
        )
        .join(organizations, organizations.c.id == events.c.organization)
        .outerjoin(people, _MEMBER)
        .where(_of_types())
        .order_by(part.c.position, events.c.sequence)
        .limit(limit)
    )
    return [_appended(row) for row in connection.execute(query, {"types": types})]


def of_organization(
    connection: Connection, organization: str, after: int, through: int, types: Sequence[str], limit: int
) -> list[Appended]:
    """The events of an organization with the numbers after one and up to another, in order."""
    query = (
        select(literal(0).label("position"), *_EVENT)
        .join_from(events, organizations, organizations.c.id == events.c.organization)
        .outerjoin(people, _MEMBER)
        .where(
            events.c.organization == organization,
            events.c.sequence > after,
            events.c.sequence <= through,
            _of_types(),
        )
        .order_by(events.c.sequence)
        .limit(limit)
    )
    return [_appended(row) for row in connection.execute(query, {"types": types})]


def numbered(connection: Connection, organization: str, numbers: Sequence[int]) -> list[Appended]:
    """The events of an organization with these numbers, in order."""
    query = (
        select(literal(0).label("position"), *_EVENT)
        .join_from(events, organizations, organizations.c.id == events.c.organization)
        .outerjoin(people, _MEMBER)
        .where(events.c.organization == organization, events.c.sequence.in_(numbers))
        .order_by(events.c.sequence)
    )
    return [_appended(row) for row in connection.execute(query)]


def first_since(connection: Connection, organization: str, at: str) -> int | None:
    """The number of the first event of an organization at or after a time; None if there is none."""
    query = select(func.min(events.c.sequence)).where(
        events.c.organization == organization, events.c.at >= at
    )
    found = connection.execute(query).scalar_one()
    return None if found is None else int(found)


def _of_types() -> ColumnElement[bool]:
    # The function keeps the index of types from being used instead of the order of the numbers.
    return is_in(func.coalesce(events.c.type, ""), "types")


def _appended(row: Any) -> Appended:  # noqa: ANN401 - a row of the query
    member = row[_OWN:]
    present = None if member[0] is None else person_of(member)
    values = [*row[: _OWN - 1], row[_OWN - 1] or {}, present]
    return Appended(*values)
