"""An organization with webhook endpoints, whose clock the test moves."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from threading import Event
from typing import Any

from sqlalchemy import text

from scim_server.egress.sender import Policy
from scim_server.services.webhooks import commands, queries
from scim_server.services.webhooks.commands import NewEndpoint, Scope
from scim_server.services.webhooks.queries import Entry
from scim_server.services.webhooks.settings import Check
from scim_server.store.database.session import OPERATOR, Database, timestamp
from scim_server.store.rows.webhook_endpoints import Endpoint
from scim_server.worker import courier
from tests.support.builders.customer import Customer, at
from tests.support.servers.receiving import Received

HERE = Policy(private=True)
START = "2026-03-02T12:00:00"


def unchecked(url: str) -> str:
    return url


class Hooks:
    """A database with endpoints; every method is one use."""

    def __init__(self, database: Database, start: str = START) -> None:
        self.database = database
        self.now = at(start)

    @property
    def now(self) -> datetime:
        return self.database.now()

    @now.setter
    def now(self, moment: datetime) -> None:
        self.database.now = lambda: moment

    def customer(self, seats: int = 1000) -> Customer:
        return Customer(self.database, timestamp(self.now), None, {"standard": seats})

    def scope(self, customer: Customer | None = None) -> Scope:
        return Scope(self.database, OPERATOR, None if customer is None else customer.id)

    def add(
        self,
        url: str,
        customer: Customer | None = None,
        check: Check = unchecked,
        **said: Any,  # noqa: ANN401 - the settings of an endpoint
    ) -> Endpoint:
        return self.added(url, customer, check, **said).endpoint

    def added(
        self,
        url: str,
        customer: Customer | None = None,
        check: Check = unchecked,
        **said: Any,  # noqa: ANN401 - as above
    ) -> commands.NewKey:
        return commands.add(self.scope(customer), NewEndpoint(url, **said), check)

    def remove_endpoints(self) -> None:
        for one in queries.states(self.scope()):
            commands.remove(self.scope(), one.endpoint.id)

    def send(self) -> int:
        """Send what is due now, until nothing is."""
        return courier.run_once(self.database, HERE, Event())

    def pass_time(self, until: datetime, step: timedelta = timedelta(minutes=20)) -> None:
        """Let the time pass, and send whenever something is due."""
        while True:
            self.send()
            due = self.next_due()
            if due is None or due > until:
                break
            self.now = max(due, min(self.now + step, until))
        self.now = until
        self.send()

    def next_due(self) -> datetime | None:
        query = (
            "SELECT min(CASE WHEN e.paused > b.due THEN e.paused ELSE b.due END) FROM webhook_backlogs b "
            "JOIN webhook_endpoints e ON e.id = b.endpoint WHERE e.disabled IS NULL"
        )
        with self.database.reader.connect() as connection:
            found = connection.execute(text(query)).scalar_one()
        return None if found is None else datetime.fromisoformat(found)

    def state(self, endpoint: Endpoint) -> queries.State:
        return queries.state(self.scope(), endpoint.id)

    def log(self, endpoint: Endpoint, **wanted: Any) -> list[Entry]:  # noqa: ANN401 - of a filter
        """The attempts, oldest first."""
        found = queries.log(self.scope(), endpoint.id, queries.Filter(**wanted), limit=10_000)
        return list(found.data[::-1])

    def outcomes(self, endpoint: Endpoint) -> list[str]:
        return [one.attempt.outcome for one in self.log(endpoint)]


def ids(requests: Sequence[Received]) -> list[str]:
    return [one.id for one in requests]


def person_of(event: Mapping[str, Any]) -> str | None:
    """The id of the person that an event of a message is about."""
    about = event["data"]["about"]
    return about["id"] if about["type"] == "person" else None


def events_of(requests: Sequence[Received]) -> list[dict[str, Any]]:
    return [event for one in requests for event in one.events]
