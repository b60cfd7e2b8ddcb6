"""One organization on a real database, which answers in the words of tests.model."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from scim_server.protocol import patch
from scim_server.protocol.attributes import JSON
from scim_server.protocol.change import Kind
from scim_server.protocol.directory import STANDARD
from scim_server.protocol.errors import Forbidden, Uniqueness
from scim_server.protocol.group import Group, MemberChange, parse_group
from scim_server.protocol.user import User, parse_user
from scim_server.services.billing import commands as billing
from scim_server.services.billing.contracts import Terms
from scim_server.services.billing.purchases import Request
from scim_server.services.context import Context
from scim_server.services.errors import ServiceError
from scim_server.services.groups import commands as groups
from scim_server.services.left_out import commands as clearing
from scim_server.services.left_out import queries as left_out_queries
from scim_server.services.left_out.let_in import Retried
from scim_server.services.modes import accepting_scim
from scim_server.services.organizations import overflow as overflows
from scim_server.services.organizations import settings
from scim_server.services.organizations.create import NewOrganization, found
from scim_server.services.people import commands as people
from scim_server.services.people import provision
from scim_server.services.people.commands import Changed
from scim_server.services.people.manage import NoSeatFree
from scim_server.services.seats import commands as seats
from scim_server.services.seats.refuse import Refused
from scim_server.store.database.session import OPERATOR, Actor, Database, Write
from scim_server.store.rows import people as people_store
from scim_server.store.rows import seats as seat_store
from scim_server.store.rows.people import Person
from seat_policy.bill import Order
from seat_policy.contract import DEFAULT_TIERS, Per, Tier
from seat_policy.overflow import Overflow
from seat_policy.roles import Role
from seat_policy.ways_in import WayIn
from tests.support.oracles.recount import recount
from tests.support.oracles.rows import Rows, observed, read

PROVIDER = Actor("okta", WayIn.SCIM, "request-1")
OWNER = "owner@example.com"
ANN, BOB, CY, DEE = (f"{name}@example.com" for name in ("ann", "bob", "cy", "dee"))
USERS = STANDARD.user_reader(seats=False, strict=False)
GROUPS = STANDARD.group_reader(strict=False)


def described(
    name: str,
    title: str,
    *,
    backwards: bool = False,
    active: bool | None = None,
    email: str | None = None,
) -> User:
    """A person as a provider sends them."""
    body: dict[str, JSON] = {"userName": name, "title": title, "active": active}
    if email:
        body["emails"] = [{"value": email, "type": "work", "primary": True}]
    return parse_user(dict(reversed(body.items())) if backwards else body, USERS)


def a_group(name: str, external: str | None = None) -> Group:
    return parse_group({"displayName": name, "externalId": external}, GROUPS)[0]


class Organization:
    """Each method is one request; it returns the result for the person, or the reason of the refusal."""

    def __init__(
        self,
        database: Database,
        purchased: Mapping[str, int],
        overflow: str,
        owner: str | None = None,
        *,
        tiers: Sequence[Tier] = DEFAULT_TIERS,
    ) -> None:
        self.database = database
        new = NewOrganization(
            f"o-{uuid4().hex}", purchased, tiers=tiers, overflow=Overflow(overflow), owner=owner
        )
        # Not by the command: databases hold the policy `buy` without a contract, which it refuses today.
        self.row = database.found(str(uuid4()), OPERATOR, lambda write: found(write, new)).organization
        self.id = self.row.id

    def context(self, actor: Actor = OPERATOR) -> Context:
        """Where commands and queries are carried out."""
        return Context(self.database, self.id, actor)

    # People

    def create(self, user: User) -> str:
        return self._perform(lambda: people.create(Context(self.database, self.id, PROVIDER), user))

    def create_wanting(self, user: User, wants: str | None) -> str:
        return self._perform(
            lambda: self.write(
                lambda write: provision.create(write, accepting_scim(write), user, wants=wants)
            )
        )

    def replace(self, key: str, user: User, if_match: str | None = None) -> str:
        person = self.person(key).id
        return self._perform(
            lambda: people.replace(Context(self.database, self.id, PROVIDER), person, user, if_match=if_match)
        )

    def patch(self, key: str, **values: JSON) -> str:
        operations = [{"op": "replace", "path": path, "value": value} for path, value in values.items()]
        changes = patch.changes({"Operations": [*operations]}, USERS)
        person = self.person(key).id
        return self._perform(
            lambda: people.patch(Context(self.database, self.id, PROVIDER), person, changes, USERS)
        )

    def save_wanting(self, key: str, user: User, wants: str) -> str:
        person = self.person(key)
        return self._perform(
            lambda: self.write(
                lambda write: provision.save(write, accepting_scim(write), person, user, wants=wants)
            )
        )

    def delete(self, key: str) -> str:
        person = self.person(key).id
        return self._perform(
            lambda: people.delete(Context(self.database, self.id, PROVIDER), person), done="deleted"
        )

    def prioritise(self, key: str, priority: int) -> str:
        return self._perform(
            lambda: clearing.prioritise(self.context(), self.person(key).id, priority), done="done"
        )

    # The plan

    def add(
        self, quantities: Mapping[str, int], for_people: Sequence[str] = (), *, preview: bool = False
    ) -> str:
        return self._perform(
            lambda: billing.buy(
                self.context(), Request(Order(quantities), tuple(for_people)), preview=preview
            ),
            done="done",
        )

    def grant(self, totals: Mapping[str, int]) -> str:
        return self._perform(lambda: seats.grant(self.context(), totals), done="done")

    def set_overflow(self, overflow: str) -> None:
        self.context().write(lambda write: settings.change(write, {"overflow": overflow}))

    def set_tier_overflow(self, tier: str, overflow: str | None, ceiling: int | None = None) -> str:
        policies = {tier: None if overflow is None else Overflow(overflow)}
        ceilings = {} if ceiling is None else {tier: ceiling}

        def work(write: Write) -> None:
            overflows.change(write, policies, ceilings)
            overflows.check_ceilings(write)

        return self._perform(lambda: self.context().write(work), done="done")

    def sign(self, months: int | None = None) -> None:
        """A contract that has a price for every tier."""
        with self.database.read(self.id) as read:
            tiers = [one.tier.name for one in seat_store.availability(read).tiers]
        terms = Terms(prices=dict.fromkeys(tiers, ("20.00", Per.MONTH)), months=months)
        billing.set_contract(self.context(), terms)

    def end_day(self) -> None:
        """The clock moves on to the next day; any write then applies what is due."""
        tomorrow = self.database.now() + timedelta(days=1)
        self.database.now = lambda: tomorrow
        self.nothing()

    def nothing(self) -> None:
        """A write that only applies due changes."""
        self.write(lambda _: None)

    # By an admin

    def assign(self, name: str, tier: str | None = None) -> str:
        return self._manually(lambda: people.assign(self.context(), name, tier))

    def unassign(self, name: str) -> str:
        return self._manually(lambda: people.unassign(self.context(), name))

    def deactivate(self, name: str) -> str:
        return self._manually(lambda: people.deactivate(self.context(), name))

    def activate(self, name: str) -> str:
        return self._perform(lambda: people.activate(self.context(), name))

    def reassign(self, giver: str, taker: str) -> str:
        return self._manually(lambda: people.reassign(self.context(), giver, taker))

    def swap(self, one: str, other: str) -> str:
        return self._manually(lambda: people.swap(self.context(), one, other))

    def set_role(self, name: str, role: str) -> str:
        return self._manually(lambda: people.set_role(self.context(), name, Role(role)))

    def transfer(self, name: str) -> str:
        return self._manually(lambda: people.transfer(self.context(), name))

    def _manually(self, request: Callable[[], Changed | NoSeatFree]) -> str:
        """The answer in the words of tests.model.members; what is acknowledged can be read (I3)."""
        try:
            changed = request()
        except ServiceError:
            return "wrong"
        if isinstance(changed, NoSeatFree):
            return "no free seat"
        with self.database.read(self.id) as read:
            for person in changed.people:
                assert people_store.get(read, person.id) == person, "I3: the answer cannot be read"
        statuses = [_status(person) for person in changed.people]
        return ", ".join([*statuses, f"{changed.promoted} promoted"])

    # The log of refusals

    def open_refusals(self) -> dict[str, int]:
        """The numbers of the open entries by present userName, ignoring case."""
        entries = left_out_queries.left_out(self.context()).rejected
        return {entry.refusal.user_name_key: entry.refusal.sequence for entry in entries}

    def left_out(self) -> dict[str, int]:
        """The numbers of all refusals, of seats and of better tiers, by userName, ignoring case."""
        better = left_out_queries.left_out(self.context()).wants_better_tier
        return self.open_refusals() | {one.person.user_name_key: one.reference.number for one in better}

    def retry(self, sequence: int | None = None) -> list[str]:
        done = clearing.retry(self.context(), None if sequence is None else str(sequence))
        order = {one.reference.number: one for one in (*done.tried, *done.not_tried)}
        return [self._outcome(order[number]) for number in sorted(order)]

    def _outcome(self, one: Retried) -> str:
        if one.outcome == "seated":
            return self.seated()[str(one.user_name).lower()]
        return "refused" if one.outcome == "rejected" else one.outcome.value

    # Groups

    def create_group(self, name: str, members: Iterable[str], external: str | None = None) -> str:
        group, ids = a_group(name, external), self._ids(members)
        return self._perform(
            lambda: groups.create(Context(self.database, self.id, PROVIDER), group, ids), done="done"
        )

    def change_group(self, group: str, name: str, add: Iterable[str], remove: Iterable[str]) -> str:
        renaming: dict[str, JSON] = {"Operations": [{"op": "replace", "path": "displayName", "value": name}]}
        members = [MemberChange(Kind.REMOVE, self._ids(remove)), MemberChange(Kind.ADD, self._ids(add))]
        own, id_ = patch.changes(renaming, GROUPS), self._group_id(group)
        return self._perform(
            lambda: groups.patch(Context(self.database, self.id, PROVIDER), id_, own, members, GROUPS),
            done="done",
        )

    def delete_group(self, group: str) -> str:
        id_ = self._group_id(group)
        return self._perform(
            lambda: groups.delete(Context(self.database, self.id, PROVIDER), id_), done="done"
        )

    def _ids(self, keys: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.person(key).id for key in keys)

    def _group_id(self, name: str) -> str:
        statement = text('SELECT id FROM "groups" WHERE organization = :org AND display_name = :name')
        with self.database.reader.connect() as connection:
            return str(connection.execute(statement, {"org": self.id, "name": name}).scalar_one())

    # The state

    def state(self) -> dict[str, object]:
        return observed(self.rows())

    def rows(self, known: Sequence[Any] = ()) -> Rows:
        """All rows; `known` are events that were read before."""
        with self.database.reader.connect() as connection:
            return read(connection, self.id, known)

    def recount(self) -> None:
        with self.database.reader.connect() as connection:
            recount(connection, self.id, self.database.now())

    def seated(self) -> dict[str, str]:
        statement = text(
            "SELECT user_name_key, tier FROM people WHERE organization = :org AND tier IS NOT NULL"
        )
        with self.database.reader.connect() as connection:
            rows = connection.execute(statement, {"org": self.id}).all()
        return {row.user_name_key: f"seated on {row.tier}" for row in rows}

    def person(self, key: str) -> Person:
        with self.database.read(self.id) as read:
            found = people_store.by_key(read, key)
        assert found is not None, f"no person is called {key}"
        return found

    def write(self, work: Callable[[Write], Any]) -> Any:  # noqa: ANN401 - whatever the work returns
        return self.database.write(self.id, PROVIDER, work)

    def _perform(self, request: Callable[[], Any], *, done: str = "") -> str:
        """The answer in the words of the model; what is acknowledged can be read (I3)."""
        try:
            answer = request()
        except Uniqueness:
            return "taken"
        except Forbidden:
            return "forbidden"
        except ServiceError:
            return "wrong"
        if done or isinstance(answer, Refused):
            return done or "refused"
        with self.database.read(self.id) as read:
            assert people_store.get(read, answer.person.id) == answer.person, "I3: the answer cannot be read"
        return _status(answer.person)


def _status(person: Person) -> str:
    return f"seated on {person.tier}" if person.tier else person.status


def small(database: Database, owner: str | None = None) -> Organization:
    """Ann has a premium seat; Bob has a standard seat and waits for premium; Cy waits for any."""
    seats = {"premium": 1 + (owner is not None), "standard": 1}
    organization = Organization(database, seats, "fallback", owner)
    wanted = {ANN: "any", BOB: "premium", CY: "any"}
    statuses = [
        organization.create_wanting(described(name, "Artist"), wants) for name, wants in wanted.items()
    ]
    assert statuses == ["seated on premium", "seated on standard", "waiting"]
    return organization
