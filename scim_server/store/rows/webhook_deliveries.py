"""The deliveries of events to webhook endpoints (decision 49).

All functions that change deliveries need the lock of the backlog. In a lane, only the first delivery that is
not made yet has a time of its next attempt, unless it belongs to the message of another delivery.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from scim_server.store.database.id_lists import given
from scim_server.store.tables import webhook_backlogs as backlogs
from scim_server.store.tables import webhook_deliveries as deliveries
from scim_server.store.tables import webhook_endpoints as endpoints

REACH: Final = 5_000
"""How many numbers after the first event of a message its other events are looked for."""
_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Backlog:
    """The deliveries of the events of one organization to one endpoint."""

    organization: str
    endpoint: str


@dataclass(frozen=True, slots=True)
class Head:
    """The first delivery of a message.

    Attributes:
        batch: its number if it was sent before; None for a new message.
        failures: how many attempts failed.
    """

    sequence: int
    lane: str
    batch: int | None
    failures: int


def _insert(connection: Connection) -> Any:  # noqa: ANN401 - the insert of a dialect
    return postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert


def _of(table: Any, backlog: Backlog) -> ColumnElement[bool]:  # noqa: ANN401 - a table or an alias of it
    return and_(table.c.organization == backlog.organization, table.c.endpoint == backlog.endpoint)


def open_backlog(connection: Connection, backlog: Backlog) -> None:
    """Lock the backlog; create it if there is none."""
    row = {"organization": backlog.organization, "endpoint": backlog.endpoint}
    connection.execute(_insert(connection)(backlogs).values(row).on_conflict_do_nothing())
    lock(connection, backlog)


def lock(connection: Connection, backlog: Backlog, *, wait: bool = True) -> bool:
    """Lock the backlog; return whether it exists and is locked.

    Args:
        wait: whether to wait for others that have locked it.
    """
    query = select(backlogs.c.endpoint).where(_of(backlogs, backlog))
    return connection.execute(query.with_for_update(skip_locked=not wait)).first() is not None


def add(connection: Connection, backlog: Backlog, events: Iterable[tuple[int, str]], at: str) -> None:
    """Add deliveries of events, given by their number and their lane. Existing deliveries are left alone."""
    rows = [
        {
            "organization": backlog.organization,
            "endpoint": backlog.endpoint,
            "sequence": sequence,
            "lane": lane,
            "created": at,
            "failures": 0,
        }
        for sequence, lane in events
    ]
    for start in range(0, len(rows), _MOST):
        statement = _insert(connection)(deliveries).values(rows[start : start + _MOST])
        connection.execute(statement.on_conflict_do_nothing())


def advance(connection: Connection, backlog: Backlog, lanes: Iterable[str], at: str) -> None:
    """Let the first message of each of these lanes be sent, and note when the backlog is due next.

    A message with events of several lanes is sent when all of them are the first ones.
    """
    lane, other = given(sorted(set(lanes))).subquery(), deliveries.alias()
    first = (
        select(func.coalesce(other.c.batch, other.c.sequence))
        .where(_in_lane(other, backlog, lane.c.value))
        .order_by(other.c.sequence)
        .limit(1)
        .correlate(lane)
        .scalar_subquery()
    )
    found = connection.execute(select(first).select_from(lane)).scalars()
    numbers = {number for number in found if number is not None}
    ready = sorted(numbers - _waiting_batches(connection, backlog, numbers))
    for start in range(0, len(ready), _MOST):
        connection.execute(
            update(deliveries)
            .where(
                _of(deliveries, backlog),
                deliveries.c.sequence.in_(ready[start : start + _MOST]),
                deliveries.c.delivered.is_(None),
                deliveries.c.due.is_(None),
            )
            .values(due=at)
        )
    note_due(connection, backlog)


def _in_lane(table: Any, backlog: Backlog, lane: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a table, a column
    """Whether a delivery is in a lane and not made.

    The endpoint is a part of the lane, and no condition of its own: without statistics of a new table,
    PostgreSQL would read all deliveries of the endpoint for each lane.
    """
    return and_(
        table.c.organization == backlog.organization, table.c.lane == lane, table.c.delivered.is_(None)
    )


def _waiting_batches(connection: Connection, backlog: Backlog, batches: Iterable[int]) -> set[int]:
    """The messages, of these, of which an event waits for an earlier event of its lane."""
    part, earlier, found = deliveries.alias("part"), deliveries.alias("earlier"), set[int]()
    listed = sorted(batches)
    for start in range(0, len(listed), _MOST):
        query = (
            select(part.c.batch)
            .join(
                earlier,
                and_(
                    _in_lane(earlier, backlog, part.c.lane),
                    earlier.c.sequence < part.c.sequence,
                    func.coalesce(earlier.c.batch, 0) != part.c.batch,
                ),
            )
            .where(
                _of(part, backlog),
                part.c.batch.in_(listed[start : start + _MOST]),
                part.c.delivered.is_(None),
            )
            .distinct()
        )
        found.update(connection.execute(query).scalars())
    return found


def note_due(connection: Connection, backlog: Backlog) -> None:
    """Note when the backlog is due next."""
    earliest = (
        select(func.min(deliveries.c.due))
        .where(_of(deliveries, backlog), deliveries.c.due.is_not(None))
        .scalar_subquery()
    )
    connection.execute(update(backlogs).where(_of(backlogs, backlog)).values(due=earliest))


def due_backlogs(connection: Connection, at: str, busy: Sequence[str], most: int) -> list[Backlog]:
    """Backlogs with messages to send now, the longest due first; at most some of each endpoint.

    Args:
        busy: endpoints that cannot take more messages now.
    """
    place = func.row_number().over(partition_by=backlogs.c.endpoint, order_by=backlogs.c.due)
    listed = (
        select(backlogs.c.organization, backlogs.c.endpoint, backlogs.c.due, place.label("place"))
        .join(endpoints, endpoints.c.id == backlogs.c.endpoint)
        .where(
            backlogs.c.due <= at,
            endpoints.c.disabled.is_(None),
            or_(endpoints.c.paused.is_(None), endpoints.c.paused <= at),
            backlogs.c.endpoint.not_in(busy),
        )
        .subquery("listed")
    )
    query = select(listed.c.organization, listed.c.endpoint).where(listed.c.place <= most)
    return [Backlog(*row) for row in connection.execute(query.order_by(listed.c.due))]


def heads(connection: Connection, backlog: Backlog, at: str, most: int) -> list[Head]:
    """Messages of a backlog that may be sent now, the longest due first."""
    query = (
        select(deliveries.c.sequence, deliveries.c.lane, deliveries.c.batch, deliveries.c.failures)
        .where(_of(deliveries, backlog), deliveries.c.due <= at)
        .order_by(deliveries.c.due, deliveries.c.sequence)
        .limit(most)
    )
    return [Head(*row) for row in connection.execute(query)]


def following(
    connection: Connection, backlog: Backlog, first: int, lanes: Iterable[str], most: int
) -> list[tuple[int, str]]:
    """The next deliveries of these lanes that belong to no message yet, in order, from a number on.

    Returns:
        The number and the lane of each.
    """
    lane, other = given(sorted(set(lanes))).subquery(), deliveries.alias()
    in_message = exists().where(
        _in_lane(other, backlog, deliveries.c.lane),
        other.c.sequence < deliveries.c.sequence,
        other.c.batch.is_not(None),
    )
    query = (
        select(deliveries.c.sequence, deliveries.c.lane)
        .where(
            _of(deliveries, backlog),
            deliveries.c.sequence >= first,
            deliveries.c.sequence < first + REACH,
            deliveries.c.delivered.is_(None),
            deliveries.c.batch.is_(None),
            deliveries.c.lane.in_(select(lane.c.value)),
            ~in_message,
        )
        .order_by(deliveries.c.sequence)
        .limit(most)
    )
    return [(sequence, lane) for sequence, lane in connection.execute(query)]


def messages(connection: Connection, backlog: Backlog, batches: Sequence[int]) -> dict[int, list[int]]:
    """The numbers of the events of messages, by the first one."""
    query = (
        select(deliveries.c.batch, deliveries.c.sequence)
        .where(_of(deliveries, backlog), deliveries.c.batch.in_(batches))
        .order_by(deliveries.c.batch, deliveries.c.sequence)
    )
    found: dict[int, list[int]] = {}
    for batch, sequence in connection.execute(query):
        found.setdefault(batch, []).append(sequence)
    return found


_CLAIM: Final = (
    update(deliveries)
    .where(
        deliveries.c.organization == bindparam("of_organization"),
        deliveries.c.endpoint == bindparam("of_endpoint"),
        deliveries.c.sequence == bindparam("of_sequence"),
    )
    .values(batch=bindparam("batch"), due=bindparam("due"), claim=bindparam("claim"))
)


def claim(
    connection: Connection, backlog: Backlog, listed: Iterable[Sequence[int]], mark: str, until: str
) -> None:
    """Take messages, each given by the numbers of its events, for a worker, until a time."""
    rows = [
        {
            "of_organization": backlog.organization,
            "of_endpoint": backlog.endpoint,
            "of_sequence": sequence,
            "batch": numbers[0],
            "due": until if sequence == numbers[0] else None,
            "claim": mark if sequence == numbers[0] else None,
        }
        for numbers in listed
        for sequence in numbers
    ]
    if rows:
        connection.execute(_CLAIM, rows)
    note_due(connection, backlog)


def is_claimed(connection: Connection, backlog: Backlog, batch: int, mark: str) -> bool:
    """Whether a worker with this mark still has a message."""
    query = select(deliveries.c.sequence).where(
        _of(deliveries, backlog), deliveries.c.sequence == batch, deliveries.c.claim == mark
    )
    return connection.execute(query).first() is not None


def delivered(connection: Connection, backlog: Backlog, numbers: Sequence[int], at: str) -> None:
    """Note that a message was delivered, and let the next deliveries of its lanes be sent."""
    theirs = and_(
        _of(deliveries, backlog), deliveries.c.sequence.in_(numbers), deliveries.c.batch == numbers[0]
    )
    lanes = connection.execute(select(deliveries.c.lane).where(theirs)).scalars().all()
    connection.execute(
        update(deliveries)
        .where(theirs, deliveries.c.delivered.is_(None))
        .values(delivered=at, due=None, claim=None, failures=0)
    )
    advance(connection, backlog, lanes, at)


def postpone(
    connection: Connection, backlog: Backlog, batch: int, until: str, failures: int | None = None
) -> None:
    """Give a message back, for a next attempt at a time.

    Args:
        failures: the number of failed attempts; None if it is unchanged.
    """
    connection.execute(
        update(deliveries)
        .where(_of(deliveries, backlog), deliveries.c.sequence == batch, deliveries.c.delivered.is_(None))
        .values(
            due=until,
            claim=None,
            failures=deliveries.c.failures if failures is None else failures,
        )
    )
    note_due(connection, backlog)


def resume(connection: Connection, endpoint: str, organization: str | None, at: str) -> None:
    """Let all messages of an endpoint that wait for a retry be sent now, with all retries again."""
    mine = [table.c.endpoint == endpoint for table in (deliveries, backlogs)]
    if organization is not None:
        here = [table.c.organization == organization for table in (deliveries, backlogs)]
        mine = [and_(*pair) for pair in zip(mine, here, strict=True)]
    waiting = case((deliveries.c.claim.is_(None), at), else_=deliveries.c.due)
    connection.execute(
        update(deliveries).where(mine[0], deliveries.c.due.is_not(None)).values(due=waiting, failures=0)
    )
    connection.execute(update(backlogs).where(mine[1], backlogs.c.due.is_not(None)).values(due=at))


def again(connection: Connection, backlog: Backlog, numbers: Sequence[int], at: str) -> int:
    """Deliver events again that were delivered, with all events of their messages; return their number.

    Messages that wait for a retry are retried now.
    """
    theirs = and_(_of(deliveries, backlog), deliveries.c.sequence.in_(numbers))
    batches = select(deliveries.c.batch).where(theirs, deliveries.c.batch.is_not(None))
    whole = and_(_of(deliveries, backlog), or_(theirs, deliveries.c.batch.in_(batches)))
    rows = connection.execute(select(deliveries.c.sequence, deliveries.c.lane).where(whole)).all()
    idle = and_(whole, deliveries.c.claim.is_(None))
    connection.execute(
        update(deliveries).where(idle, deliveries.c.due.is_not(None)).values(due=at, failures=0)
    )
    connection.execute(
        update(deliveries).where(idle, deliveries.c.delivered.is_not(None)).values(delivered=None, failures=0)
    )
    _hold_back(connection, backlog, {row.lane for row in rows})
    advance(connection, backlog, {row.lane for row in rows}, at)
    return len(rows)


def _hold_back(connection: Connection, backlog: Backlog, lanes: Iterable[str]) -> None:
    """Hold back messages that now wait for an earlier event of one of these lanes."""
    lane, other, earlier = given(sorted(set(lanes))).subquery(), deliveries.alias(), deliveries.alias()
    theirs = select(func.coalesce(other.c.batch, other.c.sequence), other.c.sequence, other.c.due).where(
        other.c.organization == backlog.organization,
        other.c.lane.in_(select(lane.c.value)),
        other.c.delivered.is_(None),
    )
    rows = connection.execute(theirs).all()
    due = [number for _, number, time in rows if time is not None]
    waiting = _waiting_batches(connection, backlog, {leader for leader, _, _ in rows})
    for start in range(0, len(due), _MOST):
        query = (
            select(other.c.sequence)
            .join(
                earlier,
                and_(_in_lane(earlier, backlog, other.c.lane), earlier.c.sequence < other.c.sequence),
            )
            .where(_of(other, backlog), other.c.sequence.in_(due[start : start + _MOST]))
            .distinct()
        )
        waiting.update(connection.execute(query).scalars())
    listed = sorted(waiting)
    for start in range(0, len(listed), _MOST):
        connection.execute(
            update(deliveries)
            .where(
                _of(deliveries, backlog),
                deliveries.c.sequence.in_(listed[start : start + _MOST]),
                deliveries.c.due.is_not(None),
                deliveries.c.claim.is_(None),
            )
            .values(due=None)
        )


def forget(connection: Connection, organization: str, before: str) -> None:
    """Delete deliveries that were made before a time."""
    connection.execute(
        delete(deliveries).where(
            deliveries.c.organization == organization,
            deliveries.c.delivered.is_not(None),
            deliveries.c.delivered < before,
        )
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """What an endpoint has not received yet.

    Attributes:
        events: how many events have deliveries that are not made.
        since: when the oldest of these deliveries was created; None if there is none.
        failing: how many messages wait for a retry.
    """

    events: int
    since: str | None
    failing: int


def waiting(connection: Connection, organization: str | None) -> dict[str, Waiting]:
    """What the endpoints of an organization, or all endpoints, have not received yet, by endpoint."""
    query = (
        select(
            deliveries.c.endpoint,
            func.count().label("events"),
            func.min(deliveries.c.created).label("since"),
            func.sum(case((deliveries.c.failures > 0, 1), else_=0)).label("failing"),
        )
        .where(deliveries.c.delivered.is_(None))
        .group_by(deliveries.c.endpoint)
    )
    if organization is not None:
        query = query.where(deliveries.c.organization == organization)
    return {
        row.endpoint: Waiting(row.events, row.since, int(row.failing)) for row in connection.execute(query)
    }
