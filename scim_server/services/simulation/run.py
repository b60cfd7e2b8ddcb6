"""Simulates the results for people (SEATS 35). Nothing is written.

The present state is read once. The gate then decides with counts, so no lock is held during the simulation
(decision 19).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from scim_server.protocol.seat_status import SeatStatus
from scim_server.services.context import Context
from scim_server.services.entitlements import better_tier
from scim_server.services.invoicing import missing_seats as shortfall
from scim_server.services.simulation.requests import CurrentState, Outcome, SimulatedPerson, SimulatedRequest
from scim_server.store.database.session import Actor, Read, clock_in, timestamp
from scim_server.store.rows import contracts, members, organizations, seats
from scim_server.store.rows.contracts import Plan
from seat_policy.admission import Admit, Decision, Policy, Queue, Reason, Reject
from seat_policy.availability import Availability
from seat_policy.bill import Bill
from seat_policy.contract import ANY
from seat_policy.shortfall import LeftOut, missing_seats
from seat_policy.simulation import Course, Place, simulate
from seat_policy.ways_in import WayIn

DRY_RUN: Final = Actor("dry run", WayIn.CLI)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The result for one person.

    Attributes:
        before: the person's present status; None for a new person.
        tier: the tier of the seat that the person has or would have.
        waits_for: the tier for which the person waits or would wait, or `any`.
        wants: the tier that the person requests; None without a request, or if an invitation holds the seat.
        reason: the reason as a code for programs; None if there is no reason.
    """

    simulated: SimulatedPerson
    before: SeatStatus | None
    outcome: Outcome
    tier: str | None = None
    waits_for: str | None = None
    wants: str | None = None
    reason: str | None = None

    @property
    def is_reactivated(self) -> bool:
        """Whether the person is inactive now and would become active."""
        return self.before is SeatStatus.INACTIVE and self.outcome in (
            Outcome.SEATED,
            Outcome.WAITING,
            Outcome.NONE,
        )


@dataclass(frozen=True, slots=True)
class TierSummary:
    """The result for one tier, or for people who accept any tier.

    Attributes:
        free, free_then: the free seats before and after; None in the row for people who accept any tier.
        seated, waiting, refused: the number of simulated people with this result.
    """

    tier: str
    free: int | None
    seated: int
    waiting: int
    refused: int
    free_then: int | None


@dataclass(frozen=True, slots=True)
class Simulation:
    """The result for all people.

    Attributes:
        people: the results in the order in which the people were added.
        before, after: the seats before and after the simulation.
        standstill: why no seats are assigned now; None if seats are assigned.
        missing: the seats, by tier, that are missing for everyone who waits already, or would wait or be
            refused.
        waiting_already: how many people already wait, including people who want a better tier; 0 if no seat
            is missing.
        price: the price of the missing seats now; None if no seats are missing or they cannot be bought.
        bought: the seats, by tier, that would be bought automatically.
        price_of_bought: the price of these seats now.
    """

    people: tuple[Foreseen, ...]
    before: Availability
    after: Availability
    standstill: Reason | None
    missing: Mapping[str, int]
    waiting_already: int
    price: Bill | None
    bought: Mapping[str, int]
    price_of_bought: Bill | None

    @property
    def reactivated(self) -> int:
        """How many inactive people would become active."""
        return sum(one.is_reactivated for one in self.people)

    @property
    def counted(self) -> Mapping[Outcome, int]:
        """How many people have each result."""
        found = Counter(one.outcome for one in self.people)
        return {outcome: found[outcome] for outcome in Outcome}

    @property
    def tiers(self) -> tuple[TierSummary, ...]:
        """One row for each tier, lowest tier first, and one row for people who accept any tier."""
        arrived = [one for one in self.people if one.outcome is not Outcome.HERE]
        seated = Counter(one.tier for one in arrived)
        waiting = Counter(one.waits_for for one in arrived)
        refused = Counter(one.wants for one in arrived if one.outcome is Outcome.REFUSED)
        pairs = zip(reversed(self.before.tiers), reversed(self.after.tiers), strict=True)
        rows = [
            TierSummary(
                name := now.tier.name, now.free, seated[name], waiting[name], refused[name], then.free
            )
            for now, then in pairs
        ]
        if waiting[ANY] or refused[ANY]:
            rows.append(TierSummary(ANY, None, 0, waiting[ANY], refused[ANY], None))
        return tuple(rows)


@dataclass(frozen=True, slots=True)
class _Now:
    """The present state of the organization, as far as the simulation needs it."""

    moment: datetime
    simulated: Sequence[SimulatedPerson]
    current: CurrentState
    availability: Availability
    policy: Policy
    queue: Sequence[Place]
    better: Counter[LeftOut]
    plan: Plan | None


def foresee(context: Context, simulated: Callable[[Read], Sequence[SimulatedPerson]]) -> Simulation:
    """Read the organization in the state of its next write, and simulate after the transaction has ended."""
    moment = context.database.now()
    with context.read() as read:
        if not clock_in(read).is_due(timestamp(moment)):
            return _answered(_now(read, simulated(read), moment))
    # Due changes are applied first, as in every write, and are rolled back with the transaction.
    dry = replace(context, actor=DRY_RUN)
    return _answered(dry.preview(lambda write: _now(write, simulated(write), write.moment)))


def _now(read: Read, simulated: Sequence[SimulatedPerson], moment: datetime) -> _Now:
    settings = organizations.get(read)
    standstill = clock_in(read).standstill(timestamp(moment))
    return _Now(
        moment=moment,
        simulated=simulated,
        current=CurrentState.found(read, settings, simulated, moment, stands=standstill is not None),
        availability=seats.availability(read),
        policy=Policy(settings.overflow, standstill),
        queue=members.places(read),
        better=Counter(LeftOut(one.wants, one.tier) for one in better_tier.every(read, moment)),
        plan=contracts.get(read),
    )


def _answered(now: _Now) -> Simulation:
    for wants in {simulated.wants for simulated in now.simulated if simulated.wants is not None}:
        now.availability.wanted(wants)
    requests = [now.current.request_of(simulated) for simulated in now.simulated]
    arrivals = [request.arrival for request in requests if request.arrival is not None]
    course = simulate(now.availability, now.policy, arrivals, now.queue)
    decisions = iter(course.decisions)
    missing = _missing(now, course)
    bought = _bought(now.availability, course.availability)
    return Simulation(
        people=tuple(
            _of(request, None if request.arrival is None else next(decisions)) for request in requests
        ),
        before=now.availability,
        after=course.availability,
        standstill=now.policy.standstill,
        missing=missing,
        waiting_already=_waiting_already(now, course) if missing else 0,
        price=shortfall.price(now.plan, missing, now.moment),
        bought=bought,
        price_of_bought=shortfall.price(now.plan, bought, now.moment),
    )


def _of(request: SimulatedRequest, decision: Decision | None) -> Foreseen:
    before = None if request.person is None else request.person.status
    wants = None if request.arrival is None or request.arrival.held is not None else request.arrival.wants
    match decision:
        case Admit(tier, waits_for, bought):
            why = "bought" if bought else request.reason
            return Foreseen(request.simulated, before, Outcome.SEATED, tier, waits_for, wants, why)
        case Queue(wanted):
            return Foreseen(
                request.simulated, before, Outcome.WAITING, None, wanted, wants, Reason.NO_FREE_SEAT
            )
        case Reject(reason=reason):
            return Foreseen(request.simulated, before, Outcome.REFUSED, None, None, wants, reason)
        case None:
            sits = None if request.person is None else request.person.tier
            waits = None if request.person is None else request.person.wants
            return Foreseen(request.simulated, before, request.outcome, sits, waits, None, request.reason)


def _waiting_already(now: _Now, course: Course) -> int:
    return sum(place.who is None for place in course.queue) + now.better.total()


def _missing(now: _Now, course: Course) -> dict[str, int]:
    """The seats that `left-out buy` would buy after the simulation, for simulated and for waiting people.

    The result is None while no seats are assigned, because then no seats are missing.
    """
    refused = Counter(LeftOut(one.wants) for one in course.decisions if isinstance(one, Reject))
    nobody = not refused and all(place.who is None for place in course.queue)
    if now.policy.standstill is not None or nobody:
        return {}
    waiting = Counter(LeftOut(place.wants, place.keeps) for place in course.queue)
    cheapest = shortfall.cheapest(now.plan, course.availability)
    return missing_seats(course.availability, refused + waiting + now.better, cheapest)


def _bought(before: Availability, after: Availability) -> dict[str, int]:
    """Seats by tier, lowest tier first, as on an invoice."""
    pairs = zip(reversed(before.tiers), reversed(after.tiers), strict=True)
    return {
        now.tier.name: then.purchased - now.purchased for now, then in pairs if then.purchased > now.purchased
    }
