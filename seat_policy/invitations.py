"""The states of an invitation: it is sent, and then accepted, revoked or expired (SEATS 12)."""

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
"""How long an invitation can be accepted, in hours, so that summer time does not change the duration."""


class State(StrEnum):
    """The state of an invitation. Only a pending invitation can be accepted."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


def expires(sent: datetime) -> datetime:
    """The time, in UTC, from which an invitation is refused."""
    return sent.astimezone(UTC) + LIFE


def state_at(state: State, expiry: datetime, moment: datetime) -> State:
    """The state at a given time, even if the expiry has not been recorded yet."""
    return State.EXPIRED if state is State.PENDING and moment >= expiry else state


@dataclass(frozen=True, slots=True)
class Short:
    """Too few seats are free to hold one for each invitation.

    Attributes:
        tier: the tier that needs more seats.
        missing: how many seats must be added, including the seats that waiting people get first.
        free: how many seats can be held now.
        waiting: how many people wait for a seat of that tier and get added seats first.
    """

    tier: str
    missing: int
    free: int
    waiting: int = 0


def holdable(availability: Availability, wants: str, number: int) -> tuple[str, ...]:
    """The tiers of the seats that can be held, highest tier first. There may be fewer seats than wanted.

    Waiting people are not overtaken. A seat for which a person waits cannot be held.

    Args:
        wants: a tier's name, or `any`.
        number: the maximum number of seats to hold.

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
    """The smallest number of seats to add so that the given number of invitations can be sent.

    The queue gets added seats first. A person who gets a seat may free another one, so the whole queue is
    computed.

    Args:
        availability: the present seats, of which too few can be held.
        queue: the waiting people, in the order in which they get seats.
        wants: a tier's name, or `any`.
        number: the number of invitations.
        cheapest: the tier to buy for invitations to `any`.
    """
    tier = cheapest if wants == ANY else wants
    # One seat for every waiting and every invited person is always enough.
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
    """The seats after the queue is served. Exchanges of seats are ignored, because they free no seat.

    The result is the same as of `simulation.Course.serve`. This function uses counts, because it runs many
    times over a queue that may be long.
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
