"""Applies entitlements from groups to people: roles, places in the queue, and seats (SEATS 19-23).

A change of a group or mapping is one transaction for any number of people, so that nobody loses access in
between. Decisions are made with counts. Rows and events are written in batches.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from scim_server.history import (
    PersonDeprovisioned,
    PersonDismissed,
    PersonEvent,
    PersonMoved,
    PersonPrioritised,
    PersonPromoted,
    PersonProvisioned,
    PersonQueued,
    PersonRequeued,
    PersonRoleChanged,
    PersonRoleKept,
    PersonTierRefused,
    PersonUnassigned,
    PersonWaitEnded,
)
from scim_server.protocol.seat_status import SeatStatus
from scim_server.services import roles
from scim_server.services.seats import auto_buy as automatic
from scim_server.services.seats import gate, queue
from scim_server.services.seats import refuse as left_out
from scim_server.store.database.session import Read, Write, timestamp
from scim_server.store.rows import events, mappings, members, people, refusals, seats
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.people import Person
from seat_policy.admission import Admit, Decision, Policy, Queue, Reject
from seat_policy.contract import ANY
from seat_policy.mapping import Entitlement, GroupMapping, entitlement
from seat_policy.rearrangement import Candidate, rearrange
from seat_policy.roles import Role
from seat_policy.seat_state import SeatState, Unseated
from seat_policy.waitlist import DEFAULT_PRIORITY

PLACE_KEPT_FOR: Final = timedelta(days=1)
"""How long the queue place of a person who left a group is retained for the next group that gives a tier."""
REASON = "mapping"
_ROLE_EVENTS = (PersonRoleChanged, PersonRoleKept)
_PLACE_EVENTS = (
    PersonWaitEnded,
    PersonQueued,
    PersonProvisioned,
    PersonMoved,
    PersonPromoted,
    PersonUnassigned,
    PersonDeprovisioned,
)
_SEAT_EVENTS = (
    PersonQueued,
    PersonProvisioned,
    PersonMoved,
    PersonPromoted,
    PersonTierRefused,
    PersonDismissed,
)


@dataclass(frozen=True, slots=True)
class Effect:
    """The result for one person.

    Attributes:
        refused: why the person did not get the seat that the groups give.
        wanted: the tier of this seat, or `any`.
    """

    before: Person
    after: Person
    refused: str | None = None
    wanted: str | None = None


def of_people(read: Read, ids: Iterable[str]) -> dict[str, Entitlement]:
    """The entitlements of people, by id."""
    return _entitlements(read, mappings.given(read, ids))


def of_new_person(read: Read, given: list[GroupMapping] | None = None) -> Entitlement:
    """The entitlement of a person without groups, or with the given mappings."""
    return _entitlements(read, {"": given or []})[""]


def _entitlements(read: Read, given: Mapping[str, list[GroupMapping]]) -> dict[str, Entitlement]:
    combine = combiner(read)
    return {person: combine(found) for person, found in given.items()}


def combiner(read: Read) -> Callable[[Sequence[GroupMapping]], Entitlement]:
    """A function that computes an entitlement from mappings, for any person."""
    tiers = [seats_of.tier for seats_of in seats.availability(read).tiers]
    unmapped = None if mappings.none_given(read) else mappings.unmapped(read)
    return lambda given: entitlement(given, tiers, unmapped)


def gives_priority(entitlement: Entitlement) -> bool:
    """Whether the groups give another priority than people without groups have."""
    return entitlement.priority != DEFAULT_PRIORITY


def priority_of(person: Person, entitlement: Entitlement) -> int:
    """The priority of a person. What an admin set stays for the wait, unless groups give a priority."""
    if person.prioritised and person.wants is not None and not gives_priority(entitlement):
        return person.priority
    return entitlement.priority


def retained_places(read: Read, ids: Sequence[str], moment: datetime) -> dict[str, tuple[int, str]]:
    """The arrival and the start of the wait of people who recently stopped waiting because they left a group.

    A provider moves people between groups with two requests. Between these requests, no group gives a tier.
    """
    since = timestamp(moment - PLACE_KEPT_FOR)
    last = events.last_of_each(read, ids, _PLACE_EVENTS, since)
    return {
        person: (event.arrival, event.since)
        for person, event in last.items()
        if isinstance(event, PersonWaitEnded) and event.arrival is not None and event.since is not None
    }


def follow(
    write: Write,
    organization: Organization,
    ids: Iterable[str],
    wanted: Mapping[str, Entitlement] | None = None,
) -> list[Effect]:
    """Apply people's entitlements. The Primary Owner is skipped (SEATS 18).

    Roles and priorities of inactive people change too, and apply when the people become active.

    Args:
        ids: the ids of people whose groups changed, or whose groups have changed mappings.
        wanted: the entitlements, if a sign-in contains the groups.
    """
    caused_by = write.last_number
    found = [one for one in members.of_ids(write, ids) if one.role != Role.PRIMARY_OWNER]
    repeats = wanted is not None
    wanted = of_people(write, [person.id for person in found]) if wanted is None else wanted
    wanted = {person.id: wanted[person.id] for person in found}
    batch = _Batch(write, organization, {person.id: person for person in found}, wanted, repeats)
    for person in found:
        batch.give_role(person)
        batch.prioritise(person)
        batch.requeue(person)
        if person.unseated is Unseated.AWAITING_GROUP and wanted[person.id].wants is None:
            # The refusal was about a seat that a group gave at that time.
            refusals.close(write, person.user_name_key, person.id, caused_by)
    batch.seat()
    effects = batch.written()
    queue.move(write)
    return effects


def _loses_ownership(before: Person, after: Person) -> bool:
    return before.active and before.role.owns and not after.role.owns


@dataclass
class _Batch:
    """The changes of many people, collected before they are written.

    Attributes:
        before: the stored people.
        wanted: the entitlements of the people, by id.
        repeats: whether the request is a sign-in, which is repeated often.
        after: the changed people.
        early: events that are decided before the seats; their numbers follow the numbers of the purchases.
        listed: the events with their reserved numbers, in order.
        refused: why people were refused.
        places: the arrival and the start of the wait, by id, of people who recently left the queue because
            they left a group.
        seating: whether the seats have been decided.
    """

    write: Write
    organization: Organization
    before: Mapping[str, Person]
    wanted: Mapping[str, Entitlement]
    repeats: bool
    after: dict[str, Person] = field(default_factory=dict)
    early: list[PersonEvent] = field(default_factory=list)
    listed: list[tuple[int, PersonEvent]] = field(default_factory=list)
    refused: dict[str, Reject] = field(default_factory=dict)
    places: dict[str, tuple[int, str]] = field(default_factory=dict)
    seating: bool = False

    def give_role(self, person: Person) -> None:
        """Give the role that the person's groups give. A role from a group is lost with the group."""
        given = self.wanted[person.id].role
        role = person.role
        if given is None and not person.role_mapped:
            return
        new = given or Role.USER
        if new is not role:
            if self._takes_last_owner(person, new):
                self._record_once(person, PersonRoleKept(wanted=new.value), _ROLE_EVENTS)
                return
            self._record(person, PersonRoleChanged(before=role.value, after=new.value))
        if new is not role or person.role_mapped != (given is not None):
            self._change(replace(self._now(person.id), role=new, role_mapped=given is not None))

    def _takes_last_owner(self, person: Person, new: Role) -> bool:
        """Whether no active person would be an Owner if all people got the roles of their groups."""
        if not person.active or not person.role.owns or new.owns:
            return False
        lost = [one for one in self.after.values() if _loses_ownership(self.before[one.id], one)]
        new_owners = [one for one in self.before.values() if self._becomes_owner(one)]
        going = {person.id, *(one.id for one in lost)}
        return roles.takes_last_owner(self.write, going, [one for one in new_owners if one.id not in going])

    def _becomes_owner(self, person: Person) -> bool:
        given = self.wanted[person.id].role
        return person.active and not person.role.owns and given is not None and given.owns

    def prioritise(self, person: Person) -> None:
        """Change the priority of waiting people. Their arrival does not change (SEATS 25)."""
        priority = priority_of(person, self.wanted[person.id])
        if priority != person.priority:
            self._record(person, PersonPrioritised(before=person.priority, after=priority))
            self._change(replace(self._now(person.id), priority=priority, prioritised=False))

    def requeue(self, person: Person) -> None:
        """Move waiting people to the tier their groups now give, or end the wait."""
        wants = self.wanted[person.id].wants
        # People who wait for any tier entered the queue before groups gave tiers, and stay in the queue.
        if person.wants is None or wants == person.wants or (wants is None and person.wants == ANY):
            return
        seats.count_waiting(self.write, person.wants, -1)
        if person.tier is not None or wants is None:
            ended = PersonWaitEnded(
                waited_for=person.wants, arrival=person.arrival, since=person.waiting_since
            )
            self._record(person, ended)
            if person.arrival is not None and person.waiting_since is not None:
                self.places[person.id] = person.arrival, person.waiting_since
            self._change(self._now(person.id).having(person.seat.without_wait()))
            return
        seats.count_waiting(self.write, wants, 1)
        self._record(person, PersonRequeued(before=person.wants, after=wants))
        self._change(self._now(person.id).having(person.seat.requeued(wants)))

    def seat(self) -> None:
        """Decide the seats of people who should get a seat or a different seat."""
        # Two people who wait for each other's seats exchange them, even if one of them already waited.
        waiting = [one for one in members.seated_and_waiting(self.write) if self._still_waits(one)]
        waiting.sort(key=lambda one: (self._latest(one).priority, one.arrival))
        self.before = {**{one.id: one for one in waiting}, **self.before}
        movers = [one for one in map(self._now, self.wanted) if self._is_moving(one)]
        unknown = [one.id for one in movers if one.id not in self.places]
        self.places |= retained_places(self.write, unknown, self.write.moment)
        movers.sort(key=lambda one: (one.priority, one.id not in self.places, self._arrival(one)))
        candidates = [Candidate(one.id, str(one.wants), one.tier, waits=True) for one in waiting]
        candidates += [Candidate(one.id, str(self.wanted[one.id].wants), one.tier) for one in movers]
        policy = Policy(self.organization.overflow, self.write.clock.standstill(self.write.at))
        decisions = rearrange(seats.availability(self.write), policy, candidates)
        self._buy(decisions)
        self._number_early()
        gate.count(self.write, candidates, decisions)
        for candidate in candidates:
            if candidate.id in decisions:
                self._decided(self._now(candidate.id), decisions[candidate.id])

    def _arrival(self, person: Person) -> int:
        return self.places[person.id][0] if person.id in self.places else person.sequence

    def _still_waits(self, person: Person) -> bool:
        return self._latest(person).wants is not None

    def _latest(self, person: Person) -> Person:
        return self.after.get(person.id, person)

    def _is_moving(self, person: Person) -> bool:
        wants = self.wanted[person.id].wants
        if not person.active or wants is None or person.wants is not None:
            return False
        if person.tier is not None:
            return wants not in (ANY, person.tier)
        return person.unseated is Unseated.AWAITING_GROUP

    def _buy(self, decisions: Mapping[str, Decision]) -> None:
        for decision in decisions.values():
            if isinstance(decision, Admit) and decision.bought:
                automatic.buy(self.write, decision.tier)

    def _decided(self, person: Person, decision: Decision) -> None:
        match decision:
            case Admit(tier, waits_for):
                kind = PersonProvisioned if person.tier is None else PersonMoved
                admitted = PersonPromoted if person.wants is not None else kind
                deltas = {**gate.held_by(person, -1), tier: (0, 1, 0)}
                arrival = None if waits_for is None else self._retained(person)
                event = admitted(seats=deltas, wants=waits_for, arrival=arrival, waited_for=person.wants)
                number = self._record(person, event)
                self._sit(person, tier, waits_for, number)
            case Queue(wants):
                number = self._record(person, PersonQueued(wants=wants, arrival=self._retained(person)))
                self._sit(person, person.tier, wants, number)
            case Reject() as reject:
                self.refused[person.id] = reject
                if person.tier is not None:
                    self._record_once(person, PersonTierRefused(wants=reject.wants), _SEAT_EVENTS)

    def _retained(self, person: Person) -> int | None:
        """The retained queue place of a person, from before the present event; None if there is none."""
        return self.places[person.id][0] if person.id in self.places else None

    def _sit(self, person: Person, tier: str | None, wants: str | None, number: int) -> None:
        """The number of the person's event, which becomes the place in the queue if there is none yet."""
        seat = SeatState(tier)
        if wants is not None:
            seat = seat.waiting(wants, *self.places.get(person.id, (number, self.write.at)))
        self._change(self._now(person.id).having(seat))

    def _number_early(self) -> None:
        self.listed += [(self.write.reserve(), event) for event in self.early]
        self.early.clear()
        self.seating = True

    def written(self) -> list[Effect]:
        """Write all changes; return the results of people who changed or were refused."""
        self._number_early()
        events.append_numbered(self.write, self.listed)
        changed = [
            (self.before[id_], after) for id_, after in self.after.items() if after != self.before[id_]
        ]
        people.change_all(self.write, changed)
        numbers = {event.person: number for number, event in self.listed}
        entered = [
            (after.user_name_key, after.id, numbers[after.id])
            for before, after in changed
            if before.status is SeatStatus.NONE and (after.tier or after.wants)
        ]
        refusals.close_for(self.write, entered)
        effects = [Effect(before, after) for before, after in changed if after.id not in self.refused]
        for id_, reject in self.refused.items():
            self._log_refusal(self._now(id_), reject)
            effects.append(Effect(self.before[id_], self._now(id_), reject.reason, reject.wants))
        return effects

    def _log_refusal(self, person: Person, reject: Reject) -> None:
        """Log that a person without a seat gets none.

        A person with a seat keeps it and is not logged here.
        """
        if person.tier is None:
            left_out.refuse(self.write, self.organization, person, reject, None)

    def _now(self, id_: str) -> Person:
        return self.after.get(id_, self.before[id_])

    def _change(self, after: Person) -> None:
        self.after[after.id] = after

    def _record(self, person: Person, event: PersonEvent) -> int:
        """List an event of a person; return its number, or 0 for an event decided before the seats."""
        about = replace(event, person=person.id, reason=REASON, personal={"userName": person.user_name})
        if not self.seating:
            self.early.append(about)
            return 0
        number = self.write.reserve()
        self.listed.append((number, about))
        return number

    def _record_once(self, person: Person, event: PersonEvent, among: tuple[type[PersonEvent], ...]) -> None:
        """Record a refused change once. If a sign-in repeats the last of these events, nothing is added."""
        if not (self.repeats and events.newest(self.write, person.id, among) == event):
            self._record(person, event)
