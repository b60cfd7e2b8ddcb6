"""A transaction of the write lane: its connection, and what it knows of the organizations that it has locked.

Units of work that share a transaction share this knowledge: the clock is taken, and the settings and seats
are read, once for all of them; what they moved is written once, before the commit.
"""

from copy import copy
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from scim_server.store.database import changes as changes_
from scim_server.store.database import clock, pool
from scim_server.store.database.changes import Change
from scim_server.store.database.clock import Clock
from scim_server.store.database.compiled import Compiled
from scim_server.store.database.pool import Pool


@dataclass(slots=True)
class Books:
    """What a transaction knows of an organization whose lock it holds.

    Attributes:
        stored: the clock as its row says.
        clock: where the history stands with the work done so far.
        pool: the counters of its seats; None until they are read.
        settings: the row of the organization as `rows.organizations` reads it; None until then.
    """

    stored: Clock
    clock: Clock
    pool: Pool | None = None
    settings: object | None = None

    def copy(self) -> "Books":
        """The same, for a unit of work that may fail."""
        seats = None if self.pool is None else self.pool.copy()
        return Books(self.stored, copy(self.clock), seats, self.settings)


@dataclass(slots=True)
class Transaction:
    """One open transaction.

    Attributes:
        books: by the organization's id.
        wrote: whether the unit of work under way may have written anything.
        waiting: changes that are not sent yet.
    """

    connection: Connection
    books: dict[str, Books] = field(default_factory=dict)
    wrote: bool = False
    waiting: list[Change] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether SQLite still has it: a full disk, for one, makes it give up the whole transaction."""
        return bool(self._driver.in_transaction)

    def run(self, command: str) -> None:
        """Run a command of SQLite's about the transaction itself."""
        self._driver.execute(command)

    @property
    def _driver(self) -> Any:  # noqa: ANN401 - a driver's connection
        return self.connection.connection.dbapi_connection

    def begin_unit(self) -> dict[str, Books]:
        """Begin a unit of work; returns what it goes back to where it fails."""
        self.wrote = False
        return dict(self.books)

    def forget_unit(self, before: dict[str, Books]) -> None:
        """Forget what a unit of work has moved and changed, but for what was sent."""
        self.books = before
        self.waiting.clear()

    def lock(self, organization: str) -> bool:
        """Open the books of an organization for a unit of work; its lock is taken first.

        Returns:
            Whether the organization exists.
        """
        found = self.books.get(organization)
        if found is not None:
            self.books[organization] = found.copy()
            return True
        now = clock.take(self.connection, organization)
        if now is not None:
            self.books[organization] = Books(copy(now), now)
        return now is not None

    def begin(self, organization: str) -> None:
        """Begin the books of an organization that this transaction creates; the work inserts its clock."""
        self.books[organization] = Books(Clock(), Clock())

    def send_before(self, query: Compiled) -> None:
        """Carry out the changes that wait, if the query is to see one of them."""
        for change in self.waiting:
            if change.statement.deletes or change.statement.changed_table in query.tables:
                return self.send()
        return None

    def send(self) -> None:
        """Carry out the changes that wait, because what comes next is to see them."""
        if self.waiting:
            changes, self.waiting = self.waiting, []
            self.wrote = True
            changes_.send(self.connection, changes)

    def settle_seats(self, organization: str) -> None:
        """Let the counters that were moved be written; they are read again when they are needed again."""
        books = self.books[organization]
        if books.pool is not None:
            for values in books.pool.changes():
                self.waiting.append(Change(pool.MOVE, {"org": organization, **values}))
            books.pool = None

    def settle(self) -> None:
        """Write what was moved and is not written yet: the last thing before the commit.

        Raises:
            IntegrityError: more seats would be in use than there are.
        """
        for organization, books in self.books.items():
            self.settle_seats(organization)
            if books.clock != books.stored:
                self.waiting.append(Change(clock.SETTLE, clock.settling(organization, books.clock), rows=1))
        self.send()
