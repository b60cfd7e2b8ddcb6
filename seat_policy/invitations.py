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
"""How long an invitation can be accepted. Hours, not days: no clock change shortens or lengthens it."""


class State(StrEnum):
    """What became of an invitation; only a pending one can be accepted."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


def expires(sent: datetime) -> datetime:
    """The moment from which an invitation is refused, in UTC."""
    return sent.astimezone(UTC) + LIFE


def state_at(state: State, expiry: datetime, moment: datetime) -> State:
    """The state at a moment, whether or not anybody has noted yet that it expired."""
    return State.EXPIRED if state is State.PENDING and moment >= expiry else state


@dataclass(frozen=True, slots=True)
class Short:
    """There are too few seats.

    Attributes:
        tier: of which seats can be added to have enough.
        missing: how many of them, those included that go to people who wait.
        free: how many there are.
        waiting: people who wait for a seat of that tier: what is added goes to them first.
    """

    tier: str
    missing: int
    free: int
    waiting: int = 0


def holdable(availability: Availability, wants: str, number: int) -> tuple[str, ...]:
    """The tiers of seats that can be held, from the highest wanted down; fewer where there are too few.

    Nobody who waits is overtaken: seats that somebody waits for are not free.

    Args:
        wants: a tier's name, or `any`.
        number: the most.

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
    """What has to be added for so many invitations: once it is, they can be sent, and with one less not.

    Added seats go to the queue first, and who gets one may leave another, so the queue is followed.

    Args:
        availability: of which too few seats can be held.
        queue: in the order in which it is served.
        wants: a tier's name, or `any`.
        cheapest: the tier that is bought for who takes any.
    """
    tier = cheapest if wants == ANY else wants
    # With a seat for everybody who waits and everybody who is invited there are enough.
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
    """The seats when everybody is served whose turn it is; who then change places leave no seat free.

    As `simulation.Course.serve`, but over counts: it is asked many times of a queue that may be long.
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
