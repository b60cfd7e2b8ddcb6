"""The whole history as an audit log: every event of an organization, newest first, chosen by filters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select

from scim_server.history import Event, parse
from scim_server.protocol.normalise import fold, user_name_key
from scim_server.store.database import clock
from scim_server.store.database.session import Read, timestamp
from scim_server.store.rows import former, people, refusals
from scim_server.store.tables import events
from scim_server.store.tables import people as people_table
from scim_server.store.tables import refusals as refusals_table

WINDOW: Final = 50_000
"""How many events one page searches for an actor, because no index contains the actors."""
MOST_PEOPLE: Final = 100
"""How many people a part of a name may select."""
_MOST_REFUSED: Final = 1_000
_SAMPLES: Final = 1_000
_CLOCK_ERROR: Final = timedelta(days=1)
"""How far back the clock of the server may have been set. Events are in the order of their numbers."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event of any type.

    Attributes:
        name: the userName or address of the person that the event is about; None if there is none, or after
            it was erased.
        attempts: the number of attempts of a refusal; 1 for other events.
        detail: the last answer to the provider about a refusal.
        payload: the values of the event; its type defines the fields.
    """

    sequence: int
    at: str
    type: str
    actor: str
    way_in: str
    request_id: str | None
    person: str | None
    name: str | None
    reason: str | None
    status: int | None
    seats: dict[str, list[int]]
    payload: dict[str, Any]
    attempts: int
    detail: str | None

    @property
    def event(self) -> Event:
        """The event as an object of its class, without the envelope."""
        return parse(self.type, self.payload)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters. A filter that is None admits every event.

    Attributes:
        person: the id or the userName of a person, or a part of userNames and names.
        actor: the name of the actor, exactly.
        since: the earliest time.
        until: the time after the latest one.
    """

    person: str | None = None
    actor: str | None = None
    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the log.

    Attributes:
        events: newest first.
        older: the number below which older events may follow; None at the end of the log.
        searched: whether all events of the range were searched; false if more of them follow unread.
        narrow: whether only some of the people who match were searched, because too many match.
    """

    events: tuple[Recorded, ...]
    older: int | None
    searched: bool
    narrow: bool = False


def last_number(read: Read) -> int:
    """The number of the last event, which is the number of all events."""
    return clock.read(read.connection, read.organization).sequence


def part(read: Read, wanted: Wanted, *, before: int | None, limit: int) -> Part:
    """The next events of the log, by a constant number of statements, however long the log is.

    Args:
        before: only events with smaller numbers; None for the newest.
    """
    lowest, highest = _range(read, wanted, last_number(read))
    if before is not None:
        highest = min(highest, before - 1)
    floor = lowest if wanted.actor is None else max(lowest, highest - WINDOW + 1)
    here = [
        events.c.organization == read.organization,
        events.c.sequence.between(floor, highest),
        *_conditions(wanted),
    ]
    about, narrow = _about(read, wanted.person)
    found = [one for which in about for one in _found(read, [*here, *which], limit + 1)]
    found.sort(key=lambda one: -one.sequence)
    if len(found) > limit:
        return Part(tuple(found[:limit]), found[limit - 1].sequence, searched=True, narrow=narrow)
    return Part(tuple(found), floor if floor > lowest else None, searched=floor == lowest, narrow=narrow)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.type is not None:
        # A person has few events, so the index of types must not be used instead of that of people.
        type_ = events.c.type if wanted.person is None else func.coalesce(events.c.type, "")
        found.append(type_ == wanted.type)
    if wanted.actor is not None:
        found.append(events.c.actor == wanted.actor)
    if wanted.since is not None:
        found.append(events.c.at >= timestamp(wanted.since))
    if wanted.until is not None:
        found.append(events.c.at < timestamp(wanted.until))
    return found


def _about(read: Read, name: str | None) -> tuple[list[list[ColumnElement[bool]]], bool]:
    """The conditions of one or two queries, each of which has its index; no event matches both.

    Events about a person have the present or an earlier id, or are refusals of a create, which have no id.

    Returns:
        The conditions, and whether they leave out people, because too many match.
    """
    if name is None:
        return [[]], False
    present = people.get(read, name) or people.by_key(read, user_name_key(name))
    key = user_name_key(name) if present is None else present.user_name_key
    ids = [name, *([] if present is None else [present.id]), *former.ids_of(read, key)]
    refused, narrow = refusals.numbers_of_name(read, key), False
    if present is None and len(ids) == 1 and not refused:
        ids, refused = _of_part(read, fold(name.strip()))
        narrow = len(ids) > MOST_PEOPLE or len(refused) > _MOST_REFUSED
    return [
        [events.c.person.in_(ids[:MOST_PEOPLE])],
        [events.c.person.is_(None), events.c.sequence.in_(refused[:_MOST_REFUSED])],
    ], narrow


def _of_part(read: Read, part: str) -> tuple[list[str], list[int]]:
    """The ids and the refusals of people whose userName or displayName contains a text; one more than needed.

    Args:
        part: the text, folded.
    """
    here = people_table.c.organization == read.organization
    names = (people_table.c.user_name_key, people_table.c.display_name_key)
    one, other = (column.contains(part, autoescape=True) for column in names)
    present = select(people_table.c.id).where(here, one | other).limit(MOST_PEOPLE + 1)
    ids = list(read.connection.execute(present).scalars())
    ids += former.ids_with(read, part, MOST_PEOPLE + 1)
    return ids, refusals.numbers_with(read, part, _MOST_REFUSED + 1)


def _found(read: Read, conditions: Sequence[ColumnElement[bool]], limit: int) -> list[Recorded]:
    joined = events.outerjoin(
        refusals_table,
        (refusals_table.c.organization == events.c.organization)
        & (refusals_table.c.sequence == events.c.sequence),
    )
    query = (
        select(*(column for column in events.c if column.name != "organization"))
        .add_columns(refusals_table.c.attempts, refusals_table.c.detail)
        .select_from(joined)
        .where(*conditions)
        .order_by(events.c.sequence.desc())
        .limit(limit)
    )
    return [_recorded(row) for row in read.connection.execute(query)]


def _recorded(row: Any) -> Recorded:  # noqa: ANN401 - a row of the query
    personal = row.personal or {}
    return Recorded(
        sequence=row.sequence,
        at=row.at,
        type=row.type,
        actor=row.actor,
        way_in=row.way_in,
        request_id=row.request_id,
        person=row.person,
        name=personal.get("userName") or personal.get("email"),
        reason=row.reason,
        status=row.status,
        seats=row.seats,
        payload=row.payload,
        attempts=row.attempts or 1,
        detail=row.detail,
    )


def _range(read: Read, wanted: Wanted, last: int) -> tuple[int, int]:
    """The numbers between which the events of a time range are.

    Times have no index. They rise with the numbers, except when the clock was set back, so the times of some
    numbers show where the range begins and ends.
    """
    if wanted.since is None and wanted.until is None:
        return 1, last
    step = max(last // _SAMPLES, 1)
    query = select(events.c.sequence, events.c.at).where(
        events.c.organization == read.organization, events.c.sequence.in_(range(1, last + 1, step))
    )
    sampled = read.connection.execute(query.order_by(events.c.sequence)).all()
    lowest, highest = 1, last
    if wanted.since is not None:
        early = timestamp(wanted.since - _CLOCK_ERROR)
        lowest = next((number for number, at in sampled if at >= early), last) - step
    if wanted.until is not None:
        late = timestamp(wanted.until + _CLOCK_ERROR)
        highest = next((number for number, at in reversed(sampled) if at < late), 1) + step
    return max(lowest, 1), min(highest, last)
