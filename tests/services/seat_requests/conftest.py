"""Customers whose people ask for seats."""

from collections.abc import Callable

import orjson
import pytest

from scim_server.services.context import Context
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import commands as people
from scim_server.services.seat_requests import commands, queries
from scim_server.services.seat_requests.commands import Approved, Done, Listed, NoneFree
from scim_server.store.database.session import Actor, Database
from seat_policy.requests import RequestState
from seat_policy.roles import Role
from seat_policy.ways_in import WayIn
from tests.support.builders.customer import done, terms
from tests.support.builders.mapped import Mapped

APP = Actor("app", WayIn.JIT, "request-2")


class Asking(Mapped):
    """Every method is one use of requests."""

    def ask(self, name: str, tier: str | None = None, reason: str = "a new project") -> Listed:
        return commands.ask(self.context(APP), f"{name}@example.com", reason, tier)

    def approving(
        self, request: Listed, *, buys: bool = True, preview: bool = False, **how: str | None
    ) -> Done[Approved] | NoneFree:
        outcome = commands.approve(
            self.as_person(how.get("by")),
            str(request.reference),
            buys=buys,
            preview=preview,
            confirmation=how.get("confirmation"),
        )
        return outcome if isinstance(outcome, NoneFree) else done(outcome)

    def approve(self, request: Listed, *, by: str | None = None) -> Approved:
        outcome = self.approving(request, by=by)
        assert isinstance(outcome, Done), outcome
        return outcome.result

    def as_person(self, name: str | None) -> Context:
        """The context of a person at the console; of the operator without a name."""
        if name is None:
            return self.context()
        actor = Actor(name, WayIn.CONSOLE, "request-3", self.person(name).id)
        return self.context(actor)

    def give_role(self, name: str, role: Role) -> None:
        people.set_role(self.context(), f"{name}@example.com", role)

    def state(self, request: Listed) -> tuple[RequestState, str | None]:
        """The state, and the reason of the last event."""
        found = queries.show(self.context(), str(request.reference)).request
        reasons = {row.sequence: row.reason for row in self.rows("SELECT sequence, reason FROM events")}
        return found.state, None if found.closed_by is None else reasons[found.closed_by]

    def asking(self) -> list[str]:
        """The people with an open request, oldest first."""
        return [one.request.user_name.partition("@")[0] for one in queries.sheet(self.context()).data]

    def mails(self, kind: str) -> list[tuple[str, str, dict[str, object]]]:
        """The recipient, language and facts of each queued mail, oldest first."""
        rows = self.rows("SELECT id, recipient, language, facts, kind FROM mails")
        listed = sorted((row for row in rows if row.kind == kind), key=lambda row: int(row.id))
        return [
            (
                row.recipient,
                row.language,
                row.facts if isinstance(row.facts, dict) else orjson.loads(row.facts),
            )
            for row in listed
        ]

    def set_policy(self, policy: str) -> None:
        organizations.configure(self.context(), Changes({"seat_requests": policy}))

    def configure(self, **settings: object) -> None:
        organizations.configure(self.context(), Changes(settings))


@pytest.fixture
def new_customer(database: Database) -> Callable[..., Asking]:
    """A function that founds a customer with a contract on 1 March 2026."""

    def found(seats: dict[str, int], *, overflow: str = "queue", **more: object) -> Asking:
        return Asking(database, "2026-03-01", terms(), seats, overflow=overflow, **more)  # type: ignore[arg-type]

    return found
