"""What a unit of work uses: an open snapshot, or the transaction of an organization that it has locked."""

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
from seat_policy.ways_in import WayIn

T = TypeVar("T")

NOTHING: Final[Values] = {}


def timestamp(moment: datetime) -> str:
    """A time in RFC 3339, in UTC, with microseconds, always with the same width."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Actor:
    """The actor of a change, and the way in.

    Attributes:
        name: the name of the token, `operator`, or the name of the worker's job.
        request_id: the id of the request, as in the answer and in the log.
        person: the id of the person who acts through the console; None for programs, providers and the
            operator, whose rights do not come from a role.
    """

    name: str
    way_in: WayIn
    request_id: str | None = None
    person: str | None = None


OPERATOR: Final = Actor("operator", WayIn.CLI)


class Read:
    """A snapshot of the database, for one organization."""

    __slots__ = ("_connection", "organization")

    def __init__(self, connection: Connection, organization: str) -> None:
        self._connection = connection
        self.organization = organization

    @property
    def connection(self) -> Connection:
        """The connection, for statements written in Core."""
        return self._connection

    @property
    def dialect(self) -> str:
        """The name of the database's dialect."""
        return self._connection.dialect.name

    def rows(self, query: Compiled, values: Values = NOTHING) -> list[Row]:
        """The rows of a query of this organization; its parameter `org` is the organization."""
        return query.rows(self._connection, {"org": self.organization, **values})

    def first(self, query: Compiled, values: Values = NOTHING) -> Row | None:
        """The first row of a query of this organization; None if there is none."""
        return query.first(self._connection, {"org": self.organization, **values})


class Write(Read):
    """The open transaction of one unit of work, which has locked the organization.

    Attributes:
        actor: the actor of the work.
        at: the time that all rows of the work get, as text.
        public_url: the beginning of every link; empty if no links are written.
        moved: the counts of the tiers whose seats the work has changed.
        reserved: event numbers that are still to be appended.
    """

    __slots__ = ("_transaction", "actor", "at", "moved", "public_url", "reserved")

    def __init__(
        self, transaction: Transaction, organization: str, actor: Actor, at: str, public_url: str = ""
    ) -> None:
        super().__init__(transaction.connection, organization)
        self._transaction = transaction
        self.actor = actor
        self.at = at
        self.public_url = public_url
        self.moved: dict[str, Standing] = {}
        self.reserved: set[int] = set()

    @property
    def connection(self) -> Connection:
        """The connection, for statements in Core.

        They see all earlier changes of seats, and may change anything.

        So the known settings and seats are written and then forgotten. Get the connection again for each
        statement.
        """
        self._transaction.settle_seats(self.organization)
        self._transaction.send()
        self._transaction.wrote = True
        self.books.settings = None
        return self._connection

    @property
    def books(self) -> Books:
        """What this transaction knows about the organization."""
        return self._transaction.books[self.organization]

    @property
    def clock(self) -> Clock:
        """The clock of the organization. The work changes it."""
        return self.books.clock

    @property
    def moment(self) -> datetime:
        """The time that all rows of the work get."""
        return datetime.fromisoformat(self.at)

    def rows(self, query: Compiled, values: Values = NOTHING) -> list[Row]:
        """The rows of a query of this organization, with the changes of the work; `org` is a parameter."""
        self._transaction.send_before(query)
        return super().rows(query, values)

    def first(self, query: Compiled, values: Values = NOTHING) -> Row | None:
        """The first row of a query of this organization; None if there is none."""
        self._transaction.send_before(query)
        return super().first(query, values)

    def change(self, statement: Compiled, values: Values, rows: int | None = None) -> None:
        """Change rows of this organization, except its settings and seats, before the next statement.

        Args:
            rows: how many rows must be changed; None if any number is correct.
        """
        change = Change(statement, {"org": self.organization, **values}, rows)
        self._transaction.waiting.append(change)

    def attempt(self, work: Callable[[], T]) -> T:
        """Run a part of the work that may fail. If it raises an error, only this part is rolled back."""
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
        """The number that was reserved last; if none was reserved, the last number of the history."""
        return self.clock.sequence

    def reserve(self, count: int = 1) -> int:
        """Reserve the next numbers of the history, and return the first.

        Rows that need a number can be written before the event. Each reserved number must be appended in this
        write.
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
    """The clock row of the organization, as this transaction sees it."""
    return read.clock if isinstance(read, Write) else clock.read(read.connection, read.organization)
