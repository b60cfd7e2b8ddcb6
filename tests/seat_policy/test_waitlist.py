from hypothesis import given
from hypothesis import strategies as st

from seat_policy.admission import Admit, Policy, Request, decide
from seat_policy.availability import Availability, TierSeats
from seat_policy.contract import ANY, DEFAULT_TIERS, Tier
from seat_policy.overflow import Overflow
from seat_policy.waitlist import Promotion, next_promotion

STANDARD, PREMIUM = DEFAULT_TIERS
RANKED = (STANDARD, PREMIUM, Tier("enterprise", 3))

Queue = tuple[str, ...]


def availability_of(
    *, standard: tuple[int, ...] = (0,), premium: tuple[int, ...] = (0,), waiting_any: int = 0
) -> Availability:
    """Each tier as (purchased, assigned, held, waiting), from the left as far as it matters."""
    return Availability((TierSeats(STANDARD, *standard), TierSeats(PREMIUM, *premium)), waiting_any)


def with_queue(free: dict[str, int], queue: Queue) -> Availability:
    tiers = tuple(TierSeats(tier, free[tier.name], waiting=queue.count(tier.name)) for tier in RANKED)
    return Availability(tiers, queue.count(ANY))


def promote(free: dict[str, int], queue: Queue, step: Promotion) -> tuple[dict[str, int], Queue]:
    """Give the seats of a step to the first people who may take them."""
    given_to = [place for place, wants in enumerate(queue) if wants in step.wants][: step.seats]
    assert len(given_to) == step.seats, "more seats are given than people want"
    left = tuple(wants for place, wants in enumerate(queue) if place not in given_to)
    return {**free, step.tier: free[step.tier] - step.seats}, left


free_seats = st.fixed_dictionaries({tier.name: st.integers(0, 4) for tier in RANKED})
queues = st.lists(st.sampled_from([ANY, *(tier.name for tier in RANKED)]), max_size=12).map(tuple)


def test_a_free_seat_goes_to_people_who_wait_for_that_tier_or_any() -> None:
    availability = availability_of(standard=(5, 4, 0, 2), premium=(1, 1), waiting_any=1)

    assert next_promotion(availability) == Promotion("standard", ("standard", ANY), 1)


def test_seats_of_the_highest_tier_are_given_first() -> None:
    availability = availability_of(standard=(5, 0), premium=(2, 0), waiting_any=9)

    assert next_promotion(availability) == Promotion("premium", ("premium", ANY), 2)


def test_no_more_people_are_promoted_than_wait() -> None:
    availability = availability_of(standard=(9, 0, 0, 2), waiting_any=1)

    assert next_promotion(availability) == Promotion("standard", ("standard", ANY), 3)


def test_no_person_is_promoted_while_only_unwanted_seats_are_free() -> None:
    availability = availability_of(standard=(5, 0), premium=(2, 2, 0, 4))

    assert next_promotion(availability) is None


def test_a_held_seat_does_not_promote_a_waiting_person() -> None:
    availability = availability_of(standard=(5, 3, 2, 4))

    assert next_promotion(availability) is None


@given(free=free_seats, queue=queues)
def test_promotions_end_when_no_waiting_person_wants_a_free_seat(free: dict[str, int], queue: Queue) -> None:
    people, steps = len(queue), 0

    while (step := next_promotion(with_queue(free, queue))) is not None:
        free, queue = promote(free, queue, step)
        steps += 1

    assert steps <= len(RANKED), "each tier is given at most once"
    assert len(queue) <= people
    assert all(left >= 0 for left in free.values())
    idle = [tier for tier, left in free.items() if left and {tier, ANY} & set(queue)]
    assert idle == []


@given(free=free_seats, queue=queues, wants=st.sampled_from([ANY, *(tier.name for tier in RANKED)]))
def test_after_all_promotions_a_newcomer_gets_no_seat_that_a_waiting_person_wants(
    free: dict[str, int], queue: Queue, wants: str
) -> None:
    while (step := next_promotion(with_queue(free, queue))) is not None:
        free, queue = promote(free, queue, step)

    decision = decide(Request(wants), with_queue(free, queue), Policy(Overflow.QUEUE))

    if isinstance(decision, Admit):
        assert not {decision.tier, ANY} & set(queue)
