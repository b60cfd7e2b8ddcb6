"""The life of an invitation: sent, and then accepted, revoked or expired (SEATS 12)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from seat_policy.availability import Availability, TierSeats
from seat_policy.contract import ANY
from seat_policy.simulation import Place
from seat_policy.waitlist import next_promotion

LIFE: Final = timedelta(hours=21 * 24)
"""How long an invitation can be accepted, in hours so that no clock change alters it."""


class State(StrEnum):
    """The state of an invitation; only a pending one can be accepted."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


def expires(sent: datetime) -> datetime:
    """The moment from which an invitation is refused, in UTC."""
    return sent.astimezone(UTC) + LIFE


def state_at(state: State, expiry: datetime, moment: datetime) -> State:
    """The state at a moment, even if the expiry has not been recorded yet."""
    return State.EXPIRED if state is State.PENDING and moment >= expiry else state


@dataclass(frozen=True, slots=True)
class Short:
    """A shortfall: there are too few seats to hold for invitations.

    Attributes:
        tier: the tier of which seats must be added.
        missing: how many must be added, including those that waiting people get first.
        free: how many seats can be held now.
        waiting: people who wait for a seat of that tier; added seats go to them first.
    """

    tier: str
    missing: int
    free: int
    waiting: int = 0


def holdable(availability: Availability, wants: str, number: int) -> tuple[str, ...]:
    """The tiers of the seats that can be held, from the highest wanted down; fewer if seats are short.

    Waiting people are not overtaken: seats that they wait for cannot be held.

    Args:
        wants: a tier's name, or `any`.
        number: the most seats to hold.

    Raises:
        PolicyError: the organization has no such tier.
    """
    found: list[str] = []
    for seats in availability.wanted(wants):
        found += [seats.tier.name] * min(_open(availability, seats), number - len(found))
    return tuple(found)


def short(
    availability: Availability, queue: Sequence[Place], wants: str, number: int, cheapest: str
) -> Short:
    """The fewest seats to add so that a number of invitations can be sent.

    Added seats go to the queue first, and a person who gets one may leave another, so the queue is followed.

    Args:
        availability: seats of which too few can be held.
        queue: in the order in which it is served.
        wants: a tier's name, or `any`.
        number: how many invitations.
        cheapest: the tier to buy for invitations to `any`.
    """
    tier = cheapest if wants == ANY else wants
    # A seat for every waiting and every invited person is always enough.
    too_few, enough = 0, number + len(queue)
    while enough - too_few > 1:
        tried = (too_few + enough) // 2
        after = _rested(availability.changed(tier, purchased=tried), queue)
        if len(holdable(after, wants, number)) == number:
            enough = tried
        else:
            too_few = tried
    free = len(holdable(availability, wants, number))
    return Short(tier, enough, free, availability.wanting(availability.of(tier)))


def _rested(availability: Availability, queue: Sequence[Place]) -> Availability:
    """The seats after the queue is served. Exchanges of seats are left out, as they free none.

    The same as `simulation.Course.serve`, but with counts: it runs many times over a queue that may be long.
    """
    waiting = list(queue)
    while (step := next_promotion(availability)) is not None:
        left: list[Place] = []
        served = Counter[tuple[str, str | None]]()
        for place in waiting:
            if place.wants in step.wants and served.total() < step.seats:
                served[place.wants, place.keeps] += 1
            else:
                left.append(place)
        waiting = left
        availability = availability.changed(step.tier, assigned=served.total())
        for (wants, keeps), number in served.items():
            availability = availability.without_waiting(wants, number)
            if keeps is not None:
                availability = availability.changed(keeps, assigned=-number)
    return availability


def _open(availability: Availability, seats: TierSeats) -> int:
    return max(seats.free - availability.wanting(seats), 0)
