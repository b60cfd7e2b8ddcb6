"""The only doors to the database: `read` for a snapshot, `write` for one unit of work.

A unit of work may run more than once (a lost connection, a deadlock), so it has no outside effects:
mail, webhooks and metrics follow from the rows it writes.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final, Protocol, TypeVar
from weakref import WeakValueDictionary

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from scim_server.store.database import clock
from scim_server.store.database.changes import Change
from scim_server.store.database.clock import Clock
from scim_server.store.database.compiled import Compiled, Row, Values
from scim_server.store.database.engines import (
    database_url,
    keep_private,
    postgresql_engines,
    sqlite_engines,
)
from scim_server.store.database.lane import Lane, cause
from scim_server.store.database.transaction import Books, Transaction
from scim_server.store.database.turnstile import Turnstile
from scim_server.store.errors import BrokenHistory, StoreUnavailable
from seat_policy.thresholds import Standing

T = TypeVar("T")

NOTHING: Final[Values] = {}


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds, always of the same width."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who causes a change, and how it came in.

    Attributes:
        name: token's name, `operator`, or the worker's job.
        way_in: `scim`, `cli`, `worker`.
        request_id: the id that stands in our answer and log for the request.
    """

    name: str
    way_in: str
    request_id: str | None = None


OPERATOR: Final = Actor("operator", "cli")


class UnknownOrganization(LookupError):
    """There is no organization with this id."""


class Read:
    """A snapshot of the database, for one organization."""

    __slots__ = ("_connection", "organization")

    def __init__(self, connection: Connection, organization: str) -> None:
        self._connection = connection
        self.organization = organization

    @property
    def connection(self) -> Connection:
        """The connection, for statements in Core."""
        return self._connection

    def rows(self, query: Compiled, values: Values = NOTHING) -> list[Row]:
        """The rows of a query of this organization; `org` is the parameter that says so."""
        return query.rows(self._connection, {"org": self.organization, **values})

    def first(self, query: Compiled, values: Values = NOTHING) -> Row | None:
        """The first row of a query of this organization; None where there is none."""
        return query.first(self._connection, {"org": self.organization, **values})


class Write(Read):
    """The open transaction of one unit of work, which holds the organization's clock.

    Attributes:
        actor: on whose behalf.
        at: the moment of all its rows, as text.
        moved: where the tiers stand whose seats the work has moved.
        reserved: numbers of events that are still to be appended.
    """

    __slots__ = ("_transaction", "actor", "at", "moved", "reserved")

    def __init__(self, transaction: Transaction, organization: str, actor: Actor, at: str) -> None:
        super().__init__(transaction.connection, organization)
        self._transaction = transaction
        self.actor = actor
        self.at = at
        self.moved: dict[str, Standing] = {}
        self.reserved: set[int] = set()

    @property
    def connection(self) -> Connection:
        """The connection, for statements in Core: they see every seat moved so far, and may change anything.

        So what is known of settings and seats is written, and forgotten. Ask for it anew for each statement.
        """
        self._transaction.settle_seats(self.organization)
        self._transaction.send()
        self._transaction.wrote = True
        self.books.settings = None
        return self._connection

    @property
    def books(self) -> Books:
        """What this transaction knows of the organization."""
        return self._transaction.books[self.organization]

    @property
    def clock(self) -> Clock:
        """Where the organization's history stands; the work moves it."""
        return self.books.clock

    @property
    def moment(self) -> datetime:
        """The moment of all its rows."""
        return datetime.fromisoformat(self.at)

    def rows(self, query: Compiled, values: Values = NOTHING) -> list[Row]:
        """The rows of a query of this organization, with what the work has changed; `org` is a parameter."""
        self._transaction.send_before(query)
        return super().rows(query, values)

    def first(self, query: Compiled, values: Values = NOTHING) -> Row | None:
        """The first row of a query of this organization; None where there is none."""
        self._transaction.send_before(query)
        return super().first(query, values)

    def change(self, statement: Compiled, values: Values, rows: int | None = None) -> None:
        """Change rows of this organization other than its settings and seats, before the next statement.

        Args:
            rows: how many have to be touched; None where any number is right.
        """
        change = Change(statement, {"org": self.organization, **values}, rows)
        self._transaction.waiting.append(change)

    def attempt(self, work: Callable[[], T]) -> T:
        """Run a part of the work that may fail alone: what it raises, undoes it and nothing else."""
        savepoint = self.connection.begin_nested()
        before, moved, reserved = self.books.copy(), dict(self.moved), set(self.reserved)
        try:
            result = work()
            self._transaction.settle_seats(self.organization)
            self._transaction.send()
        except BaseException:
            savepoint.rollback()
            self._transaction.waiting.clear()
            self._transaction.books[self.organization] = before
            self.moved, self.reserved = moved, reserved
            raise
        savepoint.commit()
        return result

    @property
    def last_number(self) -> int:
        """The number that was reserved last; in the history so far where nothing was."""
        return self.clock.sequence

    def reserve(self, count: int = 1) -> int:
        """Take the next numbers of the history, and return the first.

        The rows that need a number may come before its event; each has to be appended in this write.
        """
        now = self.clock
        first = now.sequence + 1
        now.sequence += count
        self.reserved.update(range(first, first + count))
        return first

    def consume(self, first: int, count: int = 1) -> None:
        """Note that events with these numbers are being appended.

        Raises:
            BrokenHistory: a number was not reserved, or was appended before.
        """
        numbers = set(range(first, first + count))
        if not numbers <= self.reserved:
            raise BrokenHistory(f"not reserved: {sorted(numbers - self.reserved)}")
        self.reserved -= numbers

    def require_all_appended(self) -> None:
        """Go on only where every reserved number has its event: the history has no gaps.

        Raises:
            BrokenHistory: a reserved number was not appended.
        """
        if self.reserved:
            raise BrokenHistory(f"reserved and not appended: {sorted(self.reserved)}")


def clock_in(read: Read) -> Clock:
    """Where the organization's history stands, as this transaction sees it."""
    return read.clock if isinstance(read, Write) else clock.read(read.connection, read.organization)


class _Undone(Exception):
    """Takes the result of a preview out of the transaction that it undoes."""

    def __init__(self, result: Any) -> None:  # noqa: ANN401 - whatever the work returns
        super().__init__()
        self.result = result


class Rules(Protocol):
    """What every write of an organization applies besides its own work; services provide it."""

    def apply_due(self, write: Write) -> None:
        """Apply the due changes, before the work (SEATS 36)."""

    def conclude(self, write: Write) -> None:
        """Record what follows from the seats that the work has moved (SEATS 33)."""


@dataclass
class Database:
    """One database and the ways into it.

    Attributes:
        url: `sqlite:///file` or `postgresql://...`.
        rules: applied to every write of an organization.
        pool_size: connections to PostgreSQL, at most.
        now: the present moment; a test moves it.
        creates: whether a missing SQLite file is created.
        prepared: whether PostgreSQL keeps prepared statements for each connection.
    """

    url: str
    rules: Rules
    pool_size: int = 10
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    creates: bool = True
    prepared: bool = False

    def __post_init__(self) -> None:
        url = database_url(self.url)
        self.dialect: str = url.get_backend_name()
        self.writer: Engine
        self.reader: Engine
        self._turnstile: Turnstile | None = None
        self._single: Lane | None = None
        # A lane lives as long as a thread is in it.
        self._lanes: WeakValueDictionary[str, Lane] = WeakValueDictionary()
        self._mutex = Lock()
        if self.dialect == "sqlite":
            self.writer, self.reader = sqlite_engines(url, creates=self.creates)
            self._turnstile = Turnstile(Path(url.database or ""))
            self._single = Lane(self._begin, savepoints=True)
        else:
            self.writer, self.reader = postgresql_engines(url, self.pool_size, prepared=self.prepared)

    @property
    def place(self) -> str:
        """Where it is, for messages: the path of the file, or the URL without its password."""
        url = database_url(self.url)
        if self.dialect == "sqlite":
            return str(Path(url.database or "").absolute())
        return url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)

    def keep_private(self) -> None:
        """Take the files of a SQLite database away from everybody but their owner, if that is this user."""
        if self.dialect == "sqlite":
            keep_private(Path(self.place))

    def close(self) -> None:
        """Finish the waiting writes and give back every connection."""
        if self._single is not None and self._turnstile is not None:
            self._single.close()
            self._turnstile.close()
        self.reader.dispose()
        self.writer.dispose()

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A read of what belongs to no single organization: slugs, the operator's lists.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        try:
            with self.reader.connect() as connection, connection.begin():
                yield connection
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise StoreUnavailable(f"the database does not answer: {cause(error)}") from error

    @contextmanager
    def read(self, organization: str) -> Iterator[Read]:
        """A snapshot of one organization: all statements in it see the same moment."""
        with self.snapshot() as connection:
            yield Read(connection, organization)

    def write(
        self,
        organization: str,
        actor: Actor,
        work: Callable[[Write], T],
        *,
        due_first: bool = True,
        undo: bool = False,
    ) -> T:
        """Run one unit of work of an organization, committed when this returns.

        The organization's clock is written first: that is the lock. What its time has made due comes
        next. Returning commits, raising undoes.

        Args:
            due_first: whether what is due is applied; not where the work does it itself.
            undo: a preview: the work is done, its result returned, and everything undone.

        Raises:
            UnknownOrganization: no such organization.
            StoreUnavailable: the database does not answer; nothing was changed.
            CommitUncertain: nobody knows whether it was.
        """

        def unit(transaction: Transaction) -> T:
            if not transaction.lock(organization):
                raise UnknownOrganization(organization)
            write = Write(transaction, organization, actor, timestamp(self.now()))
            if due_first and write.clock.is_due(write.at):
                self.rules.apply_due(write)
            return self._worked(write, work, undo=undo)

        try:
            return self.lane(organization).write(unit, alone=undo)
        except _Undone as undone:
            result: T = undone.result
            return result

    def _worked(self, write: Write, work: Callable[[Write], T], *, undo: bool = False) -> T:
        result = work(write)
        write.require_all_appended()
        if undo:
            raise _Undone(result)
        if write.moved:
            self.rules.conclude(write)
            write.require_all_appended()
        return result

    def found(self, organization: str, actor: Actor, work: Callable[[Write], T]) -> T:
        """Run the unit of work that creates an organization; `work` inserts it and begins its clock."""

        def unit(transaction: Transaction) -> T:
            transaction.begin(organization)
            return self._worked(Write(transaction, organization, actor, timestamp(self.now())), work)

        return self.lane(organization).write(unit)

    def write_unnumbered(self, unit: Callable[[Connection], T]) -> T:
        """Write what is no part of an organization's history, such as a token's last use."""

        def of(transaction: Transaction) -> T:
            transaction.send()
            transaction.wrote = True
            return unit(transaction.connection)

        return self.lane(None).write(of)

    def lane(self, organization: str | None) -> Lane:
        """The lane of an organization, or of what belongs to none: on SQLite, one serves all."""
        if self._single is not None:
            return self._single
        if organization is None:
            return Lane(self._begin)
        with self._mutex:
            lane = self._lanes.get(organization)
            if lane is None:
                lane = self._lanes[organization] = Lane(self._begin)
            return lane

    @contextmanager
    def _begin(self) -> Iterator[Transaction]:
        turn = nullcontext() if self._turnstile is None else self._turnstile.turn()
        with turn, self.writer.connect() as connection, connection.begin():
            yield Transaction(connection)
