"""A customer whose provider removes many people at once."""

from collections.abc import Iterable, Sequence
from typing import Any

from scim_server.protocol.bulk import parse_bulk
from scim_server.protocol.user import parse_user
from scim_server.services.billing import due
from scim_server.services.confirmations import Done, Stale
from scim_server.services.context import Context
from scim_server.services.groups import commands as groups
from scim_server.services.mass_removals import commands as removals
from scim_server.services.mass_removals import queries as removal_queries
from scim_server.services.mass_removals.commands import Confirmed, Restored
from scim_server.services.mass_removals.queries import MassRemoval
from scim_server.services.notifications import commands as notifications
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import commands as people
from scim_server.store.database.session import OPERATOR, Database
from tests.support.builders.customer import OKTA, USERS, Customer, done, terms
from tests.support.builders.mapped import Mapped

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


def names(first: int, last: int) -> list[str]:
    """p01 to p99, both ends included."""
    return [f"p{number:02}" for number in range(first, last + 1)]


class RemovalCustomer(Customer):
    def __init__(
        self,
        database: Database,
        seats: dict[str, int],
        *,
        holds: bool = True,
        **more: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(database, "2026-03-01T09:00", terms(), seats, **more)
        if holds:
            organizations.configure(Context(database, self.id, OPERATOR), Changes({"hold_removals": True}))

    def deactivate(self, whom: Iterable[str]) -> None:
        for name in whom:
            self.provision_values(name, active=False)

    def activate(self, whom: Iterable[str]) -> None:
        for name in whom:
            self.provision_values(name, active=True)

    def delete(self, whom: Iterable[str]) -> None:
        for name in whom:
            self.remove(name)

    def provision_values(self, name: str, **values: Any) -> None:  # noqa: ANN401 - SCIM values
        """A request of a provider about an existing person."""
        user = parse_user({"userName": f"{name}@example.com", **values}, USERS)
        people.replace(Context(self.database, self.id, OKTA), self.person(name).id, user)

    def removals(self) -> list[MassRemoval]:
        return list(removal_queries.page(self.context()).data)

    def removal(self) -> str:
        (one,) = self.removals()
        return str(one.reference)

    def confirming(self, **how: Any) -> Done[Confirmed] | Stale:  # noqa: ANN401 - as the service takes them
        return removals.confirm(self.context(), self.removal(), **how)

    def confirm(self) -> Confirmed:
        return done(self.confirming()).result

    def restoring(self, **how: Any) -> Done[Restored] | Stale:  # noqa: ANN401 - as the service takes them
        return removals.restore(self.context(), self.removal(), **how)

    def restore(self, **how: Any) -> Restored:  # noqa: ANN401 - as the service takes them
        return done(self.restoring(**how)).result

    def pool(self, tier: str = "standard") -> tuple[int, int, int, int]:
        """Purchased, assigned, held and waiting."""
        rows = self.rows("SELECT tier, purchased, assigned, held, waiting FROM seat_pool")
        return next((row.purchased, row.assigned, row.held, row.waiting) for row in rows if row.tier == tier)

    def sitting(self, whom: Iterable[str]) -> set[str]:
        """The tiers or statuses of some people."""
        return set(self.whereabouts(*whom))

    def bulk(self, operations: Sequence[dict[str, Any]]) -> list[int]:
        """One bulk request; the status of each operation."""
        body: dict[str, Any] = {"schemas": [BULK], "Operations": list(operations)}
        request = parse_bulk(body, {"users": "/Users", "groups": "/Groups"})
        return [one.status for one in groups.run_bulk(Context(self.database, self.id, OKTA), request)]

    def do_daily_work(self) -> None:
        notifications.do_daily_work(self.database)

    def pass_the_time(self) -> None:
        """Apply due changes by an empty write."""
        due.catch_up(self.database, self.id)

    def kept(self) -> int:
        """The number of people whose values are stored."""
        return len([row for row in self.rows("SELECT deleted FROM departures") if row.deleted is not None])

    def queue(self) -> list[str]:
        rows = self.rows("SELECT user_name, priority, arrival, wants FROM people")
        waiting = [row for row in rows if row.wants is not None]
        return [row.user_name for row in sorted(waiting, key=lambda row: (row.priority, row.arrival))]


class LeftInGroups(RemovalCustomer, Mapped):
    def delete_group(self, name: str) -> None:
        groups.delete(Context(self.database, self.id, OKTA), self.group_id(name))

    def group_id(self, name: str) -> str:
        rows = self.rows('SELECT id, display_name FROM "groups"')
        return next(str(row.id) for row in rows if row.display_name == name)

    def members_of(self, group: str) -> set[str]:
        rows = self.rows("SELECT group_id, person FROM group_members")
        return {row.person for row in rows if row.group_id == group}
