"""People who are to come in, and what each would ask the gate for: as SCIM creates and activates people."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from scim_server.protocol.normalise import fold
from scim_server.protocol.user import User
from scim_server.services.entitlements import apply as entitlements
from scim_server.services.holds import invitation as invited
from scim_server.store.database.session import Read
from scim_server.store.rows import invitations, mappings, people, removals
from scim_server.store.rows.invitations import Invitation
from scim_server.store.rows.mappings import Mapped
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.people import Person
from seat_policy.mapping import Entitlement, GroupMapping
from seat_policy.simulation import Arrival


class Outcome(StrEnum):
    """What becomes of somebody who comes."""

    SEATED = "seated"
    WAITING = "waiting"
    REFUSED = "refused"
    NONE = "none"
    INACTIVE = "inactive"
    HERE = "here"


@dataclass(frozen=True, slots=True)
class SimulatedPerson:
    """Somebody who is to come.

    Attributes:
        emails: None where nothing is said of them.
        active: false for somebody who is to be known here without access.
        groups: displayNames or externalIds; None where nothing is said of them.
        wants: the tier they ask for whatever their groups give, or `any`; None for what those give.
        line: where a file names them.
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
        """Somebody of whom a provider would send these values."""
        emails = invited.emails_in(user.document)
        active = user.active is not False
        return cls(user.user_name, user.user_name_key, emails or None, active, groups, wants, line)

    @classmethod
    def member(cls, person: Person, wants: str | None = None) -> Self:
        """Somebody who is here and is to be active, with the groups that they are in."""
        return cls(person.user_name, person.user_name_key, groups=(), wants=wants)


@dataclass(frozen=True, slots=True)
class SimulatedRequest:
    """What somebody's coming comes to.

    Attributes:
        person: who they are here; None for a newcomer.
        arrival: what the gate is asked; None where it is not, and then `outcome` says why.
        reason: more of why; where there is an arrival, of why they have a seat.
    """

    simulated: SimulatedPerson
    person: Person | None
    arrival: Arrival | None = None
    outcome: Outcome = Outcome.HERE
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CurrentState:
    """What is there of those who are to come, and what bears on what they ask for.

    Attributes:
        members: those who are here, by the key of their userName.
        given: what their groups here give them, by id.
        combine: what given mappings amount to.
        invitations: those that hold a seat, by address; whoever takes one over takes it from here.
        kept: tiers of seats held since a removal of many people, by id, and by key for who was deleted.
        places: arrivals of those who left the queue lately with a group, by id.
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
        """Read it, as it is at a moment.

        Args:
            stands: whether no seat is given now: then those that are held are not either.
        """
        members = people.by_keys(read, [simulated.user_name_key for simulated in simulated])
        seatless = [one.id for one in members.values() if one.tier is None and one.wants is None]
        awaiting = [one.id for one in members.values() if one.unseated == entitlements.AWAITING_GROUP]
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
        """What they ask for, when everybody before them has come."""
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
            return SimulatedRequest(
                simulated, person, outcome=Outcome.NONE, reason=entitlements.AWAITING_GROUP
            )
        return SimulatedRequest(
            simulated, person, Arrival(wants, entitlement.priority if person is None else person.priority)
        )

    def _of_member(self, simulated: SimulatedPerson, person: Person) -> SimulatedRequest:
        """Of those who are active only who awaits a group asks for something, once one is named."""
        says = simulated.groups is not None or simulated.wants is not None
        if simulated.active and says and person.unseated == entitlements.AWAITING_GROUP:
            entitlement = self._entitlement(simulated, person)
            wants = simulated.wants or entitlement.wants
            if wants is not None:
                place, _ = self.places.get(person.id, (None, ""))
                return SimulatedRequest(simulated, person, Arrival(wants, entitlement.priority, place=place))
        return SimulatedRequest(simulated, person, reason=person.unseated)

    def _held(self, simulated: SimulatedPerson, person: Person | None) -> SimulatedRequest | None:
        """On a seat that is held for them: since a removal, or else by an invitation (SEATS 15, 34).

        The tier that their groups give them goes before both; of who is here, only the groups they are in.
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
        """The tier of the seat that an invitation holds for them; it is held no longer."""
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
        """What the groups give that they are in here, and those that are named."""
        given = [] if person is None else list(self.given[person.id])
        names = simulated.groups or ()
        return self.combine([*given, *mappings.given_by(self.mapped, names, map(fold, names))])


def _kept(read: Read) -> dict[str, str]:
    found = {}
    for one in removals.holding(read):
        found[one.person if one.deleted is None else _named(one.user_name_key)] = str(one.held)
    return found


def _named(key: str) -> str:
    """Under a name no id can have."""
    return f"name {key}"
