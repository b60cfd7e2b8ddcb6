"""The seat counters, and the one statement that moves the queue.

Every change uses `move` or `promote`, in a transaction that has locked the organization. The CHECK of
seat_pool refuses to oversell. Every change of a counter records the new counts of its tier, so that alerts
need no additional statement (SEATS 33).
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Insert,
    Select,
    Update,
    bindparam,
    case,
    cast,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)

from scim_server.history import NAME, PersonPromoted
from scim_server.store.database import pool
from scim_server.store.database.compiled import Compiled
from scim_server.store.database.pool import Pool
from scim_server.store.database.session import Read, Write, clock_in
from scim_server.store.rows import events, standings
from scim_server.store.tables import events as events_table
from scim_server.store.tables import people, seat_pool
from seat_policy.availability import Availability, TierSeats
from seat_policy.contract import ANY, Tier
from seat_policy.overflow import Overflow
from seat_policy.waitlist import Promotion

_POOL: Final = Compiled(
    select(*pool.COLUMNS).where(seat_pool.c.organization == bindparam("org")).order_by(seat_pool.c.rank)
)


def open_pool(write: Write, tiers: Sequence[Tier]) -> None:
    """Insert the tiers of a new organization, without seats."""
    write.connection.execute(
        insert(seat_pool),
        [
            {
                "organization": write.organization,
                "tier": tier.name,
                "rank": tier.rank,
                "purchased": 0,
                "assigned": 0,
                "held": 0,
                "waiting": 0,
            }
            for tier in tiers
        ],
    )


def availability(read: Read) -> Availability:
    """The seats of the organization, from the counters."""
    return Availability(
        tuple(
            TierSeats(
                Tier(row.tier, row.rank),
                row.purchased,
                row.assigned,
                row.held,
                row.waiting,
                overflow=None if row.overflow is None else Overflow(row.overflow),
                buyable=max((row.ceiling or 0) - row.automatic, 0),
            )
            for row in _pool(read).tiers.values()
        ),
        clock_in(read).waiting_any,
    )


def _pool(read: Read) -> Pool:
    """The counters; in a write, with the changes of the work."""
    if not isinstance(read, Write):
        return Pool.of(read.rows(_POOL))
    if read.books.pool is None:
        read.books.pool = Pool.of(read.rows(_POOL))
    return read.books.pool


def move(write: Write, tier: str, *, purchased: int = 0, assigned: int = 0, held: int = 0) -> None:
    """Change a tier's counters.

    Raises:
        IntegrityError: more seats would be in use than exist; the whole unit of work is rolled back. The
            database raises this error when the counters are written, at the latest before the commit.
    """
    _move(write, tier, purchased, assigned, held, 0)


def count_waiting(write: Write, wants: str, change: int) -> None:
    """Count a person who begins (+1) or ends (-1) to wait for a tier or for `any`."""
    if wants == ANY:
        write.clock.waiting_any += change
    else:
        _move(write, wants, 0, 0, 0, change)


def _move(write: Write, tier: str, purchased: int, assigned: int, held: int, waiting: int) -> None:
    moved = _pool(write).move(tier, purchased, assigned, held, waiting)
    if moved is not None and (purchased or assigned or held):
        standings.note(write, moved)


def overflow_by_tier(read: Read) -> list[tuple[str, Overflow | None, int | None]]:
    """The name, policy and ceiling of every tier, lowest tier first."""
    query = (
        select(seat_pool.c.tier, seat_pool.c.overflow, seat_pool.c.ceiling)
        .where(seat_pool.c.organization == read.organization)
        .order_by(seat_pool.c.rank)
    )
    return [
        (row.tier, None if row.overflow is None else Overflow(row.overflow), row.ceiling)
        for row in read.connection.execute(query)
    ]


def choose_overflow(write: Write, tier: str, overflow: Overflow | None, ceiling: int | None) -> None:
    """Set the policy of a tier, and how many seats may be bought for new people in one term."""
    write.connection.execute(_of(write, tier).values(overflow=overflow, ceiling=ceiling))


def count_automatic(write: Write, tier: str) -> None:
    """Count one more seat that was bought for a new person and is not on an invoice yet."""
    write.connection.execute(
        _of(write, tier).values(automatic=seat_pool.c.automatic + 1, unbilled=seat_pool.c.unbilled + 1)
    )
    move(write, tier, purchased=1)


def unbilled(write: Write) -> dict[str, int]:
    """Seats bought for new people that are not on an invoice yet, by tier, lowest tier first."""
    query = (
        select(seat_pool.c.tier, seat_pool.c.unbilled)
        .where(seat_pool.c.organization == write.organization, seat_pool.c.unbilled > 0)
        .order_by(seat_pool.c.rank)
    )
    return {row.tier: row.unbilled for row in write.connection.execute(query)}


def count_billed(write: Write) -> None:
    """Count no seat as unbilled any more."""
    here = seat_pool.c.organization == write.organization
    write.connection.execute(update(seat_pool).where(here, seat_pool.c.unbilled > 0).values(unbilled=0))


def begin_term(write: Write) -> None:
    """Set the count of automatic purchases to zero, because ceilings are per term."""
    here = seat_pool.c.organization == write.organization
    write.connection.execute(update(seat_pool).where(here, seat_pool.c.automatic > 0).values(automatic=0))


def _of(write: Write, tier: str) -> Update:
    return update(seat_pool).where(seat_pool.c.organization == write.organization, seat_pool.c.tier == tier)


def promote(write: Write, promotion: Promotion) -> int:
    """Give seats to the first people of the queue, with one event each and one UPDATE for all.

    A person who had a seat of another tier while waiting frees that seat. The next step may give the freed
    seat to another person.

    Returns:
        How many people got a seat.
    """
    heads = _heads(write, promotion)
    counted = (
        select(heads.c.wants, heads.c.tier, func.count())
        .select_from(heads)
        .group_by(heads.c.wants, heads.c.tier)
    )
    found = [(row[0], row[1], row[2]) for row in write.connection.execute(counted)]
    promoted: int = sum(count for *_, count in found)
    first = write.reserve(promoted)
    sources = sorted({source for _, source, _ in found if source is not None})
    write.connection.execute(_events_of(write, promotion, heads, first, sources))
    write.consume(first, promoted)
    write.connection.execute(_seat_them(write, promotion, first))
    move(write, promotion.tier, assigned=promoted)
    for wants, source, count in found:
        count_waiting(write, wants, -count)
        if source is not None:
            move(write, source, assigned=-count)
    return promoted


def _heads(write: Write, promotion: Promotion) -> Any:  # noqa: ANN401 - a subquery's columns have no static type
    """The first people by (priority, arrival). Each branch reads its own range of the queue's index."""
    branches = [_waiting_for(write, wants, promotion.seats).subquery() for wants in promotion.wants]
    merged = union_all(*(select(branch) for branch in branches)).subquery()
    return (
        select(merged).order_by(merged.c.priority, merged.c.arrival).limit(promotion.seats).subquery("heads")
    )


def _waiting_for(write: Write, wants: str, most: int) -> Select[Any]:
    return (
        select(
            people.c.id,
            people.c.wants,
            people.c.tier,
            people.c.priority,
            people.c.arrival,
            people.c.user_name,
        )
        .where(people.c.organization == write.organization, people.c.wants == wants)
        .order_by(people.c.priority, people.c.arrival)
        .limit(most)
    )


def _events_of(
    write: Write,
    promotion: Promotion,
    heads: Any,  # noqa: ANN401 - a subquery's columns have no static type
    first: int,
    sources: Sequence[str],
) -> Insert:
    event = PersonPromoted(reason="seat_free", seats={promotion.tier: (0, 1, 0)})
    columns = events.row(write, event)
    sqlite = write.connection.dialect.name == "sqlite"
    json_object = func.json_object if sqlite else func.jsonb_build_object

    def constant(name: str, value: object) -> ColumnElement[Any]:
        typed = literal(value, events_table.c[name].type)
        # On PostgreSQL, an untyped parameter in a SELECT list is text.
        return typed if sqlite else cast(typed, events_table.c[name].type)

    values = {name: constant(name, value) for name, value in columns.items()}
    if sources:
        given_back = (
            (heads.c.tier == source, constant("seats", {**columns["seats"], source: [0, -1, 0]}))
            for source in sources
        )
        values["seats"] = case(*given_back, else_=values["seats"])
    values |= {
        "sequence": func.row_number().over(order_by=(heads.c.priority, heads.c.arrival)) + (first - 1),
        "person": heads.c.id,
        "payload": json_object("waited_for", heads.c.wants),
        "personal": json_object(NAME, heads.c.user_name),
    }
    return insert(events_table).from_select(list(values), select(*values.values()).select_from(heads))


def _seat_them(write: Write, promotion: Promotion, first: int) -> Any:  # noqa: ANN401
    """Give seats to exactly the people in the events that were just written."""
    promoted = select(events_table.c.person).where(
        events_table.c.organization == write.organization, events_table.c.sequence >= first
    )
    return (
        update(people)
        .where(people.c.organization == write.organization, people.c.id.in_(promoted))
        .values(
            tier=promotion.tier,
            wants=None,
            arrival=None,
            waiting_since=None,
            version=people.c.version + 1,
            modified=write.at,
        )
    )
