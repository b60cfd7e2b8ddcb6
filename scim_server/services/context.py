"""The place and the actor of a command or query. An interface creates it and passes it to every function."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeVar

from scim_server.store.database.compiled import Compiled, Row, Values
from scim_server.store.database.session import Actor, Database, Read, Write

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Context:
    """One organization in one database, and the actor.

    Attributes:
        organization: the organization's id.
    """

    database: Database
    organization: str
    actor: Actor

    def read(self) -> AbstractContextManager[Read]:
        """Open a snapshot of the organization. All queries in it see the same state."""
        return self.database.read(self.organization)

    def ask(self, query: Compiled, values: Values) -> list[Row]:
        """Run one query of the organization. The query sees a consistent state without a transaction."""
        return self.database.ask(self.organization, query, values)

    def write(self, work: Callable[[Write], T]) -> T:
        """Run one unit of work and commit it.

        The unit may run twice, so it must have no effects outside the database.

        Raises:
            StoreError: the database cannot be used; nothing was changed.
        """
        return self.database.write(self.organization, self.actor, work)

    def preview(self, work: Callable[[Write], T]) -> T:
        """Run one unit of work, return its result, and roll it back."""
        return self.database.write(self.organization, self.actor, work, undo=True)
