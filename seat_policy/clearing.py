"""The seats that waiting people get after enough seats were bought for everyone, computed with counts."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from seat_policy.admission import Admit
from seat_policy.availability import Availability
from seat_policy.rearrangement import Candidate, change_places, taken
from seat_policy.waitlist import Promotion, next_promotion, next_promotion_of_all


@dataclass(frozen=True, slots=True)
class Served:
    """The queue after it has moved.

    Attributes:
        tiers: the tier that each person gets, by id, in the order in which the people get their seats.
        availability: the seats afterwards.
    """

    tiers: Mapping[str, str]
    availability: Availability


def serve_all(
    availability: Availability, waiting: Sequence[Candidate], kept_free: Mapping[str, int]
) -> Served:
    """Give all waiting people the seats that were bought for them.

    Args:
        availability: the seats with those that were bought.
        waiting: the waiting people, in the order of the queue.
        kept_free: the seats, by tier, that stay free for people outside the queue.
    """
    tiers: dict[str, str] = {}
    availability = _moved(availability, waiting, tiers, lambda now: next_promotion_of_all(now, kept_free))
    availability = _moved(availability, waiting, tiers, next_promotion)
    seated = [one for one in waiting if one.keeps is not None and one.id not in tiers]
    moves = change_places(availability, seated) if seated else {}
    for one in seated:
        if one.id in moves:
            availability = taken(availability, one, Admit(one.wants))
    return Served(tiers | moves, availability)


def _moved(
    availability: Availability,
    waiting: Sequence[Candidate],
    tiers: dict[str, str],
    next_step: Callable[[Availability], Promotion | None],
) -> Availability:
    """Take all steps; add the tiers that people get."""
    while (step := next_step(availability)) is not None:
        heads = [one for one in waiting if one.wants in step.wants and one.id not in tiers][: step.seats]
        tiers |= {one.id: step.tier for one in heads}
        availability = availability.changed(step.tier, assigned=len(heads))
        for wants, number in Counter(one.wants for one in heads).items():
            availability = availability.without_waiting(wants, number)
        for keeps, number in Counter(one.keeps for one in heads).items():
            if keeps is not None:
                availability = availability.changed(keeps, assigned=-number)
    return availability
