"""What a unit of work holds: an open snapshot, or the transaction of an organization whose lock it has."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeVar

from sqlalchemy import Connection

from scim_server.store.database import clock
from scim_server.store.database.changes import Change
from scim_server.store.database.clock import Clock
from scim_server.store.database.compiled import Compiled, Row, Values
from scim_server.store.database.transaction import Books, Transaction
from scim_server.store.errors import BrokenHistory
from seat_policy.thresholds import Standing

T = TypeVar("T")

NOTHING: Final[Values] = {}


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
    """The open transaction of one unit of work, which holds the lock of the organization's clock.

    Attributes:
        actor: on whose behalf the work is done.
        at: the time of all its rows, as text.
        moved: the counts of the tiers whose seats the work has moved.
        reserved: event numbers that are still to be appended.
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
        """The time of all its rows."""
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
        """Run a part of the work that may fail: if it raises, only this part is rolled back."""
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
        """The number that was reserved last; without one, the last number of the history."""
        return self.clock.sequence

    def reserve(self, count: int = 1) -> int:
        """Reserve the next numbers of the history, and return the first.

        Rows that need a number can be written before its event; each number must be appended in this write.
        """
        now = self.clock
        first = now.sequence + 1
        now.sequence += count
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


def clock_in(read: Read) -> Clock:
    """The organization's clock, as this transaction sees it."""
    return read.clock if isinstance(read, Write) else clock.read(read.connection, read.organization)
