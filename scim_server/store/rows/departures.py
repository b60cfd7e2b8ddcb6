"""Who lost access by way of their provider, one row each time, and the removals of many (SEATS 34).

A row that belongs to no removal is of use only while others may yet leave with them: the next one that
comes later, or the daily housekeeping, forgets it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
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
    literal_column,
    or_,
    select,
    update,
)

from scim_server.store.database.compiled import Compiled
from scim_server.store.database.session import Read, Write
from scim_server.store.rows import organizations
from scim_server.store.tables import departures, people, removals

OPEN, CONFIRMED, RESTORED = "open", "confirmed", "restored"


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody who lost access.

    Attributes:
        sequence: of the event that ended it.
        tier, wants, arrival, waiting_since, unseated: what they had, as in the row of a person.
        deleted: of somebody deleted, the values that bring them back, as JSON; None of a deactivated one.
        removal: the removal of many that they left in.
        held: the tier of which a seat is held for them.
    """

    sequence: int
    person: str
    user_name: str
    user_name_key: str
    at: str
    tier: str | None
    wants: str | None
    arrival: int | None
    waiting_since: str | None
    unseated: str | None
    deleted: str | None
    removal: int | None
    held: str | None


@dataclass(frozen=True, slots=True)
class Removal:
    """So many people left at once that it may have been a mistake.

    Attributes:
        id: of the event that noticed it.
        members: how many had access before.
        holds: whether the seats of those who leave are held.
        state: `open`, `confirmed` or `restored`.
        closed: when it was confirmed or restored.
    """

    id: int
    at: str
    members: int
    holds: bool
    state: str
    closed: str | None


@dataclass(frozen=True, slots=True)
class Latest:
    """The last departure, with the removal it belongs to, if to any.

    Attributes:
        lately: how many departures since a moment belong to none.
    """

    at: str
    removal: int | None
    holds: bool
    state: str | None
    lately: int


_FIELDS: Final = tuple(Departure.__dataclass_fields__)
_COLUMNS: Final = tuple(departures.c[name] for name in _FIELDS)
_HERE: Final = departures.c.organization == bindparam("org")
_LATELY: Final = (
    select(func.count())
    .select_from(departures.alias("lately"))
    .where(
        literal_column("lately.organization") == bindparam("org"),
        literal_column("lately.removal").is_(None),
        literal_column("lately.at") >= bindparam("since"),
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


def latest(read: Read, since: str) -> Latest | None:
    """The last departure of all; None before the first."""
    row = read.first(_LATEST, {"since": since})
    return Latest(*row) if row else None


def add(write: Write, departure: Departure) -> None:
    """Insert one."""
    values: dict[str, Any] = {name: getattr(departure, name) for name in _FIELDS}
    write.change(_ADD, values)
    if departure.held is not None:
        organizations.forget(write)


def keep_values(write: Write, person: str, deleted: str) -> None:
    """Somebody who had left is deleted now: keep what brings them back."""
    write.connection.execute(
        update(departures).where(*_of(write), departures.c.person == person).values(deleted=deleted)
    )


def count_away(read: Read, since: str) -> int:
    """How many people left since a moment, belong to no removal, and are not back."""
    query = select(func.count(departures.c.user_name_key.distinct()))
    return int(read.connection.execute(query.where(*_alone(read, since), ~_is_back())).scalar_one())


def gather(write: Write, removal: Removal, since: str) -> None:
    """Begin a removal with those who left since a moment and are not back."""
    values = {name: getattr(removal, name) for name in Removal.__dataclass_fields__}
    write.connection.execute(insert(removals).values(values | {"organization": write.organization}))
    gathered = update(departures).where(*_alone(write, since), ~_is_back(), *_last_of_each(write))
    write.connection.execute(gathered.values(removal=removal.id))


def hold(write: Write, removal: int, tier: str, most: int) -> int:
    """Hold seats of a tier for the first who left one in a removal; returns how many."""
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


def held_for(read: Read, person: str, user_name_key: str) -> Departure | None:
    """The departure for which a seat is held for somebody: by id, or by name if they were deleted."""
    row = read.first(_HELD_FOR_PERSON, {"person": person})
    if row is None:
        row = read.first(_HELD_FOR_NAME, {"key": user_name_key})
    return Departure(*row) if row else None


def holding(read: Read) -> list[Departure]:
    """All for whom a seat is held, in the order in which they left."""
    query = select(*_COLUMNS).where(_HERE, departures.c.held.is_not(None)).order_by(departures.c.sequence)
    return [Departure(*row) for row in read.connection.execute(query, {"org": read.organization})]


def end_hold(write: Write, sequence: int) -> None:
    """The seat of one departure is held no more."""
    write.connection.execute(
        update(departures).where(*_of(write), departures.c.sequence == sequence).values(held=None)
    )


def close(write: Write, removal: int, state: str) -> Counter[str]:
    """Close a removal: nothing is held or kept for anybody; returns how many seats were, by tier."""
    here = (*_of(write), departures.c.removal == removal)
    held = select(departures.c.held, func.count()).where(*here, departures.c.held.is_not(None))
    freed = Counter({row[0]: row[1] for row in write.connection.execute(held.group_by("held"))})
    write.connection.execute(update(departures).where(*here).values(held=None, deleted=None))
    write.connection.execute(
        update(removals)
        .where(removals.c.organization == write.organization, removals.c.id == removal)
        .values(state=state, closed=write.at)
    )
    return freed


def get(read: Read, removal: int) -> Removal | None:
    """The removal with this id."""
    row = read.connection.execute(_removals(read).where(removals.c.id == removal)).first()
    return Removal(*row) if row else None


def every(read: Read, limit: int) -> list[Removal]:
    """Removals, the newest first."""
    query = _removals(read).order_by(removals.c.id.desc()).limit(limit)
    return [Removal(*row) for row in read.connection.execute(query)]


def of_removal(read: Read, removal: int) -> list[Departure]:
    """Who left in a removal, in the order in which they left.

    Of several departures of one person, or of one name (deleted, created again, and deleted), only the last.
    """
    query = select(*_COLUMNS).where(*_of(read), departures.c.removal == removal)
    rows = [Departure(*row) for row in read.connection.execute(query.order_by(departures.c.sequence))]
    last = {row.person: row for row in rows}
    last = {row.user_name_key: row for row in sorted(last.values(), key=lambda row: row.sequence)}
    return sorted(last.values(), key=lambda row: row.sequence)


def forget_alone(write: Write, before: str) -> None:
    """Forget departures that belong to no removal and are too old to do so."""
    lonely = departures.c.removal.is_(None) & (departures.c.at < before)
    write.connection.execute(delete(departures).where(*_of(write), lonely))


def forget_values(write: Write, before: str) -> None:
    """Forget the values of deleted people in removals that began before a moment."""
    old = select(removals.c.id).where(removals.c.organization == write.organization, removals.c.at < before)
    stale = departures.c.deleted.is_not(None) & departures.c.removal.in_(old)
    write.connection.execute(update(departures).where(*_of(write), stale).values(deleted=None))


def _of(read: Read) -> Sequence[ColumnElement[bool]]:
    return (departures.c.organization == read.organization,)


def _alone(read: Read, since: str) -> Sequence[ColumnElement[bool]]:
    return (*_of(read), departures.c.removal.is_(None), departures.c.at >= since)


def _is_back() -> ColumnElement[bool]:
    """Whether somebody active has their id or their name: two look-ups, as no index serves either-or."""
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
    """Nobody left twice: of several departures of one id, or of one name, only the last counts."""
    later = departures.alias("later")
    return tuple(
        departures.c.sequence.in_(
            select(func.max(later.c.sequence))
            .where(later.c.organization == write.organization, later.c.removal.is_(None))
            .group_by(later.c[column])
        )
        for column in ("person", "user_name_key")
    )


def _removals(read: Read) -> Select[Any]:
    return select(*_REMOVALS).where(removals.c.organization == read.organization)
