"""Access to the database: `read` for a snapshot, `write` for one unit of work.

A unit of work may run more than once (after a lost connection or a deadlock), so it has no effects outside
the database: mail, webhooks and metrics follow from the rows that it writes.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from scim_server.store.database import clock
from scim_server.store.database.compiled import Compiled, Row, Values
from scim_server.store.database.engines import (
    alone,
    database_url,
    driver_lost,
    keep_private,
    postgresql_engines,
    sqlite_engines,
)
from scim_server.store.database.lane import Lane
from scim_server.store.database.ranks import Ranks
from scim_server.store.errors import BrokenHistory, CommitUncertain, StoreUnavailable
from seat_policy.thresholds import Standing

T = TypeVar("T")

Ask = Callable[[Compiled, Values], list[Row]]
"""Gives the rows of one query of an organization, which see one moment."""

ATTEMPTS: Final = 3
_SERIALIZATION_FAILURE: Final = "40001"
_DEADLOCK: Final = "40P01"


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds, always with the same width."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Actor:
    """The actor of a change, and its way in.

    Attributes:
        name: the name of the token, `operator`, or the name of the worker's job.
        way_in: `scim`, `cli`, `worker`.
        request_id: the id of the request in the answer and in the log.
    """

    name: str
    way_in: str
    request_id: str | None = None


OPERATOR: Final = Actor("operator", "cli")


class UnknownOrganization(LookupError):
    """No organization has this id."""


@dataclass(slots=True)
class Read:
    """A snapshot of the database, for one organization."""

    connection: Connection
    organization: str

    def rows(self, query: Compiled, values: Values) -> list[Row]:
        """The rows of a query of this organization; `org` is the parameter that says so."""
        return query.rows(self.connection, {"org": self.organization, **values})


@dataclass(slots=True)
class Write(Read):
    """The open transaction of one unit of work, which holds the lock of the organization's clock.

    Attributes:
        actor: on whose behalf the work is done.
        at: the time of all its rows, as text.
        clock: the organization's clock; the work changes it.
        moved: the counts of the tiers whose seats the work has moved.
        reserved: event numbers that are still to be appended.
    """

    actor: Actor
    at: str
    clock: clock.Clock
    moved: dict[str, Standing] = field(default_factory=dict)
    reserved: set[int] = field(default_factory=set)

    @property
    def moment(self) -> datetime:
        """The time of all its rows."""
        return datetime.fromisoformat(self.at)

    def attempt(self, work: Callable[[], T]) -> T:
        """Run a part of the work that may fail: if it raises, only this part is rolled back."""
        before, moved, reserved = copy(self.clock), dict(self.moved), set(self.reserved)
        savepoint = self.connection.begin_nested()
        try:
            result = work()
        except BaseException:
            savepoint.rollback()
            self.clock, self.moved, self.reserved = before, moved, reserved
            raise
        savepoint.commit()
        return result

    @property
    def last_number(self) -> int:
        """The number that was reserved last; without one, the last number of the history."""
        return self.clock.sequence

    def reserve(self, count: int = 1) -> int:
        """Reserve the next numbers of the history, and return the first.

        Rows that need a number can be written before its event; each number must be appended in this write.
        """
        first = self.clock.sequence + 1
        self.clock.sequence += count
        self.reserved.update(range(first, first + count))
        return first

    def consume(self, first: int, count: int = 1) -> None:
        """Record that events with these numbers are being appended.

        Raises:
            BrokenHistory: a number was not reserved, or was already appended.
        """
        numbers = set(range(first, first + count))
        if not numbers <= self.reserved:
            raise BrokenHistory(f"not reserved: {sorted(numbers - self.reserved)}")
        self.reserved -= numbers

    def require_all_appended(self) -> None:
        """Check that every reserved number has its event, so that the history has no gaps.

        Raises:
            BrokenHistory: a reserved number was not appended.
        """
        if self.reserved:
            raise BrokenHistory(f"reserved and not appended: {sorted(self.reserved)}")


def clock_in(read: Read) -> clock.Clock:
    """The organization's clock, as this transaction sees it."""
    return read.clock if isinstance(read, Write) else clock.read(read.connection, read.organization)


class _Undone(Exception):
    """Carries the result of a preview out of the transaction, which is rolled back."""

    def __init__(self, result: Any) -> None:  # noqa: ANN401 - whatever the work returns
        super().__init__()
        self.result = result


class Rules(Protocol):
    """What every write of an organization does in addition to its work; services provide it."""

    def apply_due(self, write: Write) -> None:
        """Apply due changes before the work (SEATS 36)."""

    def conclude(self, write: Write) -> None:
        """Record the alerts that follow from moved seats (SEATS 33)."""


@dataclass
class Database:
    """One database, with the functions to read and write it.

    Attributes:
        url: `sqlite:///file` or `postgresql://...`.
        rules: applied to every write of an organization.
        pool_size: connections to PostgreSQL, at most.
        now: the present time; tests set it.
        creates: whether a missing SQLite file is created.
        ranks: where rows of long lists stand, as far as this process knows.
    """

    url: str
    rules: Rules
    pool_size: int = 10
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    creates: bool = True
    ranks: Ranks = field(default_factory=Ranks)

    def __post_init__(self) -> None:
        url = database_url(self.url)
        self.dialect: str = url.get_backend_name()
        self.writer: Engine
        self.reader: Engine
        self.single: Engine
        self._lane: Lane | None = None
        if self.dialect == "sqlite":
            self.writer, self.reader = sqlite_engines(url, creates=self.creates)
            self.single = self.reader
            self._lane = Lane(self.writer, Path(url.database or ""))
        else:
            self.writer, self.reader = postgresql_engines(url, self.pool_size)
            self.single = self.writer

    @property
    def place(self) -> str:
        """The place of the database for messages: the path of the file, or the URL without its password."""
        url = database_url(self.url)
        if self.dialect == "sqlite":
            return str(Path(url.database or "").absolute())
        return url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)

    def keep_private(self) -> None:
        """Make the files of a SQLite database readable by their owner only, if that is this user."""
        if self.dialect == "sqlite":
            keep_private(Path(self.place))

    def close(self) -> None:
        """Finish the waiting writes and close every connection."""
        if self._lane is not None:
            self._lane.close()
        self.reader.dispose()
        self.writer.dispose()

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A read of data that belongs to no single organization: slugs, the operator's lists.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        try:
            with self.reader.connect() as connection, connection.begin():
                yield connection
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise StoreUnavailable(f"the database does not answer: {_cause(error)}") from error

    def ask(self, organization: str, query: Compiled, values: Values) -> list[Row]:
        """The rows of one query of an organization, without a transaction: one statement sees one moment.

        Args:
            query: has the parameter `org`.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        try:
            driver = self.single.raw_connection()
        except self._errors as error:
            raise StoreUnavailable(f"the database does not answer: {_cause(error)}") from error
        try:
            with alone(driver, self.dialect):
                return query.rows_alone(self.single, driver, {"org": organization, **values})
        except self._errors as error:
            if driver_lost(self.single, driver, error):
                driver.invalidate(error)
                self.single.dispose()  # the others are as old
            raise StoreUnavailable(f"the database does not answer: {_cause(error)}") from error
        finally:
            driver.close()

    @property
    def _errors(self) -> tuple[type[Exception], ...]:
        """What is raised where the database does not answer."""
        driver: Any = self.single.dialect.loaded_dbapi
        return driver.OperationalError, driver.InterfaceError, PoolTimeout

    @contextmanager
    def read(self, organization: str) -> Iterator[Read]:
        """A snapshot of one organization: all statements in it see the same state."""
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
        """Run one unit of work of an organization; it is committed when this returns.

        The organization's clock is written first: that is the lock. Then due changes are applied. Returning
        commits, and raising rolls back.

        Args:
            due_first: whether due changes are applied; false if the work applies them.
            undo: for a preview: the work is done, its result is returned, and the transaction is rolled back.

        Raises:
            UnknownOrganization: the organization does not exist.
            StoreUnavailable: the database does not answer; nothing was changed.
            CommitUncertain: it is unknown whether the transaction was committed.
        """

        def unit(connection: Connection) -> T:
            before = clock.take(connection, organization)
            if before is None:
                raise UnknownOrganization(organization)
            write = Write(connection, organization, actor, timestamp(self.now()), copy(before))
            if due_first and write.clock.is_due(write.at):
                self.rules.apply_due(write)
            result = work(write)
            write.require_all_appended()
            if undo:
                raise _Undone(result)
            if write.moved:
                self.rules.conclude(write)
            write.require_all_appended()
            clock.settle(connection, organization, before, write.clock)
            return result

        try:
            return self._transact(unit)
        except _Undone as undone:
            result: T = undone.result
            return result

    def found(self, organization: str, actor: Actor, work: Callable[[Write], T]) -> T:
        """Run the unit of work that creates an organization; `work` inserts it and its clock."""

        def unit(connection: Connection) -> T:
            write = Write(connection, organization, actor, timestamp(self.now()), clock.Clock())
            result = work(write)
            if write.moved:
                self.rules.conclude(write)
            write.require_all_appended()
            # One less, because no update raised the sequence of the new row.
            clock.settle(connection, organization, clock.Clock(sequence=-1), write.clock)
            return result

        return self._transact(unit)

    def write_unnumbered(self, unit: Callable[[Connection], T]) -> T:
        """Write data outside an organization's history, such as the last use of a token."""
        return self._transact(unit)

    def _transact(self, unit: Callable[[Connection], T]) -> T:
        if self._lane is not None:
            return self._lane.write(unit)
        return self._pooled(unit)

    def _pooled(self, unit: Callable[[Connection], T]) -> T:
        for attempt in range(1, ATTEMPTS + 1):
            committing = False
            try:
                with self.writer.connect() as connection, connection.begin() as transaction:
                    result = unit(connection)
                    committing = True
                    transaction.commit()
                    return result
            except PoolTimeout as error:
                raise StoreUnavailable("every connection to the database is in use") from error
            except (OperationalError, InterfaceError) as error:
                if committing:
                    raise CommitUncertain(f"the connection was lost in a commit: {_cause(error)}") from error
                if attempt == ATTEMPTS or not _repeatable(error):
                    raise StoreUnavailable(f"the database does not answer: {_cause(error)}") from error
        raise AssertionError("the last attempt returns or raises")


def _repeatable(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or state in {_SERIALIZATION_FAILURE, _DEADLOCK}


def _cause(error: BaseException) -> str:
    """The first line of the driver's message, without SQLAlchemy's statement and parameters."""
    return str(getattr(error, "orig", None) or error).strip().split("\n", 1)[0]
