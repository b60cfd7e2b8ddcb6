"""The seat gate in a transaction, and granted seats."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from scim_server.history import (
    PersonMoved,
    PersonPromoted,
    PersonProvisioned,
    PersonQueued,
    SeatsGranted,
)
from scim_server.services.errors import ContractRuns, InvalidSeats, NoSeatGiven, SeatsInUse, UnknownTier
from scim_server.services.seats import auto_buy as automatic
from scim_server.store.database.session import Write
from scim_server.store.rows import contracts, events, members, people, seats
from scim_server.store.rows.organizations import Organization
from scim_server.store.rows.people import Person
from seat_policy.admission import Admit, Decision, Policy, Queue, Reason, Reject, Request, decide
from seat_policy.availability import Availability, TierSeats
from seat_policy.contract import MOST_SEATS
from seat_policy.errors import PolicyError
from seat_policy.overflow import Overflow
from seat_policy.rearrangement import Candidate, change_places, may_change_places
from seat_policy.waitlist import next_promotion

_FEWEST_TIERS: Final = 2
"""The reason for people in a circle who exchange seats."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A person who was not refused: the seat is taken, or the place in the queue is counted.

    Attributes:
        person: after the decision.
        event: the decision, to be appended.
        number: reserved for the event.
    """

    person: Person
    event: PersonProvisioned | PersonMoved | PersonQueued
    number: int


def ask(write: Write, organization: Organization, request: Request) -> Decision:
    """Decide one request for a seat, with the counters that this transaction has locked."""
    policy = Policy(Overflow(organization.overflow), write.clock.standstill(write.at))
    return decide(request, seats.availability(write), policy)


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
    """Take a person through the gate, for any actor and any way in.

    Args:
        person: active; with a seat of another tier or without a seat, and not waiting.
        wants: a tier's name, or `any`.

    Returns:
        The person with the event to append; or the refusal, after which nothing was changed.
    """
    match ask(write, organization, Request(wants, keeps=person.tier)):
        case Admit(tier, waits_for, bought):
            if bought:
                automatic.buy(write, tier)
            seats.move(write, tier, assigned=1)
            deltas = {**held_by(person, -1), tier: (0, 1, 0)}
            if person.tier is not None:
                seats.move(write, person.tier, assigned=-1)
            number, after = write.reserve(), replace(person.without_seat(), tier=tier)
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
    """Put a person at the end of the queue: the arrival is the number of the event."""
    seats.count_waiting(write, wants, 1)
    return replace(person, wants=wants, arrival=arrival, waiting_since=write.at, unseated=None)


def release(write: Write, person: Person) -> None:
    """Free a person's seat or place in the queue. The queue moves afterwards."""
    if person.tier is not None:
        seats.move(write, person.tier, assigned=-1)
    if person.wants is not None:
        seats.count_waiting(write, person.wants, -1)


def held_by(person: Person, sign: int) -> dict[str, tuple[int, int, int]]:
    """The seat delta of a person who takes (+1) or frees (-1) their seat."""
    return {} if person.tier is None else {person.tier: (0, sign, 0)}


def move_queue(write: Write, *, at: str | None = None) -> int:
    """Give every free seat to the first person who waits for it; returns how many got one.

    While no term of the contract is running, and in a suspended organization, the queue does not move (SEATS
    10).

    Args:
        at: the time as of which it moves, if that is not the time of the write.
    """
    if write.clock.standstill(at or write.at) is not None:
        return 0
    promoted = 0
    while (step := next_promotion(availability := seats.availability(write))) is not None:
        promoted += seats.promote(write, step)
    return promoted + _change_places(write, availability)


def _change_places(write: Write, availability: Availability) -> int:
    """Exchange the seats of people who wait for each other's seats; no seat is freed (SEATS 23).

    Returns:
        How many got a seat.
    """
    if sum(one.waiting > 0 for one in availability.tiers) < _FEWEST_TIERS:
        return 0
    if not may_change_places(availability, members.waiting(write)):
        return 0
    sitting = {one.id: one for one in members.seated_and_waiting(write)}
    waiting = [Candidate(one.id, str(one.wants), one.tier, waits=True) for one in sitting.values()]
    moves = change_places(availability, waiting)
    count(write, waiting, {id_: Admit(tier) for id_, tier in moves.items()})
    moved = [(sitting[id_], replace(sitting[id_].without_seat(), tier=tier)) for id_, tier in moves.items()]
    events.append_all(write, [_moved(before, after) for before, after in moved])
    people.change_all(write, moved)
    return len(moved)


def _moved(before: Person, after: Person) -> PersonPromoted:
    return PersonPromoted(
        person=before.id,
        reason="places_changed",
        seats={**held_by(before, -1), **held_by(after, 1)},
        personal={"userName": before.user_name},
    )


def count(write: Write, candidates: Sequence[Candidate], decisions: Mapping[str, Decision]) -> None:
    """Update the counters once for many people: moving people first free their seats."""
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


def refusal_detail(write: Write, reject: Reject, reference: str) -> str:
    """The sentence for a provider's admin (DESIGN, wire 3)."""
    if reject.reason is not Reason.NO_FREE_SEAT:
        return f"{standstill_words(write, reject.reason)}. Reference: {reference}"
    # The lowest tier first, as admins expect; a tier without seats is left out if there are others.
    tiers = [tier for tier in reversed(reject.tried) if tier.purchased] or reject.tried
    return f"No free seat: {_use_of(tiers)}. An Owner can add seats. Reference: {reference}"


def standstill_words(write: Write, reason: Reason) -> str:
    """Why seats are not given now, and who can change that."""
    if reason is Reason.SUSPENDED:
        return "Seats are not given now: this organization is suspended. The vendor can resume it"
    plan = contracts.get(write)
    if plan is None or plan.ended is None:
        begins = "" if plan is None else f" on {plan.contract.start}"
        return f"Seats are not given now: the contract begins{begins}"
    return (
        f"Seats are not given now: the contract ended on {plan.contract.running.last_day}. "
        "The vendor can renew it"
    )


def require_grants(write: Write) -> None:
    """Check that seats are given now.

    Raises:
        NoSeatGiven: the organization is suspended, or no term of its contract is running (SEATS 10).
    """
    standstill = write.clock.standstill(write.at)
    if standstill is not None:
        raise NoSeatGiven(standstill_words(write, standstill))


def _use_of(tiers: Sequence[TierSeats]) -> str:
    """The use of the seats of tiers as text; held seats are counted separately, if there are any."""
    if any(tier.held for tier in tiers):
        return " and ".join(f"{_apart(tier)} seats{_waiting(tier)}" for tier in tiers)
    used = " and ".join(
        f"{tier.purchased - tier.free} of {tier.purchased} {tier.tier.name}{_waiting(tier)}" for tier in tiers
    )
    return f"{used} seats are in use"


def _apart(tier: TierSeats) -> str:
    held = f", {tier.held} held" if tier.held else ""
    return f"{tier.purchased - tier.free - tier.held} in use{held} of {tier.purchased} {tier.tier.name}"


def _waiting(tier: TierSeats) -> str:
    return f" ({tier.waiting} waiting)" if tier.waiting else ""


def grant(write: Write, totals: Mapping[str, int]) -> Availability:
    """Set the granted seats of tiers to totals, only without a contract (SEATS 3)."""
    if contracts.get(write) is not None:
        raise ContractRuns("the organization has a contract: bought seats stay until its renewal")
    before = seats.availability(write)
    deltas: dict[str, tuple[int, int, int]] = {}
    for tier, total in totals.items():
        now = of_tier(before, tier)
        _check(now, total)
        if total != now.purchased:
            deltas[tier] = (total - now.purchased, 0, 0)
            seats.move(write, tier, purchased=total - now.purchased)
    if deltas:
        events.append(write, SeatsGranted(seats=deltas))
        move_queue(write)
    return seats.availability(write)


def _check(now: TierSeats, total: int) -> None:
    tier, in_use = now.tier.name, now.assigned + now.held
    if not 0 <= total <= MOST_SEATS:
        raise InvalidSeats(f"the number of {tier} seats cannot be {total}; use 0 to {MOST_SEATS}")
    if total < in_use:
        seats_are = "seat is" if in_use == 1 else "seats are"
        raise SeatsInUse(f"{in_use} {tier} {seats_are} in use; their number cannot be set to {total}")
