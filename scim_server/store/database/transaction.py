"""A transaction of the write lane: its connection, and what it knows about the organizations it has locked.

Units of work that share a transaction share this knowledge. The organization is locked once, and its settings
and seats are read once, for all units. The changes of seats are written once, before the commit.
"""

from copy import copy
from dataclasses import dataclass, field

from sqlalchemy import Connection

from scim_server.store.database import changes as changes_
from scim_server.store.database import clock, pool
from scim_server.store.database.changes import Change
from scim_server.store.database.clock import Clock
from scim_server.store.database.compiled import Compiled
from scim_server.store.database.pool import Pool


@dataclass(slots=True)
class Books:
    """What a transaction knows about an organization that it has locked.

    Attributes:
        stored: the clock as it is stored in the row.
        clock: the clock with the work done so far.
        pool: the seat counters; None until they are read.
        settings: the row of the organization as `rows.organizations` reads it; None until it is read.
    """

    stored: Clock
    clock: Clock
    pool: Pool | None = None
    settings: object | None = None

    def copy(self) -> "Books":
        """A copy for a unit of work that may fail."""
        seats = None if self.pool is None else self.pool.copy()
        return Books(self.stored, copy(self.clock), seats, self.settings)


@dataclass(slots=True)
class Transaction:
    """One open transaction.

    Attributes:
        books: the books of each organization, by id.
        wrote: whether the current unit of work may have written anything.
        waiting: the changes that are not sent yet.
    """

    connection: Connection
    books: dict[str, Books] = field(default_factory=dict)
    wrote: bool = False
    waiting: list[Change] = field(default_factory=list)

    def begin_unit(self) -> dict[str, Books]:
        """Begin a unit of work; return the state to which it returns if it fails."""
        self.wrote = False
        return dict(self.books)

    def forget_unit(self, before: dict[str, Books]) -> None:
        """Forget what a unit of work has changed, except what was already sent."""
        self.books = before
        self.waiting.clear()

    def lock(self, organization: str) -> bool:
        """Open the books of an organization for a unit of work. The organization is locked first.

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
        """Begin the books of an organization that this transaction creates.

        The work inserts its clock row.
        """
        self.books[organization] = Books(Clock(), Clock())

    def send_before(self, query: Compiled) -> None:
        """Send the changes that wait, if the query must see one of them."""
        for change in self.waiting:
            if change.statement.deletes or change.statement.changed_table in query.tables:
                return self.send()
        return None

    def send(self) -> None:
        """Send the changes that wait, because the next statement must see them."""
        if self.waiting:
            changes, self.waiting = self.waiting, []
            self.wrote = True
            changes_.send(self.connection, changes)

    def settle_seats(self, organization: str) -> None:
        """Queue the changed seat counters to be written. They are read again when they are needed again."""
        books = self.books[organization]
        if books.pool is not None:
            for values in books.pool.changes():
                self.waiting.append(Change(pool.MOVE, {"org": organization, **values}))
            books.pool = None

    def settle(self) -> None:
        """Write all changes that are not written yet. This is the last step before the commit.

        Raises:
            IntegrityError: more seats would be in use than exist.
        """
        for organization, books in self.books.items():
            self.settle_seats(organization)
            if books.clock != books.stored:
                self.waiting.append(Change(clock.SETTLE, clock.settling(organization, books.clock), rows=1))
            if books.clock.sequence != books.stored.sequence:
                mark = {"org": organization, "new_sequence": books.clock.sequence}
                self.waiting.append(Change(clock.MARK, mark, rows=1))
        self.send()
