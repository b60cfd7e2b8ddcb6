"""Refusals. Each refused person has one open entry, on which repeated attempts are counted.

Providers repeat a refused create for weeks. The first attempt appends an event. A repeated attempt is only
counted, so it needs no event number.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, func, insert, null, select, update

from scim_server.store.database.compiled import Compiled
from scim_server.store.database.session import Read, Write
from scim_server.store.rows import organizations
from scim_server.store.tables import refusals


@dataclass(frozen=True, slots=True)
class Refusal:
    """An entry about a refused person.

    Attributes:
        sequence: the number of the event that opened the entry.
        person: the person's id if a reactivation was refused; then the values of the request are not stored.
        document: the values of a refused create, for a retry.
        closed: when the entry was closed; None while it is open.
        kept: the id, the groups and the date of creation that a person of an import gets when let in later.
    """

    sequence: int
    user_name_key: str
    user_name: str | None
    person: str | None
    wants: str
    reason: str
    detail: str
    first_attempt: str
    last_attempt: str
    attempts: int
    document: str | None
    closed: str | None
    kept: Mapping[str, Any] | None = None


_MOST: Final = 2_500
"""How many people one statement may have with two parameters each; every driver allows that many."""
_MOST_OF_NAME: Final = 1_000
"""How many entries about one userName are looked at."""
_FIELDS: Final = tuple(Refusal.__dataclass_fields__)
_COLUMNS: Final = tuple(refusals.c[name] for name in _FIELDS)
_OPEN: Final = Compiled(
    select(*_COLUMNS).where(
        refusals.c.organization == bindparam("org"),
        refusals.c.user_name_key == bindparam("key"),
        refusals.c.closed.is_(None),
    )
)
_ADD: Final = Compiled(
    insert(refusals).values(
        {name: bindparam(name) for name in (*_FIELDS, "way_in", "actor") if name != "kept"}
        | {"organization": bindparam("org"), "kept": bindparam("kept", type_=refusals.c.kept.type)}
    )
)
_REPEATED = (
    update(refusals)
    .where(refusals.c.organization == bindparam("org"), refusals.c.sequence == bindparam("number"))
    .values(
        reason=bindparam("why"),
        detail=bindparam("said"),
        wants=bindparam("wanted"),
        person=bindparam("whom"),
        document=bindparam("sent"),
    )
)
_AGAIN: Final = Compiled(_REPEATED)
_COUNT: Final = Compiled(_REPEATED.values(attempts=refusals.c.attempts + 1, last_attempt=bindparam("at")))
_CLOSE: Final = Compiled(
    update(refusals)
    .where(
        refusals.c.organization == bindparam("org"),
        (refusals.c.user_name_key == bindparam("key")) | (refusals.c.person == bindparam("whom")),
        refusals.c.closed.is_(None),
    )
    .values(closed=bindparam("at"), closed_by=bindparam("number"))
)

_CLOSE_ONE: Final = (
    update(refusals)
    .where(refusals.c.organization == bindparam("org"), refusals.c.sequence == bindparam("number"))
    .values(closed=bindparam("at"), closed_by=bindparam("by"))
)


def open_entry(read: Read, user_name_key: str) -> Refusal | None:
    """The open entry for this userName."""
    if isinstance(read, Write) and not organizations.get(read).left_out:
        return None
    row = read.first(_OPEN, {"key": user_name_key})
    return Refusal(*row) if row else None


def add(write: Write, refusal: Refusal) -> None:
    """Open an entry."""
    values = {name: getattr(refusal, name) for name in _FIELDS}
    actor = {"way_in": write.actor.way_in, "actor": write.actor.name}
    write.change(_ADD, values | actor)
    organizations.forget(write)


def open_keys(read: Read, keys: Iterable[str]) -> set[str]:
    """The userNames among the given ones that have an open entry."""
    if isinstance(read, Write) and not organizations.get(read).left_out:
        return set()
    listed, found = list(keys), set[str]()
    for start in range(0, len(listed), _MOST):
        some = refusals.c.user_name_key.in_(listed[start : start + _MOST])
        query = select(refusals.c.user_name_key).where(
            refusals.c.organization == read.organization, refusals.c.closed.is_(None), some
        )
        found |= set(read.connection.execute(query).scalars())
    return found


def keep(write: Write, kept: Mapping[str, Mapping[str, Any]]) -> None:
    """Remember what refused people get when let in, by the key of the userName."""
    if kept:
        statement = (
            update(refusals)
            .where(
                refusals.c.organization == write.organization,
                refusals.c.user_name_key == bindparam("of_key"),
                refusals.c.closed.is_(None),
            )
            .values(kept=bindparam("new_kept", type_=refusals.c.kept.type))
        )
        rows = [{"of_key": key, "new_kept": one} for key, one in kept.items()]
        write.connection.execute(statement, rows)


def kept_by(read: Read, keys: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """What refused people get when let in, by the key of the userName."""
    listed, found = list(keys), dict[str, Mapping[str, Any]]()
    for start in range(0, len(listed), _MOST):
        some = refusals.c.user_name_key.in_(listed[start : start + _MOST])
        query = select(refusals.c.user_name_key, refusals.c.kept).where(
            refusals.c.organization == read.organization, refusals.c.closed.is_(None), some
        )
        found |= {row[0]: row[1] for row in read.connection.execute(query) if row[1] is not None}
    return found


def count_attempt(write: Write, refusal: Refusal) -> None:
    """Count one more attempt on an open entry, with its values and its answer."""
    write.change(_COUNT, {**_parameters(refusal), "at": write.at})


def update_answer(write: Write, refusal: Refusal) -> None:
    """Update the answer of an entry after a retry by the operator."""
    write.change(_AGAIN, _parameters(refusal))


def _parameters(refusal: Refusal) -> dict[str, object]:
    return {
        "number": refusal.sequence,
        "why": refusal.reason,
        "said": refusal.detail,
        "wanted": refusal.wants,
        "whom": refusal.person,
        "sent": refusal.document,
    }


def renamed(write: Write, person: str, user_name_key: str, user_name: str, by: int) -> None:
    """Give the open entry of a person the new name; close the refusal of another person with that name."""
    if not organizations.get(write).left_out:
        return
    here = (refusals.c.organization == write.organization) & refusals.c.closed.is_(None)
    write.connection.execute(
        update(refusals)
        .where(here, refusals.c.user_name_key == user_name_key, refusals.c.person.is_distinct_from(person))
        .values(closed=write.at, closed_by=by)
    )
    write.connection.execute(
        update(refusals)
        .where(here, refusals.c.person == person)
        .values(user_name_key=user_name_key, user_name=user_name)
    )


def close(write: Write, user_name_key: str, person: str, by: int) -> None:
    """Close the open entry of a person who got a seat, waits or was deleted; `by` is the event's number."""
    close_for(write, [(user_name_key, person, by)])


def close_for(write: Write, people: Sequence[tuple[str, str, int]]) -> None:
    """Close the open entries of many people, each given by userName key, id and the event's number."""
    if not people or not organizations.get(write).left_out:
        return
    for key, person, number in people:
        write.change(_CLOSE, {"key": key, "whom": person, "at": write.at, "number": number})
    organizations.forget(write)


def close_all(write: Write, people: Sequence[tuple[str, str]], by: int) -> None:
    """Close the open entries of many people, each given by userName key and id."""
    for start in range(0, len(people), _MOST):
        keys, ids = zip(*people[start : start + _MOST], strict=True)
        theirs = refusals.c.user_name_key.in_(keys) | refusals.c.person.in_(ids)
        here = (refusals.c.organization == write.organization) & refusals.c.closed.is_(None)
        write.connection.execute(update(refusals).where(here, theirs).values(closed=write.at, closed_by=by))


def close_each(write: Write, closed: Sequence[tuple[int, int]]) -> None:
    """Close many entries, each given by its number and the number of the event that closes it."""
    if closed:
        values = {"org": write.organization, "at": write.at}
        rows = [values | {"number": entry, "by": event} for entry, event in closed]
        write.connection.execute(_CLOSE_ONE, rows)


def close_entry(write: Write, sequence: int, by: int) -> None:
    """Close one entry; `by` is the number of the event that closes the entry."""
    here = (refusals.c.organization == write.organization) & (refusals.c.sequence == sequence)
    write.connection.execute(update(refusals).where(here).values(closed=write.at, closed_by=by))


def counted(read: Read, since: str) -> tuple[dict[str, int], int]:
    """How many open entries had an attempt since a time, by the wanted tier; and how many had none."""
    recent = refusals.c.last_attempt >= since
    query = (
        select(recent.label("recent"), refusals.c.wants, func.count())
        .where(refusals.c.organization == read.organization, refusals.c.closed.is_(None))
        .group_by(recent, refusals.c.wants)
    )
    rows = [(bool(row[0]), row[1], row[2]) for row in read.connection.execute(query)]
    lately = {wants: number for is_recent, wants, number in rows if is_recent}
    return lately, sum(number for is_recent, _, number in rows if not is_recent)


def opened(read: Read, search: str, wants: str | None, offset: int, limit: int) -> tuple[list[Refusal], int]:
    """A part of the open entries, newest attempt first, and how many entries the whole part has.

    Args:
        search: a part of the userName, folded; empty for everybody.
        wants: the wanted tier, or `any`; None for every tier.
    """
    here = (refusals.c.organization == read.organization) & refusals.c.closed.is_(None)
    if wants is not None:
        here &= refusals.c.wants == wants
    if search:
        here &= refusals.c.user_name_key.contains(search, autoescape=True)
    total = read.connection.execute(select(func.count()).select_from(refusals).where(here)).scalar_one()
    newest = (refusals.c.last_attempt.desc(), refusals.c.sequence.desc())
    rows = read.connection.execute(
        select(*_COLUMNS).where(here).order_by(*newest).offset(offset).limit(limit)
    )
    return [Refusal(*row) for row in rows], int(total)


def opened_after(read: Read, after: int, limit: int) -> list[Refusal]:
    """Open entries after a number, oldest first."""
    query = select(*_COLUMNS).where(
        refusals.c.organization == read.organization,
        refusals.c.closed.is_(None),
        refusals.c.sequence > after,
    )
    return [
        Refusal(*row) for row in read.connection.execute(query.order_by(refusals.c.sequence).limit(limit))
    ]


def get(read: Read, sequence: int) -> Refusal | None:
    """The entry with this number, open or closed."""
    query = select(*_COLUMNS).where(refusals.c.organization == read.organization)
    row = read.connection.execute(query.where(refusals.c.sequence == sequence)).first()
    return None if row is None else Refusal(*row)


def of_name(read: Read, user_name_key: str, limit: int) -> list[Refusal]:
    """The last entries about a userName, open or closed, newest first."""
    query = select(*_COLUMNS).where(
        refusals.c.organization == read.organization, refusals.c.user_name_key == user_name_key
    )
    rows = read.connection.execute(query.order_by(refusals.c.sequence.desc()).limit(limit))
    return [Refusal(*row) for row in rows]


def numbers_of_name(read: Read, user_name_key: str) -> list[int]:
    """The numbers of the events that opened or closed the last entries about a userName."""
    query = select(refusals.c.sequence, refusals.c.closed_by).where(
        refusals.c.organization == read.organization, refusals.c.user_name_key == user_name_key
    )
    rows = read.connection.execute(query.order_by(refusals.c.sequence.desc()).limit(_MOST_OF_NAME))
    return [number for row in rows for number in row if number is not None]


def numbers_with(read: Read, part: str, limit: int) -> list[int]:
    """The numbers of the last entries whose userName contains a text, which is folded."""
    query = select(refusals.c.sequence).where(
        refusals.c.organization == read.organization,
        refusals.c.user_name_key.contains(part, autoescape=True),
    )
    return list(read.connection.execute(query.order_by(refusals.c.sequence.desc()).limit(limit)).scalars())


def to_let_in(read: Read, since: str, chosen: Collection[int], *, documents: bool) -> list[Refusal]:
    """Open entries with an attempt since a time, and chosen ones, oldest first.

    Args:
        documents: whether the values of refused creates are read; they are much of what is read.
    """
    columns = [one if documents or one.name != "document" else null().label(one.name) for one in _COLUMNS]
    included = (refusals.c.last_attempt >= since) | refusals.c.sequence.in_(chosen)
    query = select(*columns).where(
        refusals.c.organization == read.organization, refusals.c.closed.is_(None), included
    )
    return [Refusal(*row) for row in read.connection.execute(query.order_by(refusals.c.sequence))]


def open_of(read: Read, numbers: Sequence[int]) -> list[Refusal]:
    """Those of the entries that are open."""
    found = []
    for start in range(0, len(numbers), _MOST):
        query = select(*_COLUMNS).where(
            refusals.c.organization == read.organization,
            refusals.c.closed.is_(None),
            refusals.c.sequence.in_(numbers[start : start + _MOST]),
        )
        found += [Refusal(*row) for row in read.connection.execute(query)]
    return found


def to_retry(read: Read, sequence: int | None) -> list[Refusal]:
    """Open entries, oldest first; either one of them, or all."""
    query = select(*_COLUMNS).where(refusals.c.organization == read.organization, refusals.c.closed.is_(None))
    if sequence is not None:
        query = query.where(refusals.c.sequence == sequence)
    return [Refusal(*row) for row in read.connection.execute(query.order_by(refusals.c.sequence))]
