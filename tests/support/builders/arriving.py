"""People who arrive, twice: first in a simulation, then really, by the services that SCIM calls."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import text

from scim_server.protocol.attributes import JSON
from scim_server.protocol.change import Kind
from scim_server.protocol.directory import STANDARD
from scim_server.protocol.group import MemberChange, parse_group
from scim_server.protocol.normalise import fold
from scim_server.protocol.user import User, parse_user
from scim_server.services.context import Context
from scim_server.services.entitlements import apply as entitlements
from scim_server.services.groups import commands as groups
from scim_server.services.people import commands as people
from scim_server.services.people import provision
from scim_server.services.seats.refuse import Refused
from scim_server.services.simulation import queries as simulation
from scim_server.services.simulation.requests import SimulatedPerson
from scim_server.services.simulation.run import Foreseen, Simulation
from scim_server.store.database.session import OPERATOR, Write
from scim_server.store.rows import mappings, organizations
from scim_server.store.rows import people as people_store
from scim_server.store.rows.people import Person
from scim_server.store.tables import metadata
from seat_policy.mapping import Entitlement
from seat_policy.seat_state import Unseated
from tests.support.builders.customer import OKTA, USERS
from tests.support.builders.inviting import Host

GROUPS = STANDARD.group_reader(strict=False)
Fate = tuple[str, str | None, str | None]
"""The result for a person: the outcome, their tier, and the tier they wait for."""


@dataclass(frozen=True)
class Simulated:
    """A simulated person, in the form of the tests."""

    name: str
    active: bool = True
    groups: tuple[str, ...] | None = None
    wants: str | None = None
    emails: tuple[str, ...] = ()


class Stage(Host):
    """An organization at which people arrive."""

    # Simulated

    def foresee(self, *simulated: Simulated) -> Simulation:
        return simulation.of_people(
            Context(self.database, self.id, OPERATOR), [*map(self.simulated, simulated)]
        )

    def simulated(self, one: Simulated) -> SimulatedPerson:
        return SimulatedPerson.described(self.user(one), one.groups, one.wants)

    def user(self, one: Simulated) -> User:
        emails: JSON = [{"value": self.address(name)} for name in one.emails]
        return parse_user({"userName": self.address(one.name), "active": one.active, "emails": emails}, USERS)

    # Real

    def take_in(self, one: Simulated) -> Fate:
        """Act like SCIM: create people, activate them, or add them to the given groups."""
        return self.database.write(self.id, OKTA, lambda write: self._take_in(write, one))

    def _take_in(self, write: Write, one: Simulated) -> Fate:
        settings, user = organizations.get(write), self.user(one)
        here = people_store.by_key(write, user.user_name_key)
        entitlement = None if one.groups is None else self._entitlement(write, here, one.groups)
        if here is None:
            outcome = provision.create(write, settings, user, entitlement=entitlement, wants=one.wants)
        elif one.active and not here.active:
            said = {name: value for name, value in orjson.loads(user.document).items() if value}
            document = {**orjson.loads(here.document), **said, "active": True}
            wants = one.wants or (None if entitlement is None else entitlement.wants)
            sent = User.of(document, USERS.resource_type)
            outcome = provision.save(write, settings, here, sent, wants=wants)
        elif one.active and here.unseated == Unseated.AWAITING_GROUP and (entitlement or one.wants):
            return self._follow(
                write, here, Entitlement(one.wants, mapped=True) if one.wants else entitlement
            )
        else:
            return ("here", here.tier, here.wants)
        return ("refused", None, None) if isinstance(outcome, Refused) else _fate(outcome.person)

    def _follow(self, write: Write, here: Person, entitlement: Entitlement | None) -> Fate:
        assert entitlement is not None
        effects = entitlements.follow(write, organizations.get(write), [here.id], {here.id: entitlement})
        effect = next((one for one in effects if one.before.id == here.id), None)
        if effect is not None and effect.refused:
            return ("refused", None, None)
        # The request may only have changed a queue place: then it had no result.
        if effect is None or effect.after.status == "none":
            return ("here", None, None)
        return _fate(effect.after)

    @staticmethod
    def _entitlement(write: Write, here: Person | None, names: Iterable[str]) -> Entitlement:
        listed = list(names)
        given = mappings.given_by_names(write, listed, map(fold, listed))
        if here is not None:
            given += mappings.given(write, [here.id])[here.id]
        return entitlements.of_new_person(write, given)

    def now(self, name: str) -> Fate:
        """The state of a person; if they are not active the request was refused."""
        with self.database.read(self.id) as read:
            person = people_store.by_key(read, self.address(name))
        return _fate(person) if person is not None and person.active else ("refused", None, None)

    # The state before

    def group(self, name: str, *people: str) -> str:
        body, _ = parse_group({"displayName": name}, GROUPS)
        return groups.create(
            Context(self.database, self.id, OKTA), body, [self.id_of(one) for one in people]
        ).group.id

    def leave(self, group: str, name: str) -> None:
        moves = [MemberChange(Kind.REMOVE, (self.id_of(name),))]
        groups.patch(Context(self.database, self.id, OKTA), group, (), moves, GROUPS)

    def deactivate(self, name: str, **more: JSON) -> None:
        user = parse_user({"userName": self.address(name), "active": False, **more}, USERS)
        people.replace(Context(self.database, self.id, OKTA), self.id_of(name), user)

    def delete(self, name: str) -> None:
        people.delete(Context(self.database, self.id, OKTA), self.id_of(name))

    def unassign(self, name: str) -> None:
        people.unassign(Context(self.database, self.id, OPERATOR), self.address(name))

    def counts(self) -> dict[str, tuple[Any, ...]]:
        """For every tier, as stored."""
        rows = self.rows("SELECT tier, purchased, assigned, held, waiting, ceiling, automatic FROM seat_pool")
        return {row.tier: (*row[1:5], max((row.ceiling or 0) - row.automatic, 0)) for row in rows}

    def everything_written(self) -> dict[str, list[str]]:
        """Every row of every table of the database, of whatever organization."""
        with self.database.reader.connect() as connection:
            return {
                table.name: sorted(map(str, connection.execute(text(f'SELECT * FROM "{table.name}"'))))
                for table in metadata.sorted_tables
            }


def _fate(person: Person) -> Fate:
    return (person.status, person.tier, person.wants)


def fate_of(one: Foreseen) -> Fate:
    return (one.outcome.value, one.tier, one.waits_for)


def counts_of(simulated: Simulation) -> Mapping[str, Sequence[int]]:
    """The counts of every tier, as simulated."""
    return {
        one.tier.name: (one.purchased, one.assigned, one.held, one.waiting, one.buyable)
        for one in simulated.after.tiers
    }
