"""Access to the database. `read` opens a snapshot, and `write` runs one unit of work.

A unit of work may run more than once (after a lost connection or a deadlock), so it must have no effects
outside the database. Mail, webhooks and metrics follow from the rows that it writes.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final, Protocol, TypeVar
from weakref import WeakValueDictionary

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from scim_server import metrics
from scim_server.store.database.compiled import Compiled, Row, Values
from scim_server.store.database.engines import (
    alone,
    database_url,
    driver_lost,
    keep_private,
    postgresql_engines,
    reach,
    sqlite_engines,
)
from scim_server.store.database.lane import Lane, cause
from scim_server.store.database.ranks import Ranks
from scim_server.store.database.transaction import Transaction
from scim_server.store.database.turnstile import TURN_SECONDS, Turnstile
from scim_server.store.database.unit import OPERATOR, Actor, Read, Write, clock_in, timestamp
from scim_server.store.database.watch import Watch, identity
from scim_server.store.errors import StoreUnavailable

__all__ = [
    "OPERATOR",
    "Actor",
    "Ask",
    "Claim",
    "Connection",
    "Database",
    "Read",
    "Rules",
    "Served",
    "UnknownOrganization",
    "Write",
    "clock_in",
    "timestamp",
]

T = TypeVar("T")

LOCK_SECONDS: Final = 5
"""How long a statement of a server waits for a lock of PostgreSQL."""
Ask = Callable[[Compiled, Values], list[Row]]
"""Returns the rows of one query of an organization, which all show one state."""


class UnknownOrganization(LookupError):
    """No organization has this id."""


@dataclass(frozen=True, slots=True)
class Served:
    """How a server that runs for long uses its database.

    Attributes:
        file: the identity of the SQLite file that the server was started with; None for the present file.
        most_waiting: how many threads may wait for one lock when it is not released.
    """

    file: str | None = None
    most_waiting: int | None = None


class _Undone(Exception):
    """Carries the result of a preview out of the transaction, which is rolled back."""

    def __init__(self, result: Any) -> None:  # noqa: ANN401 - whatever the work returns
        super().__init__()
        self.result = result


class Rules(Protocol):
    """What every write of an organization does in addition to its work. The services provide these rules."""

    def apply_due(self, write: Write) -> None:
        """Apply due changes before the work (SEATS 36)."""

    def conclude(self, write: Write) -> None:
        """Record what follows from changed seats: requests that ended, and alerts (SEATS 33)."""


class Claim(Protocol):
    """What the first unit of work of a request also writes, so that the request has its effect only once."""

    def take(self, write: Write) -> None:
        """Write it in the transaction of the work; raise an error if the request had its effect before."""

    def keep(self) -> None:
        """Remember that the transaction was committed."""


@dataclass
class Database:
    """One database, with the functions to read and write it.

    Attributes:
        url: `sqlite:///file` or `postgresql://...`.
        rules: the rules that are applied to every write of an organization.
        pool_size: the maximum number of connections to PostgreSQL.
        now: a function that returns the present time; tests replace it.
        creates: whether a missing SQLite file is created.
        public_url: the beginning of every link in stored texts; empty if they have no links.
        anew: whether a missing SQLite file is created even if the database held data.
        prepared: whether PostgreSQL keeps prepared statements for each connection.
        served: how a server that runs for long uses the database; None for a command.
        ranks: the places of rows in long lists, as far as this process has seen them.
        claim: what the units of work of one request also write.
    """

    url: str
    rules: Rules
    pool_size: int = 10
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    creates: bool = True
    prepared: bool = False
    public_url: str = ""
    anew: bool = False
    served: Served | None = None
    ranks: Ranks = field(default_factory=Ranks)
    claim: Claim | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        url = database_url(self.url)
        self.dialect: str = url.get_backend_name()
        self.writer: Engine
        self.reader: Engine
        self.single: Engine
        self._turnstile: Turnstile | None = None
        self._watch: Watch | None = None
        self._single: Lane | None = None
        # A lane exists as long as a thread uses it.
        self._lanes: WeakValueDictionary[str, Lane] = WeakValueDictionary()
        self._mutex = Lock()
        if self.dialect == "sqlite":
            file = Path(self.place)
            if self.served is None or self.served.file is None:
                reach(file, creates=self.creates, anew=self.anew)
            self.writer, self.reader = sqlite_engines(url)
            self.single = self.reader
            self._watch = None if self.served is None else Watch(file, self.served.file)
            self._turnstile = Turnstile(file, None if self.served is None else TURN_SECONDS)
            self._single = self._new_lane()
        else:
            self.writer, self.reader = postgresql_engines(
                url,
                self.pool_size,
                prepared=self.prepared,
                lock_seconds=None if self.served is None else LOCK_SECONDS,
            )
            self.single = self.writer

    def claiming(self, claim: Claim) -> "Database":
        """This database for one request, whose units of work also write something."""
        same = copy(self)
        same.claim = claim
        return same

    @property
    def place(self) -> str:
        """The place of the database for messages: the path of the file, or the URL without its password."""
        url = database_url(self.url)
        if self.dialect == "sqlite":
            return str(Path(url.database or "").absolute())
        return url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)

    @property
    def connections_in_use(self) -> int:
        """The connections of this process that are in use now."""
        pools = {self.reader.pool, self.writer.pool}
        return sum(pool.checkedout() for pool in pools if isinstance(pool, QueuePool))

    @property
    def file_identity(self) -> str | None:
        """The identity of a SQLite file that is not open, for `Served`; None on PostgreSQL."""
        return str(identity(Path(self.place))) if self.dialect == "sqlite" else None

    def keep_private(self) -> None:
        """Allow only the owner to read the files of a SQLite database, if this user is the owner."""
        if self.dialect == "sqlite":
            keep_private(Path(self.place))

    def close(self) -> None:
        """Finish the waiting writes and close every connection."""
        if self._single is not None and self._turnstile is not None:
            self._single.close()
            self._turnstile.close()
        self.reader.dispose()
        self.writer.dispose()
        if self._watch is not None:
            self._watch.close()

    def _verify(self) -> None:
        """Check that the file of the database is the one that the server was started with.

        Raises:
            DatabaseReplaced: it is another one.
        """
        if self._watch is not None:
            self._watch.verify()

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A read of data that belongs to no single organization, such as slugs and the operator's lists.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        try:
            with self.reader.connect() as connection, connection.begin():
                yield connection
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise StoreUnavailable(f"the database does not answer: {cause(error)}") from error
        except DatabaseError as error:
            if not _unreadable(error):
                raise
            raise StoreUnavailable(f"the database cannot be read: {cause(error)}") from error
        finally:
            self._verify()

    def ask(self, organization: str, query: Compiled, values: Values) -> list[Row]:
        """The rows of one query of an organization. It needs no transaction, as one statement sees one state.

        Args:
            query: a query with the parameter `org`.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        try:
            driver = self.single.raw_connection()
        except self._errors as error:
            raise StoreUnavailable(f"the database does not answer: {cause(error)}") from error
        try:
            with alone(driver, self.dialect):
                return query.rows_alone(self.single, driver, {"org": organization, **values})
        except self._errors as error:
            if driver_lost(self.single, driver, error):
                driver.invalidate(error)
                self.single.dispose()  # The other connections are as old as this one.
            raise StoreUnavailable(f"the database does not answer: {cause(error)}") from error
        finally:
            driver.close()
            self._verify()

    @property
    def _errors(self) -> tuple[type[Exception], ...]:
        """Raise the right error if the database does not answer."""
        driver: Any = self.single.dialect.loaded_dbapi
        return driver.OperationalError, driver.InterfaceError, PoolTimeout

    @contextmanager
    def read(self, organization: str) -> Iterator[Read]:
        """A snapshot of one organization. All statements in it see the same state."""
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
        """Run one unit of work of an organization. It is committed when this function returns.

        The organization is locked first. Then due changes are applied. If the work returns, the transaction
        is committed. If the work raises an error, it is rolled back.

        Args:
            due_first: whether due changes are applied; false if the work applies them.
            undo: whether this is a preview; then the work is done, its result is returned, and the
                transaction is rolled back.

        Raises:
            UnknownOrganization: the organization does not exist.
            StoreUnavailable: the database does not answer; nothing was changed.
            CommitUncertain: it is unknown whether the transaction was committed.
        """
        began = time.monotonic()

        def unit(transaction: Transaction) -> T:
            if not transaction.lock(organization):
                raise UnknownOrganization(organization)
            metrics.lock_wait(time.monotonic() - began)
            write = self._unit(transaction, organization, actor)
            if due_first and write.clock.is_due(write.at):
                self.rules.apply_due(write)
            return self._worked(write, work, undo=undo)

        try:
            return self._kept(self.lane(organization).write(unit, alone=undo))
        except _Undone as undone:
            result: T = undone.result
            return result

    def _unit(self, transaction: Transaction, organization: str, actor: Actor) -> Write:
        return Write(transaction, organization, actor, timestamp(self.now()), self.public_url)

    def _kept(self, result: T) -> T:
        """Return the result of a unit that was committed."""
        if self.claim is not None:
            self.claim.keep()
        return result

    def _worked(self, write: Write, work: Callable[[Write], T], *, undo: bool = False) -> T:
        if self.claim is not None and not undo:
            self.claim.take(write)
        result = work(write)
        write.require_all_appended()
        if undo:
            raise _Undone(result)
        if write.moved or write.clock.asking:
            self.rules.conclude(write)
            write.require_all_appended()
        return result

    def found(self, organization: str, actor: Actor, work: Callable[[Write], T]) -> T:
        """Run the unit of work that creates an organization.

        `work` inserts the organization and its clock row.
        """

        def unit(transaction: Transaction) -> T:
            transaction.begin(organization)
            return self._worked(self._unit(transaction, organization, actor), work)

        return self._kept(self.lane(organization).write(unit))

    def write_unnumbered(self, unit: Callable[[Connection], T]) -> T:
        """Write data outside an organization's history, such as the last use of a token."""

        def of(transaction: Transaction) -> T:
            transaction.send()
            transaction.wrote = True
            return unit(transaction.connection)

        return self.lane(None).write(of)

    def lane(self, organization: str | None) -> Lane:
        """The lane of an organization, or of data that belongs to none. On SQLite, all share one lane."""
        if self._single is not None:
            return self._single
        if organization is None:
            return self._new_lane()
        with self._mutex:
            lane = self._lanes.get(organization)
            if lane is None:
                lane = self._lanes[organization] = self._new_lane()
            return lane

    def _new_lane(self) -> Lane:
        return Lane(self._begin, None if self.served is None else self.served.most_waiting)

    @contextmanager
    def _begin(self) -> Iterator[Transaction]:
        self._verify()
        turn = nullcontext() if self._turnstile is None else self._turnstile.turn()
        try:
            with turn, self.writer.connect() as connection, connection.begin():
                yield Transaction(connection)
        finally:
            # A file that was deleted during the batch has no name. What was committed to it is lost.
            self._verify()


def _unreadable(error: DatabaseError) -> bool:
    """Whether SQLite found damage, or a file that is not a database; its other errors have own classes."""
    return type(error) is DatabaseError
