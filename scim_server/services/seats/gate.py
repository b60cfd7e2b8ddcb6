"""The seat gate decides whether a person gets a seat, in the transaction that has locked the counters."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scim_server.history import (
    PersonMoved,
    PersonProvisioned,
    PersonQueued,
)
from scim_server.services.errors import NoSeatGiven, UnknownTier
from scim_server.services.seats import auto_buy as automatic
from scim_server.services.seats import refusal_text
from scim_server.store.database.session import Read, Write, clock_in, timestamp
from scim_server.store.rows import seats
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.people import Person
from seat_policy.admission import Admit, Decision, Policy, Queue, Reject, Request, decide, decide_asked
from seat_policy.availability import Availability, TierSeats
from seat_policy.errors import PolicyError
from seat_policy.rearrangement import Candidate
from seat_policy.seat_state import seated
from seat_policy.waitlist import DEFAULT_PRIORITY


@dataclass(frozen=True, slots=True)
class Admitted:
    """A person who was not refused. The seat is taken, or the place in the queue is counted.

    Attributes:
        person: the person after the decision.
        event: the event about the decision, which is not appended yet.
        number: the number that is reserved for the event.
    """

    person: Person
    event: PersonProvisioned | PersonMoved | PersonQueued
    number: int


def ask(write: Write, organization: Organization, request: Request) -> Decision:
    """Decide one request for a seat, with the counters that this transaction has locked."""
    policy = Policy(organization.overflow, write.clock.standstill(write.at))
    return decide(request, seats.availability(write), policy)


def offer(write: Write, wants: str, keeps: str | None, *, buys: bool) -> Admit | Reject:
    """Decide a request that a person made, with the counters that this transaction has locked.

    Args:
        wants: the name of a tier, or `any`.
        keeps: the tier of the person's present seat.
        buys: whether a seat may be bought, up to the ceiling of its tier.
    """
    standstill = write.clock.standstill(write.at)
    return decide_asked(Request(wants, keeps), seats.availability(write), standstill, buys=buys)


def of_tier(availability: Availability, tier: str) -> TierSeats:
    """The seats of one tier.

    Raises:
        UnknownTier: the organization has no tier with this name.
    """
    try:
        return availability.of(tier)
    except PolicyError as error:
        raise UnknownTier(str(error)) from None


def admit(
    write: Write, organization: Organization, person: Person, wants: str, reason: str
) -> Admitted | Reject:
    """Decide about a person's seat, for any actor and any way in.

    Args:
        person: an active person who does not wait, and has no seat or a seat of another tier.
        wants: the name of a tier, or `any`.

    Returns:
        The person with the event to append; or the refusal, in which case nothing was changed.
    """
    match ask(write, organization, Request(wants, keeps=person.tier)):
        case Admit(tier, waits_for, bought):
            if bought:
                automatic.buy(write, tier)
            seats.move(write, tier, assigned=1)
            deltas = {**held_by(person, -1), tier: (0, 1, 0)}
            if person.tier is not None:
                seats.move(write, person.tier, assigned=-1)
            number, after = write.reserve(), person.having(seated(tier))
            if waits_for is not None:
                after = waiting(write, after, waits_for, number)
            moved = PersonProvisioned if person.tier is None else PersonMoved
            return Admitted(after, moved(reason=reason, seats=deltas, wants=waits_for), number)
        case Queue(wanted):
            number = write.reserve()
            event = PersonQueued(reason=reason, wants=wanted)
            return Admitted(waiting(write, person, wanted, number), event, number)
        case Reject() as reject:
            return reject


def waiting(write: Write, person: Person, wants: str, arrival: int) -> Person:
    """Put a person at the end of the queue. The arrival is the number of the event."""
    seats.count_waiting(write, wants, 1)
    if person.wants is None:
        person = replace(person, priority=priority_of_new_wait(person), prioritised=False)
    return person.having(person.seat.waiting(wants, arrival, write.at))


def priority_of_new_wait(person: Person) -> int:
    """The priority with which a person begins to wait. What an admin set was for an earlier wait."""
    return DEFAULT_PRIORITY if person.prioritised and person.wants is None else person.priority


def release(write: Write, person: Person) -> None:
    """Free a person's seat or place in the queue. The queue moves later."""
    if person.tier is not None:
        seats.move(write, person.tier, assigned=-1)
    if person.wants is not None:
        seats.count_waiting(write, person.wants, -1)


def held_by(person: Person, sign: int) -> dict[str, tuple[int, int, int]]:
    """The change of counters for a person who takes (+1) or frees (-1) a seat."""
    return {} if person.tier is None else {person.tier: (0, sign, 0)}


def count(write: Write, candidates: Sequence[Candidate], decisions: Mapping[str, Decision]) -> None:
    """Update the counters once for many people. People who move first free their seats."""
    assigned, waiting = Counter[str](), Counter[str]()
    for candidate in candidates:
        match decisions.get(candidate.id):
            case Admit(tier, waits_for):
                assigned[tier] += 1
                if candidate.keeps is not None:
                    assigned[candidate.keeps] -= 1
                if candidate.waits:
                    waiting[candidate.wants] -= 1
                if waits_for is not None:
                    waiting[waits_for] += 1
            case Queue(wants):
                waiting[wants] += 1
    for tier, change in sorted(assigned.items(), key=lambda one: one[1]):
        if change:
            seats.move(write, tier, assigned=change)
    for wants, change in waiting.items():
        seats.count_waiting(write, wants, change)


def require_grants(read: Read, moment: datetime) -> None:
    """Check that seats are assigned at a time.

    Raises:
        NoSeatGiven: the organization is suspended, or its contract has no current term (SEATS 10).
    """
    standstill = clock_in(read).standstill(timestamp(moment))
    if standstill is not None:
        raise NoSeatGiven(refusal_text.standstill(read, standstill))
