"""Creates many people in one transaction, and writes them together. Each of them passes the gate in turn."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from scim_server.history import PersonCreated, PersonEvent
from scim_server.protocol.user import User
from scim_server.services.people import provision
from scim_server.services.people.provision import Outcome, Saved
from scim_server.store.database.session import Write
from scim_server.store.rows import arrivals, events, refusals
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.people import Person
from seat_policy.mapping import Entitlement
from seat_policy.roles import Role
from seat_policy.seat_state import SeatState, Unseated


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person to create.

    Attributes:
        id: the id, which nobody has.
        created: when the person was created elsewhere; None for now.
        wants: the name of a tier, or `any`; None for what the groups or the settings give.
        entitlement: what the groups give; None if they give nothing.
        unseated: why the active person gets no seat; None if the person passes the gate.
    """

    user: User
    id: str
    created: str | None = None
    wants: str | None = None
    entitlement: Entitlement | None = None
    role: Role = Role.USER
    unseated: Unseated | None = None


@dataclass
class Arrivals:
    """The people of one transaction, in their order. Nobody has their userNames and ids.

    Attributes:
        refused_before: the userNames among them that have an open refusal.
    """

    write: Write
    organization: Organization
    refused_before: set[str]
    _new: list[tuple[Person, User]] = field(default_factory=list)
    _events: list[tuple[int, PersonEvent]] = field(default_factory=list)
    _let_in: list[tuple[Person, int]] = field(default_factory=list)

    @classmethod
    def of(cls, write: Write, organization: Organization, keys: Sequence[str]) -> "Arrivals":
        """Prepare the creation of people with these userNames."""
        return cls(write, organization, refusals.open_keys(write, keys))

    def create(self, newcomer: Newcomer) -> Outcome:
        """Decide about one person. The rows are written by `flush`, at the latest."""
        if self.organization.awaits_invited or self.organization.holds_seats:
            self.flush()  # A held seat is taken by statements that must see the people before.
        user = newcomer.user
        person = provision.new_person(self.write, user, newcomer.role, newcomer.id)
        if newcomer.created is not None:
            person = replace(person, created=min(newcomer.created, self.write.at))
        if newcomer.unseated is not None and user.active is not False:
            unseated = person.having(SeatState(unseated=newcomer.unseated))
            return self._add(self.write, unseated, user, PersonCreated(reason=newcomer.unseated), None)
        return provision.create_unknown(
            self.write,
            self.organization,
            person,
            user,
            wants=newcomer.wants,
            entitlement=newcomer.entitlement,
            add=self._add,
        )

    def _add(self, write: Write, person: Person, user: User, event: PersonEvent, number: int | None) -> Saved:
        number = write.reserve() if number is None else number
        person = replace(person, sequence=number)
        self._new.append((person, user))
        self._events.append((number, provision.about(person, event, HTTPStatus.CREATED)))
        if person.user_name_key in self.refused_before:
            self._let_in.append((person, number))
        return Saved(person)

    def flush(self) -> None:
        """Write the people who were decided."""
        events.append_numbered(self.write, self._events)
        arrivals.add_all(self.write, self._new)
        for person, number in self._let_in:
            refusals.close(self.write, person.user_name_key, person.id, number)
        for listed in (self._new, self._events, self._let_in):
            listed.clear()
