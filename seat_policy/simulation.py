"""Many who come one after another, over counts alone: what the gate would answer each (SEATS 35)."""

from collections.abc import Iterable
from dataclasses import dataclass

from seat_policy.admission import Admit, Decision, Policy, Request, after, decide
from seat_policy.availability import Availability


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody comes for whom an invitation holds a seat of this tier (SEATS 15)."""

    tier: str


Arrival = Request | Held


def simulate(
    availability: Availability, policy: Policy, arrivals: Iterable[Arrival]
) -> tuple[list[Decision], Availability]:
    """Decide for everybody in the order in which they come.

    Returns:
        A decision for each, and the seats as they are when the last has come.

    Raises:
        PolicyError: somebody wants a tier that the organization does not have.
    """
    decisions: list[Decision] = []
    for arrival in arrivals:
        match arrival:
            case Held(tier):
                decisions.append(Admit(tier))
                availability = availability.changed(tier, assigned=1, held=-1)
            case Request() as request:
                decisions.append(decide(request, availability, policy))
                availability = after(availability, request, decisions[-1])
    return decisions, availability
