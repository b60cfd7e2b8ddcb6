"""The requests of simulated people, which SCIM would make if it created or activated them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from scim_server.protocol.normalise import fold
from scim_server.protocol.user import User
from scim_server.services.entitlements import apply as entitlements
from scim_server.services.holds import invitation as invited
from scim_server.services.seats import gate
from scim_server.store.database.session import Read
from scim_server.store.rows import invitations, mappings, people, removals
from scim_server.store.rows.invitations import Invitation
from scim_server.store.rows.mappings import Mapped
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.people import Person
from seat_policy.mapping import Entitlement, GroupMapping
from seat_policy.seat_state import Unseated
from seat_policy.simulation import Arrival


class Outcome(StrEnum):
    """The result for a simulated person."""

    SEATED = "seated"
    WAITING = "waiting"
    REFUSED = "refused"
    NONE = "none"
    INACTIVE = "inactive"
    HERE = "here"


@dataclass(frozen=True, slots=True)
class SimulatedPerson:
    """A simulated person.

    Attributes:
        emails: the e-mail addresses; None if they are not given.
        active: whether the person has access.
        groups: the displayNames or externalIds of the groups; None if they are not given.
        wants: the tier that the person requests instead of what the groups give, or `any`; None for what the
            groups give.
        line: the line of the person in the file.
    """

    user_name: str
    user_name_key: str
    emails: Sequence[str] | None = None
    active: bool = True
    groups: Sequence[str] | None = None
    wants: str | None = None
    line: int | None = None

    @classmethod
    def described(
        cls,
        user: User,
        groups: Sequence[str] | None = None,
        wants: str | None = None,
        line: int | None = None,
    ) -> Self:
        """Make a simulated person from the values that a provider would send."""
        emails = invited.emails_in(user.document)
        active = user.active is not False
        return cls(user.user_name, user.user_name_key, emails or None, active, groups, wants, line)

    @classmethod
    def member(cls, person: Person, wants: str | None = None) -> Self:
        """Make a simulated person from a member, who is treated as active, with the member's groups."""
        return cls(person.user_name, person.user_name_key, groups=(), wants=wants)


@dataclass(frozen=True, slots=True)
class SimulatedRequest:
    """The request of a simulated person.

    Attributes:
        person: the existing member; None for a new person.
        arrival: the request to the gate; None if there is no request, and then `outcome` has the result.
        reason: the reason of the result; if there is an arrival, the reason why the person has a seat.
    """

    simulated: SimulatedPerson
    person: Person | None
    arrival: Arrival | None = None
    outcome: Outcome = Outcome.HERE
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CurrentState:
    """The present state, as far as it concerns the simulated people and their requests.

    Attributes:
        members: the existing members, by the key of the userName.
        given: what the members' present groups give, by the id of the member.
        combine: a function that computes an entitlement from mappings.
        invitations: the invitations that hold a seat, by address; an invitation is removed here when a person
            gets its seat.
        kept: the tiers of seats held since a mass removal, by the person's id, or by key for deleted people.
        places: the arrivals of people who recently left the queue because they left a group, by id.
    """

    members: Mapping[str, Person]
    given: Mapping[str, list[GroupMapping]]
    mapped: Sequence[Mapped]
    combine: Callable[[Sequence[GroupMapping]], Entitlement]
    invitations: dict[str, Invitation]
    kept: dict[str, str]
    places: Mapping[str, tuple[int, str]]

    @classmethod
    def found(
        cls,
        read: Read,
        organization: Organization,
        simulated: Sequence[SimulatedPerson],
        moment: datetime,
        *,
        stands: bool,
    ) -> Self:
        """Read the state at a given time.

        Args:
            stands: whether the gate is closed, so that no seats are assigned now, not even held seats.
        """
        members = people.by_keys(read, [simulated.user_name_key for simulated in simulated])
        seatless = [one.id for one in members.values() if one.tier is None and one.wants is None]
        awaiting = [one.id for one in members.values() if one.unseated is Unseated.AWAITING_GROUP]
        awaited = organization.awaits_invited and not stands
        keeps = organization.holds_seats and not stands
        return cls(
            members=members,
            given=mappings.given(read, seatless),
            mapped=mappings.every(read),
            combine=entitlements.combiner(read),
            invitations={one.email_key: one for one in invitations.holding(read)} if awaited else {},
            kept=_kept(read) if keeps else {},
            places=entitlements.retained_places(read, awaiting, moment),
        )

    def request_of(self, simulated: SimulatedPerson) -> SimulatedRequest:
        """The request of a person, after the requests of all people before."""
        person = self.members.get(simulated.user_name_key)
        if person is not None and (person.active or not simulated.active):
            return self._of_member(simulated, person)
        if not simulated.active:
            return SimulatedRequest(simulated, None, outcome=Outcome.INACTIVE)
        held = self._held(simulated, person)
        if held is not None:
            return held
        entitlement = self._entitlement(simulated, person)
        wants = simulated.wants or entitlement.wants
        if wants is None:
            return SimulatedRequest(simulated, person, outcome=Outcome.NONE, reason=Unseated.AWAITING_GROUP)
        priority = entitlement.priority if person is None else gate.priority_of_new_wait(person)
        return SimulatedRequest(simulated, person, Arrival(wants, priority))

    def _of_member(self, simulated: SimulatedPerson, person: Person) -> SimulatedRequest:
        """Make the request of a member. An active person requests a seat only while waiting for a group."""
        says = simulated.groups is not None or simulated.wants is not None
        if simulated.active and says and person.unseated is Unseated.AWAITING_GROUP:
            entitlement = self._entitlement(simulated, person)
            wants = simulated.wants or entitlement.wants
            if wants is not None:
                place, _ = self.places.get(person.id, (None, ""))
                return SimulatedRequest(simulated, person, Arrival(wants, entitlement.priority, place=place))
        return SimulatedRequest(simulated, person, reason=person.unseated)

    def _held(self, simulated: SimulatedPerson, person: Person | None) -> SimulatedRequest | None:
        """The seat held for a person, either since a mass removal or by an invitation (SEATS 15, 34).

        A tier from the person's groups has precedence over both. For a member, only groups in which the
        member already is are considered.
        """
        kept, invited_to = self._take_kept(simulated, person), self._take_over(simulated, person)
        held = kept or invited_to
        if held is None:
            return None
        entitlement = (
            self._entitlement(simulated, None) if person is None else self.combine(self.given[person.id])
        )
        wants = entitlement.wants if entitlement.mapped else None
        gives_back = None if kept is None else invited_to
        arrival = Arrival(wants, entitlement.priority, held, gives_back)
        return SimulatedRequest(simulated, person, arrival, reason="invited" if kept is None else "held")

    def _take_kept(self, simulated: SimulatedPerson, person: Person | None) -> str | None:
        by_id = None if person is None else self.kept.pop(person.id, None)
        return by_id or self.kept.pop(_named(simulated.user_name_key), None)

    def _take_over(self, simulated: SimulatedPerson, person: Person | None) -> str | None:
        """The tier of the seat that an invitation holds for the person. The seat is then no longer held."""
        if not self.invitations:
            return None
        emails = simulated.emails
        if emails is None:
            emails = [] if person is None else invited.emails_in(person.document)
        keys = invited.keys_of(simulated.user_name, emails)
        there = [self.invitations[key] for key in keys if key in self.invitations]
        invitation = invited.chosen(there, keys)
        return None if invitation is None else self.invitations.pop(invitation.email_key).held

    def _entitlement(self, simulated: SimulatedPerson, person: Person | None) -> Entitlement:
        """The entitlement from the groups in which the person is, and from the groups that are given."""
        given = [] if person is None else list(self.given[person.id])
        names = simulated.groups or ()
        return self.combine([*given, *mappings.given_by(self.mapped, names, map(fold, names))])


def _kept(read: Read) -> dict[str, str]:
    found = {}
    for one in removals.holding(read):
        found[one.person if one.deleted is None else _named(one.user_name_key)] = str(one.held)
    return found


def _named(key: str) -> str:
    """A key that cannot be an id."""
    return f"name {key}"
