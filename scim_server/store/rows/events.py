"""The history. Every change of state is one event; the numbers of an organization's events have no gaps.

The history is the provisioning log, the ledger of seats and the audit log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, insert, select

from scim_server.history import (
    Event,
    Manual,
    PersonDeprovisioned,
    PersonDismissed,
    PersonMoved,
    PersonPromoted,
    PersonProvisioned,
    PersonQueued,
    PersonRejected,
    PersonRestored,
    PersonTierRefused,
    PersonUnassigned,
    SeatDeltas,
    parse,
)
from scim_server.history.people import FAMILY
from scim_server.store.database.compiled import Compiled
from scim_server.store.database.session import Read, Write
from scim_server.store.tables import events, refusals
from seat_policy.ways_in import WayIn

_MOST: Final = 5_000
"""How many people one statement may have; every driver allows that many parameters."""

__all__ = ["Entry", "SeatDeltas", "append", "append_all", "last_of_each", "log", "newest", "of_people", "row"]

_APPEND_MANY: Final = insert(events)
_APPEND: Final = Compiled(
    insert(events).values(
        {column.name: bindparam(column.name) for column in events.c if column.name != "organization"}
        | {"organization": bindparam("org")}
    )
)


def append(write: Write, event: Event, number: int | None = None) -> int:
    """Append one event and return its number.

    Args:
        number: a number reserved for the event; None for the next number.
    """
    number = write.reserve() if number is None else number
    write.consume(number)
    write.change(_APPEND, row(write, event) | {"sequence": number})
    return number


def append_all(write: Write, listed: Sequence[Event]) -> Sequence[int]:
    """Append many events with the next numbers, and return the numbers."""
    first = write.reserve(len(listed))
    numbers = range(first, first + len(listed))
    append_numbered(write, list(zip(numbers, listed, strict=True)))
    return numbers


def append_numbered(write: Write, listed: Sequence[tuple[int, Event]]) -> None:
    """Append many events, each with its reserved number."""
    for number, _ in listed:
        write.consume(number)
    if listed:
        rows = [row(write, event) | {"sequence": number} for number, event in listed]
        write.connection.execute(_APPEND_MANY, rows)


def row(write: Write, event: Event) -> dict[str, Any]:
    """The columns of an event, without its number."""
    return {
        "organization": write.organization,
        "at": write.at,
        "type": event.type,
        "way_in": write.actor.way_in,
        "actor": write.actor.name,
        "request_id": write.actor.request_id,
        "person": event.person,
        "group_id": event.group,
        "reason": event.reason,
        "status": event.status,
        "seats": {tier: list(delta) for tier, delta in event.seats.items()},
        "payload": event.payload,
        "personal": None if event.personal is None else dict(event.personal),
    }


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the provisioning log: an event about a person, with the attempts of a refusal.

    Attributes:
        user_name: the userName; None after it was erased.
        attempts: the number of attempts of a refusal; 1 for other entries.
        last_attempt: the time of the last attempt.
        closed: when a refused person was let in, dismissed or deleted; None for an open refusal and for other
            entries.
        closed_by: the type of the event that closed the refusal; None if no event recorded that.
        details: the payload of the event; its type defines the fields.
        document: the values of a refused create, as JSON text; None for other entries.
    """

    sequence: int
    at: str
    type: str
    person: str | None
    user_name: str | None
    actor: str
    way_in: WayIn
    reason: str | None
    status: int | None
    request_id: str | None
    seats: Mapping[str, list[int]]
    attempts: int
    last_attempt: str
    detail: str | None
    closed: str | None
    closed_by: str | None
    details: Mapping[str, Any]
    document: str | None = None

    @property
    def override(self) -> bool:
        """Whether an admin caused the event without regard to the queue (SEATS 29, 30)."""
        return isinstance(self.event, Manual) and self.event.override

    @property
    def event(self) -> Event:
        """The event as an object of its class, without the envelope, which is in this entry."""
        return parse(self.type, self.details)

    @property
    def outcome(self) -> str:
        """The outcome for the person, which is the type without the prefix."""
        return self.type.removeprefix(FAMILY)

    @property
    def is_open(self) -> bool:
        """Whether the entry is an open refusal."""
        return self.type == PersonRejected.type and self.closed is None


_CLOSING: Final = events.alias("closing")
# A change of groups may close an entry without appending an event. The number is then that of an earlier
# event.
_CLOSES: Final = (
    (_CLOSING.c.organization == refusals.c.organization)
    & (_CLOSING.c.sequence == refusals.c.closed_by)
    & (_CLOSING.c.at == refusals.c.closed)
)

_LOG: Final = (
    select(
        events.c.sequence,
        events.c.at,
        events.c.type,
        events.c.person,
        events.c.personal,
        events.c.actor,
        events.c.way_in,
        events.c.reason,
        events.c.status,
        events.c.request_id,
        events.c.seats,
        refusals.c.attempts,
        refusals.c.last_attempt,
        refusals.c.detail,
        refusals.c.document,
        refusals.c.closed,
        _CLOSING.c.type.label("closed_by"),
        events.c.payload,
    )
    .select_from(
        events.outerjoin(
            refusals,
            (refusals.c.organization == events.c.organization) & (refusals.c.sequence == events.c.sequence),
        ).outerjoin(_CLOSING, _CLOSES)
    )
    .where(events.c.organization == bindparam("org"))
    .order_by(events.c.sequence.desc())
    .limit(bindparam("most"))
)


def log(
    read: Read,
    *,
    type_: str | None = None,
    since: str | None = None,
    before: int | None = None,
    only_open: bool = False,
    limit: int = 100,
) -> list[Entry]:
    """Entries of the provisioning log, newest first.

    Args:
        type_: only events of this type; None for all events about people.
        since: only events that happened, or attempts that were made, at or after this time.
        before: only events with a smaller number, which gives the next page.
        only_open: only open refusals.
        limit: the maximum number of entries.
    """
    query = _LOG
    query = query.where(events.c.type == type_ if type_ else events.c.type.like(f"{FAMILY}%"))
    if since is not None:
        query = query.where((events.c.at >= since) | (refusals.c.last_attempt >= since))
    if before is not None:
        query = query.where(events.c.sequence < before)
    if only_open:
        query = query.where(refusals.c.sequence.is_not(None) & refusals.c.closed.is_(None))
    return _entries(read, query, limit)


def of_people(read: Read, ids: Sequence[str], *, limit: int = 1000) -> list[Entry]:
    """Events about people, newest first."""
    return _entries(read, _LOG.where(events.c.person.in_(ids)), limit)


def story_of(
    read: Read, ids: Sequence[str], refused: Sequence[int], offset: int, limit: int
) -> tuple[list[Entry], int]:
    """A part of the events about a person, newest first, and how many events there are.

    Args:
        ids: the present and the earlier ids of the person.
        refused: the numbers of events about refusals of the userName. Those of a refused create have no
            person.
    """
    theirs: ColumnElement[bool] = events.c.person.in_(ids)
    if refused:
        theirs |= events.c.person.is_(None) & events.c.sequence.in_(refused)
    total = select(func.count()).where(events.c.organization == read.organization, theirs)
    found = _entries(read, _LOG.where(theirs).offset(offset), limit)
    return found, int(read.connection.execute(total).scalar_one())


def of_refusals(read: Read, numbers: Sequence[int]) -> list[Entry]:
    """The events that opened these refusals, and those that dismissed or closed them, newest first."""
    closing = select(refusals.c.closed_by).where(
        refusals.c.organization == read.organization, refusals.c.sequence.in_(numbers)
    )
    theirs = events.c.sequence.in_(numbers) | events.c.sequence.in_(closing)
    return _entries(read, _LOG.where(theirs), 2 * len(numbers))


@dataclass(frozen=True, slots=True)
class Promoted:
    """A person who left the queue for a seat.

    Attributes:
        tier: the tier of the seat that the person got.
        left: the tier of the seat that the person had before; None if the person had no seat.
    """

    person: str
    user_name: str | None
    tier: str | None
    left: str | None = None


def promoted_since(read: Read, sequence: int) -> tuple[Promoted, ...]:
    """The people who left the queue for a seat after the event with this number, in order."""
    query = select(events.c.person, events.c.personal, events.c.seats).where(
        events.c.organization == read.organization,
        events.c.sequence > sequence,
        events.c.type == PersonPromoted.type,
    )
    return tuple(
        Promoted(row.person, (row.personal or {}).get("userName"), _with(1, row.seats), _with(-1, row.seats))
        for row in read.connection.execute(query.order_by(events.c.sequence))
    )


@dataclass(frozen=True, slots=True)
class TierRefused:
    """A person with a seat was refused the tier that a group gives, and still has the same seat."""

    sequence: int
    person: str
    wants: str
    way_in: WayIn
    at: str


_END_TIER_REFUSAL: Final = (
    PersonDismissed.type,
    PersonQueued.type,
    PersonProvisioned.type,
    PersonMoved.type,
    PersonPromoted.type,
    PersonUnassigned.type,
    PersonDeprovisioned.type,
    PersonRestored.type,
    PersonTierRefused.type,
)


def tiers_refused(read: Read, sequence: int | None = None) -> list[TierRefused]:
    """The last such refusal of each person, oldest first, unless it was dismissed.

    Args:
        sequence: only the refusal with this number; None for all.
    """
    later = events.alias("later")
    query = (
        select(events.c.sequence, events.c.person, events.c.payload, events.c.way_in, events.c.at)
        .where(
            events.c.organization == read.organization,
            events.c.type == PersonTierRefused.type,
            ~exists().where(
                later.c.organization == events.c.organization,
                later.c.person == events.c.person,
                later.c.type.in_(_END_TIER_REFUSAL),
                later.c.sequence > events.c.sequence,
            ),
        )
        .order_by(events.c.sequence)
    )
    if sequence is not None:
        query = query.where(events.c.sequence == sequence)
    return [
        TierRefused(row.sequence, row.person, row.payload["wants"], WayIn(row.way_in), row.at)
        for row in read.connection.execute(query)
    ]


def _with(change: int, seats: Mapping[str, list[int]]) -> str | None:
    """The tier of which so many more seats are assigned."""
    return next((tier for tier, (_, assigned, _) in seats.items() if assigned == change), None)


def newest(read: Read, person: str, types: Sequence[type[Event]]) -> Event | None:
    """The last event of a person with one of these types, without its envelope."""
    query = select(events.c.type, events.c.payload).where(
        events.c.organization == read.organization,
        events.c.person == person,
        events.c.type.in_([one.type for one in types]),
    )
    row = read.connection.execute(query.order_by(events.c.sequence.desc()).limit(1)).first()
    return None if row is None else parse(row.type, row.payload)


def last_of_each(
    read: Read, ids: Sequence[str], types: Sequence[type[Event]], since: str
) -> dict[str, Event]:
    """The last event with one of these types since a time, for each person, without its envelope."""
    found: dict[str, Event] = {}
    for start in range(0, len(ids), _MOST):
        query = (
            select(events.c.person, events.c.type, events.c.payload)
            .where(
                events.c.organization == read.organization,
                events.c.person.in_(ids[start : start + _MOST]),
                events.c.type.in_([one.type for one in types]),
                events.c.at >= since,
            )
            .order_by(events.c.sequence)
        )
        rows = read.connection.execute(query)
        found.update({row.person: parse(row.type, row.payload) for row in rows})
    return found


def _entries(read: Read, query: Select[Any], limit: int) -> list[Entry]:
    rows = read.connection.execute(query, {"org": read.organization, "most": limit})
    return [
        Entry(
            sequence=row.sequence,
            at=row.at,
            type=row.type,
            person=row.person,
            user_name=(row.personal or {}).get("userName"),
            actor=row.actor,
            way_in=WayIn(row.way_in),
            reason=row.reason,
            status=row.status,
            request_id=row.request_id,
            seats=row.seats,
            attempts=row.attempts or 1,
            last_attempt=row.last_attempt or row.at,
            detail=row.detail,
            closed=row.closed,
            closed_by=row.closed_by,
            details=row.payload,
            document=row.document,
        )
        for row in rows
    ]
