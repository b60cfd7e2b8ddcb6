"""Simulates requests of people one after another, with counts and the queue (SEATS 35)."""

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf

from seat_policy.admission import Admit, Decision, Policy, Queue, Request, after, decide
from seat_policy.availability import Availability
from seat_policy.contract import ANY
from seat_policy.rearrangement import Candidate, change_places, rearrange, taken
from seat_policy.waitlist import DEFAULT_PRIORITY, next_promotion


@dataclass(frozen=True, slots=True)
class Arrival:
    """The request of one person.

    Attributes:
        wants: the name of a tier, or `any`. If a seat is held for the person, this is the different tier that
            the person's groups give, or None if they give no different tier.
        priority: the priority in the queue, if the person must wait.
        held: the tier of the seat that is held for the person (SEATS 15, 34); None if no seat is held.
        gives_back: the tier of a second held seat, which becomes free.
        place: the arrival number of a retained queue place; None if no place is retained.
    """

    wants: str | None = ANY
    priority: int = DEFAULT_PRIORITY
    held: str | None = None
    gives_back: str | None = None
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the queue.

    Attributes:
        keeps: the tier of the seat that the person has while waiting for another.
        who: the index of the request; None for a person who waited before.
        arrival: the arrival number; None for a person at the end of the queue.
    """

    priority: int
    wants: str
    keeps: str | None = None
    who: int | None = None
    arrival: int | None = None

    @property
    def turn(self) -> tuple[int, float]:
        """The sort key. The smallest key is served first; new people keep the order of their requests."""
        return self.priority, inf if self.arrival is None else self.arrival


@dataclass(slots=True)
class Course:
    """The state of a simulation.

    Attributes:
        queue: the waiting people, in the order in which they get seats.
        decisions: the present decision for each request, including seats that people got from the queue.
    """

    availability: Availability
    policy: Policy
    queue: list[Place] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    def add(self, arrival: Arrival) -> None:
        """Simulate one request.

        Raises:
            PolicyError: the organization does not have the wanted tier.
        """
        if arrival.held is None:
            request = Request(arrival.wants or ANY)
            decision = decide(request, self.availability, self.policy)
            self.availability = after(self.availability, request, decision)
            self.decisions.append(decision)
            self._remember(len(self.decisions) - 1, arrival)
        else:
            self._take_held(arrival, arrival.held)

    def _take_held(self, arrival: Arrival, held: str) -> None:
        self.availability = self.availability.changed(held, assigned=1, held=-1)
        self.decisions.append(Admit(held))
        if arrival.gives_back is not None:
            self.availability = self.availability.changed(arrival.gives_back, held=-1)
            self.serve()
        if arrival.wants not in (None, ANY, held):
            self._move(arrival, held)
            self.serve()

    def _move(self, arrival: Arrival, held: str) -> None:
        """Move from the held seat to the tier that a group gives, together with waiting people with seats."""
        number = len(self.decisions) - 1
        seated, candidates = self._seated_and_waiting()
        candidates.append(Candidate("", str(arrival.wants), held))
        decided = rearrange(self.availability, self.policy, candidates)
        for one in candidates:
            if one.id in decided:
                self.availability = taken(self.availability, one, decided[one.id])
        for id_, place in seated.items():
            if id_ in decided:
                self._sit(place, place.wants)
        match decided[""]:
            case Admit() as admit:
                self.decisions[number] = admit
            case Queue(wants):
                self.decisions[number] = Admit(held, waits_for=wants)
        self._remember(number, arrival)

    def _remember(self, number: int, arrival: Arrival) -> None:
        match self.decisions[number]:
            case Queue(wants):
                place = Place(arrival.priority, wants, None, number, arrival.place)
            case Admit(tier, str(waits_for)):
                place = Place(arrival.priority, waits_for, tier, number, arrival.place)
            case _:
                return
        insort(self.queue, place, key=lambda one: one.turn)

    def serve(self) -> None:
        """Give seats to the queue after a seat has become free."""
        if self.policy.standstill is not None:
            return
        while (step := next_promotion(self.availability)) is not None:
            for place in [one for one in self.queue if one.wants in step.wants][: step.seats]:
                waited = Candidate("", place.wants, place.keeps)
                self.availability = taken(self.availability, waited, Admit(step.tier)).without_waiting(
                    place.wants
                )
                self._sit(place, step.tier)
        self._change_places()

    def _change_places(self) -> None:
        seated, waiting = self._seated_and_waiting()
        moves = change_places(self.availability, waiting)
        for one in waiting:
            if one.id in moves:
                self.availability = taken(self.availability, one, Admit(one.wants))
                self._sit(seated[one.id], one.wants)

    def _seated_and_waiting(self) -> tuple[dict[str, Place], list[Candidate]]:
        seated = {str(at): place for at, place in enumerate(self.queue) if place.keeps is not None}
        return seated, [Candidate(id_, one.wants, one.keeps, waits=True) for id_, one in seated.items()]

    def _sit(self, place: Place, tier: str) -> None:
        self.queue.remove(place)
        if place.who is not None:
            self.decisions[place.who] = Admit(tier)


def simulate(
    availability: Availability, policy: Policy, arrivals: Iterable[Arrival], queue: Iterable[Place] = ()
) -> Course:
    """Simulate requests in order; `queue` contains the people who wait already, in the order of the queue.

    Raises:
        PolicyError: the organization does not have a wanted tier.
    """
    course = Course(availability, policy, list(queue))
    for arrival in arrivals:
        course.add(arrival)
    return course
