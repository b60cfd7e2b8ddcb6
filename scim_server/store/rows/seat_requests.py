"""Requests of people for seats, with one row for each. The events record what happened to them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    true,
    update,
)

from scim_server.store.database.session import Read, Write
from scim_server.store.tables import OPEN, people, refusals, seat_pool, seat_requests
from seat_policy.contract import ANY
from seat_policy.requests import RequestState


@dataclass(frozen=True, slots=True)
class SeatRequest:
    """A row of `seat_requests`.

    Attributes:
        number: the number of the event that opened the request.
        person: the member who asks; None for a person who was refused and is not a member yet.
        wants: the requested tier, or `any`.
        reason: the words of the person.
        actor: the name of the program or person that opened the request.
        closed: when the request ended; None while it is open.
        decider: the name of the actor who ended the request.
        closed_by: the number of the event that ended the request.
        why: the reason that was given for a decision.
        reminded: when the Owners were reminded of the request.
    """

    number: int
    person: str | None
    user_name: str
    user_name_key: str
    wants: str
    reason: str
    way_in: str
    actor: str
    opened: str
    state: RequestState
    closed: str | None = None
    decider: str | None = None
    closed_by: int | None = None
    why: str | None = None
    reminded: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided yet."""
        return self.state is RequestState.OPEN


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with the present seat of the person.

    Attributes:
        tier: the tier of the person's seat.
        waits_for: the tier that the person waits for, or `any`.
        active: whether the person is an active member.
    """

    request: SeatRequest
    tier: str | None
    waits_for: str | None
    active: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """An open request that ends by itself.

    Attributes:
        seated: whether the person has the wanted tier or a better one; otherwise the person was removed.
    """

    request: SeatRequest
    seated: bool


_FIELDS: Final = tuple(SeatRequest.__dataclass_fields__)
_NAME: Final = func.coalesce(people.c.user_name, seat_requests.c.user_name).label("user_name")
_COLUMNS: Final = tuple(_NAME if name == "user_name" else seat_requests.c[name] for name in _FIELDS)
_OF_PERSON: Final = and_(
    people.c.organization == seat_requests.c.organization, people.c.id == seat_requests.c.person
)
_FROM: Final = seat_requests.outerjoin(people, _OF_PERSON)
_MOST: Final = 5_000
"""How many parameters one statement may have; every driver allows that many."""


def _open(table: FromClause) -> ColumnElement[bool]:
    return table.c.state == literal_column("'open'")


def _here(read: Read) -> ColumnElement[bool]:
    return seat_requests.c.organization == read.organization


def _request(row: Sequence[Any]) -> SeatRequest:
    found = SeatRequest(*row[: len(_FIELDS)])
    return replace(found, state=RequestState(found.state))


def _all(read: Read, query: Select[Any]) -> list[Asked]:
    query = query.add_columns(people.c.tier, people.c.wants, people.c.active).select_from(_FROM)
    rows = read.connection.execute(query)
    return [Asked(_request(row), row[-3], row[-2], bool(row[-1])) for row in rows]


def get(read: Read, number: int) -> Asked | None:
    """The request with this number."""
    query = select(*_COLUMNS).where(_here(read), seat_requests.c.number == number)
    return next(iter(_all(read, query)), None)


def open_of(read: Read, ids: Collection[str], keys: Collection[str] = ()) -> list[Asked]:
    """The open requests of members, by id, and of people who are not members, by userName key."""
    found: list[Asked] = []
    for column, wanted in ((seat_requests.c.person, list(ids)), (seat_requests.c.user_name_key, list(keys))):
        member = true() if column is seat_requests.c.person else seat_requests.c.person.is_(None)
        for start in range(0, len(wanted), _MOST):
            some = column.in_(wanted[start : start + _MOST])
            query = select(*_COLUMNS).where(_here(read), OPEN, member, some)
            found += _all(read, query)
    return found


def newest(read: Read, person: str) -> SeatRequest | None:
    """The last request of a member, open or not."""
    query = select(*_COLUMNS).where(_here(read), seat_requests.c.person == person)
    found = _all(read, query.order_by(seat_requests.c.number.desc()).limit(1))
    return found[0].request if found else None


def opened_since(read: Read, at: str) -> bool:
    """Whether a request was opened at or after a time, even if it has ended."""
    query = select(exists().where(_here(read), seat_requests.c.opened >= at))
    return bool(read.connection.execute(query).scalar_one())


def _matching(
    read: Read, state: RequestState | None, search: str, wants: str | None
) -> list[ColumnElement[bool]]:
    conditions = [_here(read)]
    if state is not None:
        conditions.append(OPEN if state is RequestState.OPEN else seat_requests.c.state == state.value)
    if wants is not None:
        conditions.append(seat_requests.c.wants == wants)
    if search:
        name = func.coalesce(people.c.user_name_key, seat_requests.c.user_name_key)
        conditions.append(name.contains(search, autoescape=True))
    return conditions


def sheet(
    read: Read, state: RequestState | None, search: str, wants: str | None, offset: int, limit: int
) -> tuple[list[Asked], int]:
    """A part of the requests, oldest first, and how many the whole part has.

    Args:
        state: only requests in this state; None for every state.
        search: a part of the userName, folded; empty for everybody.
        wants: the requested tier, or `any`; None for every tier.
    """
    conditions = _matching(read, state, search, wants)
    counted = select(func.count()).select_from(_FROM).where(*conditions)
    total = int(read.connection.execute(counted).scalar_one())
    query = select(*_COLUMNS).where(*conditions).order_by(seat_requests.c.number)
    return _all(read, query.offset(offset).limit(limit)), total


def listed(
    read: Read, state: RequestState | None, person: str | None, before: int | None, limit: int
) -> list[Asked]:
    """Requests, newest first.

    Args:
        person: only requests of the member with this id.
        before: only requests with a smaller number, which gives the next page.
    """
    query = select(*_COLUMNS).where(*_matching(read, state, "", None))
    if person is not None:
        query = query.where(seat_requests.c.person == person)
    if before is not None:
        query = query.where(seat_requests.c.number < before)
    return _all(read, query.order_by(seat_requests.c.number.desc()).limit(limit))


def of_seated(read: Read) -> list[Asked]:
    """The open requests of people with a seat, who ask for a better tier, oldest first."""
    query = select(*_COLUMNS).where(_here(read), OPEN, people.c.tier.is_not(None))
    return _all(read, query.order_by(seat_requests.c.number))


def ended(read: Read) -> list[Ended]:
    """The open requests of people who have got the tier or a better one, or were removed, oldest first."""
    had, wanted = seat_pool.alias("had"), seat_pool.alias("wanted")
    has = and_(had.c.organization == people.c.organization, had.c.tier == people.c.tier)
    asks = and_(wanted.c.organization == seat_requests.c.organization, wanted.c.tier == seat_requests.c.wants)
    seated = people.c.tier.is_not(None) & or_(seat_requests.c.wants == ANY, had.c.rank >= wanted.c.rank)
    removed = func.coalesce(~people.c.active, true()) & ~_is_refused()
    query = (
        select(*_COLUMNS, case((seated, 1), else_=0))
        .select_from(_FROM.outerjoin(had, has).outerjoin(wanted, asks))
        .where(_here(read), OPEN, or_(seated, removed))
        .order_by(seat_requests.c.number)
    )
    return [Ended(_request(row), bool(row[-1])) for row in read.connection.execute(query)]


def _is_refused() -> ColumnElement[bool]:
    """Whether a refusal of the person who asks is open."""
    by_name = seat_requests.c.person.is_(None) & (refusals.c.user_name_key == seat_requests.c.user_name_key)
    return exists().where(
        refusals.c.organization == seat_requests.c.organization,
        refusals.c.closed.is_(None),
        or_(refusals.c.person == seat_requests.c.person, by_name),
    )


def add(write: Write, request: SeatRequest) -> None:
    """Insert an open request, and count it."""
    values = {name: getattr(request, name) for name in _FIELDS}
    write.connection.execute(insert(seat_requests).values(values | {"organization": write.organization}))
    write.clock.asking += 1


def close(
    write: Write, request: SeatRequest, state: RequestState, by: int, why: str | None = None
) -> SeatRequest:
    """End an open request; `by` is the number of the event.

    Raises:
        RuntimeError: the request is not open, although the lock should prevent that.
    """
    after = replace(request, state=state, closed=write.at, decider=write.actor.name, closed_by=by, why=why)
    values = {
        name: getattr(after, name) for name in ("state", "closed", "decider", "closed_by", "why", "person")
    }
    changed = write.connection.execute(
        update(seat_requests)
        .where(_here(write), OPEN, seat_requests.c.number == request.number)
        .values(values)
    )
    if changed.rowcount != 1:
        raise RuntimeError(f"the request {request.number} is not open under the organization's clock")
    write.clock.asking -= 1
    return after


def join(write: Write) -> None:
    """Let the requests of refused people who are members now belong to these members.

    A member who already has an open request keeps that one alone.
    """
    other = seat_requests.alias("other")
    member = and_(
        people.c.organization == seat_requests.c.organization,
        people.c.user_name_key == seat_requests.c.user_name_key,
        ~exists().where(
            other.c.organization == people.c.organization, other.c.person == people.c.id, _open(other)
        ),
    )
    write.connection.execute(
        update(seat_requests)
        .where(_here(write), OPEN, seat_requests.c.person.is_(None), exists().where(member))
        .values(person=select(people.c.id).where(member).scalar_subquery())
    )


def remind(write: Write, before: str) -> int:
    """Mark open requests that were opened before a time as reminded of; return how many were not yet."""
    done = write.connection.execute(
        update(seat_requests)
        .where(_here(write), OPEN, seat_requests.c.opened <= before, seat_requests.c.reminded.is_(None))
        .values(reminded=write.at)
    )
    return done.rowcount
