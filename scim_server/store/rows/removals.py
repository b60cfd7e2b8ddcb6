"""People whose access a provider ended, with one row each time, and mass removals (SEATS 34).

A row outside a mass removal is needed only while more removals may follow. A later removal or the daily
housekeeping deletes it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from scim_server.store.database.compiled import Compiled
from scim_server.store.database.session import Read, Write
from scim_server.store.rows import organizations
from scim_server.store.rows.people import seat_of
from scim_server.store.tables import departures, people, removals
from seat_policy.seat_state import SeatState


class RemovalState(StrEnum):
    """Whether a mass removal waits for an Owner's decision, and which decision ended it."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class RemovedPerson:
    """A person whose access a provider ended. It is a row of the table `departures`.

    Attributes:
        sequence: the number of the event that ended the access.
        deleted: the values from which a deleted person is restored, as JSON; None for a deactivated person.
        removal: the mass removal of the person.
        held: the tier of the seat that is held for the person.
        seat: what the person had.
    """

    sequence: int
    person: str
    user_name: str
    user_name_key: str
    at: str
    deleted: str | None
    removal: int | None
    held: str | None
    seat: SeatState

    @property
    def tier(self) -> str | None:
        """The tier of the seat that the person had."""
        return self.seat.tier

    @property
    def wants(self) -> str | None:
        """The tier that the person waited for, or `any`."""
        return self.seat.wants


@dataclass(frozen=True, slots=True)
class Removal:
    """A mass removal: so many people were removed at once that it may be a mistake.

    Attributes:
        id: the number of the event that detected the mass removal.
        members: how many people had access before.
        holds: whether the seats of the removed people are held.
        closed: when the mass removal was confirmed or restored.
    """

    id: int
    at: str
    members: int
    holds: bool
    state: RemovalState
    closed: str | None


@dataclass(frozen=True, slots=True)
class LastRemoved:
    """The person who was removed last, with the mass removal, if there is one.

    Attributes:
        lately: how many people were removed since a time and belong to no mass removal.
    """

    at: str
    removal: int | None
    holds: bool
    state: RemovalState | None
    lately: int


_OWN: Final = tuple(name for name in RemovedPerson.__dataclass_fields__ if name != "seat")
_SEAT: Final = tuple(SeatState.__dataclass_fields__)
_FIELDS: Final = (*_OWN, *_SEAT)
_COLUMNS: Final = tuple(departures.c[name] for name in _FIELDS)
_HERE: Final = departures.c.organization == bindparam("org")
_lately: Final = departures.alias("lately")
_LATELY: Final = (
    select(func.count())
    .select_from(_lately)
    .where(
        _lately.c.organization == bindparam("org"),
        _lately.c.removal.is_(None),
        _lately.c.at >= bindparam("since"),
    )
    .scalar_subquery()
)
_LATEST: Final = Compiled(
    select(
        departures.c.at,
        departures.c.removal,
        func.coalesce(removals.c.holds, False),
        removals.c.state,
        _LATELY,
    )
    .outerjoin(
        removals,
        (removals.c.organization == departures.c.organization) & (removals.c.id == departures.c.removal),
    )
    .where(_HERE)
    .order_by(departures.c.sequence.desc())
    .limit(1)
)
_ADD: Final = Compiled(
    insert(departures).values(
        {name: bindparam(name) for name in _FIELDS} | {"organization": bindparam("org")}
    )
)
_HELD_FOR_PERSON: Final = Compiled(
    select(*_COLUMNS).where(_HERE, departures.c.held.is_not(None), departures.c.person == bindparam("person"))
)
_HELD_FOR_NAME: Final = Compiled(
    select(*_COLUMNS).where(
        _HERE,
        departures.c.held.is_not(None),
        departures.c.deleted.is_not(None),
        departures.c.user_name_key == bindparam("key"),
    )
)
_REMOVALS: Final = tuple(removals.c[name] for name in Removal.__dataclass_fields__)


def latest(read: Read, since: str) -> LastRemoved | None:
    """The person who was removed last; None if nobody was removed."""
    row = read.first(_LATEST, {"since": since})
    if row is None:
        return None
    at, removal, holds, state, lately = row
    return LastRemoved(at, removal, holds, None if state is None else RemovalState(state), lately)


def add(write: Write, removed: RemovedPerson) -> None:
    """Insert a removed person."""
    values: dict[str, Any] = {name: getattr(removed, name) for name in _OWN}
    values |= {name: getattr(removed.seat, name) for name in _SEAT}
    write.change(_ADD, values)
    if removed.held is not None:
        organizations.forget(write)


def store_values(write: Write, person: str, deleted: str) -> None:
    """Store the values of a removed person who is now deleted, so that they can be restored."""
    write.connection.execute(
        update(departures).where(*_of(write), departures.c.person == person).values(deleted=deleted)
    )


def count_away(read: Read, since: str) -> int:
    """How many people were removed since a time, belong to no mass removal, and are not back."""
    query = select(func.count(departures.c.user_name_key.distinct()))
    return int(read.connection.execute(query.where(*_ungrouped(read, since), ~_is_back())).scalar_one())


def open_removal(write: Write, removal: Removal, since: str) -> None:
    """Begin a mass removal with the people who were removed since a time and are not back."""
    values = {name: getattr(removal, name) for name in Removal.__dataclass_fields__}
    write.connection.execute(insert(removals).values(values | {"organization": write.organization}))
    gathered = update(departures).where(*_ungrouped(write, since), ~_is_back(), *_last_of_each(write))
    write.connection.execute(gathered.values(removal=removal.id))


def hold(write: Write, removal: int, tier: str, most: int) -> int:
    """Hold seats of a tier for the first people in a mass removal who had one; return how many."""
    first = (
        select(departures.c.sequence)
        .where(
            *_of(write),
            departures.c.removal == removal,
            departures.c.tier == tier,
            departures.c.held.is_(None),
        )
        .order_by(departures.c.sequence)
        .limit(most)
    )
    held = update(departures).where(*_of(write), departures.c.sequence.in_(first)).values(held=tier)
    return write.connection.execute(held).rowcount


def held_for(read: Read, person: str, user_name_key: str) -> RemovedPerson | None:
    """The removed person with a held seat, found by id, or by name if the person was deleted."""
    row = read.first(_HELD_FOR_PERSON, {"person": person})
    if row is None:
        row = read.first(_HELD_FOR_NAME, {"key": user_name_key})
    return _removed_person(row) if row else None


def holding(read: Read) -> list[RemovedPerson]:
    """All people for whom a seat is held, in the order of their removal."""
    query = select(*_COLUMNS).where(_HERE, departures.c.held.is_not(None)).order_by(departures.c.sequence)
    return [_removed_person(row) for row in read.connection.execute(query, {"org": read.organization})]


def end_hold(write: Write, sequence: int) -> None:
    """End the hold of one removed person."""
    write.connection.execute(
        update(departures).where(*_of(write), departures.c.sequence == sequence).values(held=None)
    )


def close(write: Write, removal: int, state: RemovalState) -> Counter[str]:
    """Close a mass removal; delete its holds and stored values; return the held seats by tier."""
    here = (*_of(write), departures.c.removal == removal)
    held = select(departures.c.held, func.count()).where(*here, departures.c.held.is_not(None))
    freed = Counter({row[0]: row[1] for row in write.connection.execute(held.group_by("held"))})
    write.connection.execute(update(departures).where(*here).values(held=None, deleted=None))
    write.connection.execute(
        update(removals)
        .where(removals.c.organization == write.organization, removals.c.id == removal)
        .values(state=state.value, closed=write.at)
    )
    return freed


def get(read: Read, removal: int) -> Removal | None:
    """The mass removal with this id."""
    row = read.connection.execute(_removals(read).where(removals.c.id == removal)).first()
    return _removal(row) if row else None


def every(read: Read, limit: int, *, before: int | None = None) -> list[Removal]:
    """Mass removals, newest first; optionally only those before a number."""
    query = _removals(read).order_by(removals.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(removals.c.id < before)
    return [_removal(row) for row in read.connection.execute(query)]


def page(read: Read, offset: int, limit: int) -> tuple[list[Removal], int]:
    """A part of the mass removals, newest first, and how many there are."""
    total = select(func.count()).select_from(removals).where(removals.c.organization == read.organization)
    query = _removals(read).order_by(removals.c.id.desc()).offset(offset).limit(limit)
    found = [_removal(row) for row in read.connection.execute(query)]
    return found, int(read.connection.execute(total).scalar_one())


def counted(read: Read, ids: Sequence[int]) -> dict[int, tuple[int, dict[str, int]]]:
    """For each of some mass removals: how many people it has, and their held seats by tier."""
    query = (
        select(departures.c.removal, departures.c.held, func.count())
        .where(*_of(read), departures.c.sequence.in_(_last_in_removal(read, departures.c.removal.in_(ids))))
        .group_by(departures.c.removal, departures.c.held)
    )
    found: dict[int, tuple[int, dict[str, int]]] = {id_: (0, {}) for id_ in ids}
    for removal, held, count in read.connection.execute(query):
        before, by_tier = found[removal]
        found[removal] = (before + count, by_tier if held is None else {**by_tier, held: count})
    return found


def part_of(read: Read, removal: int, offset: int, limit: int) -> list[RemovedPerson]:
    """A part of `people_of`."""
    last = _last_in_removal(read, departures.c.removal == removal)
    query = select(*_COLUMNS).where(*_of(read), departures.c.sequence.in_(last))
    rows = read.connection.execute(query.order_by(departures.c.sequence).offset(offset).limit(limit))
    return [_removed_person(row) for row in rows]


def _last_in_removal(read: Read, condition: ColumnElement[bool]) -> Select[Any]:
    """The rows of `people_of`: of those with one id, and then of those with one name, only the last."""
    here = departures.c.organization == read.organization
    by_id = select(func.max(departures.c.sequence)).where(here, condition)
    by_id = by_id.group_by(departures.c.removal, departures.c.person)
    by_name = select(func.max(departures.c.sequence)).where(here, departures.c.sequence.in_(by_id))
    return by_name.group_by(departures.c.removal, departures.c.user_name_key)


def people_of(read: Read, removal: int) -> list[RemovedPerson]:
    """The people of a mass removal, in the order of their removal.

    A person may have several rows with one id, or with one name after being deleted, created again and
    deleted again. Only the last row counts.
    """
    query = select(*_COLUMNS).where(*_of(read), departures.c.removal == removal)
    rows = [_removed_person(row) for row in read.connection.execute(query.order_by(departures.c.sequence))]
    last = {row.person: row for row in rows}
    last = {row.user_name_key: row for row in sorted(last.values(), key=lambda row: row.sequence)}
    return sorted(last.values(), key=lambda row: row.sequence)


def forget_ungrouped(write: Write, before: str) -> None:
    """Delete rows outside mass removals that are too old to become part of one."""
    ungrouped = departures.c.removal.is_(None) & (departures.c.at < before)
    write.connection.execute(delete(departures).where(*_of(write), ungrouped))


def forget_values(write: Write, before: str) -> None:
    """Delete the values of deleted people in mass removals that began before a time."""
    old = select(removals.c.id).where(removals.c.organization == write.organization, removals.c.at < before)
    stale = departures.c.deleted.is_not(None) & departures.c.removal.in_(old)
    write.connection.execute(update(departures).where(*_of(write), stale).values(deleted=None))


def _of(read: Read) -> Sequence[ColumnElement[bool]]:
    return (departures.c.organization == read.organization,)


def _ungrouped(read: Read, since: str) -> Sequence[ColumnElement[bool]]:
    return (*_of(read), departures.c.removal.is_(None), departures.c.at >= since)


def _is_back() -> ColumnElement[bool]:
    """Whether an active person has the id or the name.

    There are two queries, as one index cannot serve both.
    """
    here = (people.c.organization == departures.c.organization) & people.c.active
    return or_(
        *(
            exists(select(literal(1)).where(here, same))
            for same in (
                people.c.id == departures.c.person,
                people.c.user_name_key == departures.c.user_name_key,
            )
        )
    )


def _last_of_each(write: Write) -> Sequence[ColumnElement[bool]]:
    """Count a person only once: of several rows with one id or one name, only the last counts."""
    later = departures.alias("later")
    return tuple(
        departures.c.sequence.in_(
            select(func.max(later.c.sequence))
            .where(later.c.organization == write.organization, later.c.removal.is_(None))
            .group_by(later.c[column])
        )
        for column in ("person", "user_name_key")
    )


def _removed_person(row: Sequence[Any]) -> RemovedPerson:
    return RemovedPerson(*[*row[: len(_OWN)], seat_of(row[len(_OWN) :])])


def _removal(row: Sequence[Any]) -> Removal:
    id_, at, members, holds, state, closed = row
    return Removal(id_, at, members, holds, RemovalState(state), closed)


def _removals(read: Read) -> Select[Any]:
    return select(*_REMOVALS).where(removals.c.organization == read.organization)
