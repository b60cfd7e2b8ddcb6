"""The place of a command about webhook endpoints: one organization, or the vendor with all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlsplit

from scim_server.history import Event
from scim_server.services.errors import UnknownEndpoint
from scim_server.store.database.session import Actor, Connection, Database, Write, timestamp
from scim_server.store.rows import events
from scim_server.store.rows import webhook_endpoints as rows
from scim_server.store.rows.webhook_endpoints import Endpoint

T = TypeVar("T")
_SHORTEST: Final = 8
"""The shortest beginning of an id that identifies an endpoint."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A database, an actor, and the endpoints that the actor may use.

    Attributes:
        organization: the id of the organization whose endpoints may be used; None for the vendor, who may use
            all endpoints.
    """

    database: Database
    actor: Actor
    organization: str | None = None


class Work:
    """An open transaction about endpoints, in the organization of an endpoint or in none.

    Attributes:
        at: the time that all rows get.
    """

    def __init__(self, connection: Connection, at: str, write: Write | None) -> None:
        self._connection = connection
        self._write = write
        self.at = at

    @property
    def connection(self) -> Connection:
        """The connection, for the functions of rows."""
        return self._connection if self._write is None else self._write.connection

    def end_of_history(self, organization: str | None) -> int:
        """The present end of the events, with those of this work: of an organization, or of the feed."""
        if self._write is not None:
            return self._write.last_number
        return rows.end_of_history(self._connection, organization)

    def record(self, event: Event) -> None:
        """Append an event, if the endpoint belongs to an organization."""
        if self._write is not None:
            events.append(self._write, event)


def run(scope: Scope, organization: str | None, work: Callable[[Work], T]) -> T:
    """Run one unit of work about an endpoint of an organization, or of the vendor."""
    database = scope.database
    if organization is None:
        at = timestamp(database.now())
        return database.write_unnumbered(lambda connection: work(Work(connection, at, None)))
    return database.write(
        organization, scope.actor, lambda write: work(Work(write.connection, write.at, write))
    )


def find(scope: Scope, id_: str) -> Endpoint:
    """The endpoint with an id, or with the beginning of an id.

    Raises:
        UnknownEndpoint: there is none in this scope.
    """
    with scope.database.snapshot() as connection:
        listed = rows.every(connection, scope.organization)
    found = [one for one in listed if one.id == id_]
    if not found and len(id_) >= _SHORTEST:
        found = [one for one in listed if one.id.startswith(id_)]
    if len(found) != 1:
        raise UnknownEndpoint(f"there is no webhook endpoint '{id_}'")
    return found[0]


def change(scope: Scope, id_: str, work: Callable[[Work, Endpoint], T]) -> T:
    """Run one unit of work about an endpoint, which nobody else changes meanwhile.

    Raises:
        UnknownEndpoint: there is no such endpoint in this scope.
    """
    endpoint = find(scope, id_)

    def locked(unit: Work) -> T:
        present = rows.locked(unit.connection, endpoint.id)
        if present is None:
            raise UnknownEndpoint(f"there is no webhook endpoint '{id_}'")
        return work(unit, present)

    return run(scope, endpoint.organization, locked)


def host_of(url: str) -> str:
    """The host of a URL, for events: the rest may contain a secret."""
    return urlsplit(url).hostname or ""
