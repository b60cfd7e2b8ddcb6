"""Arrivals decided one after another on counted seats, and the seats missing for all of them."""

from collections import Counter
from collections.abc import Mapping, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from seat_policy.admission import Admit, Decision, Policy, Queue, Reason, Reject
from seat_policy.availability import Availability, TierSeats
from seat_policy.contract import ANY, Tier
from seat_policy.overflow import Overflow
from seat_policy.rearrangement import Candidate, change_places
from seat_policy.shortfall import LeftOut, missing_seats
from seat_policy.simulation import Arrival, Place, simulate
from seat_policy.waitlist import Promotion, next_promotion, next_promotion_of_all

STANDARD, PREMIUM, GOLD = Tier("standard", 1), Tier("premium", 2), Tier("gold", 3)
RANKED = ("gold", "premium", "standard")
A_PREMIUM, A_STANDARD, ANYTHING = LeftOut("premium"), LeftOut("standard"), LeftOut(ANY)


def seats(standard: int, premium: int = 0, gold: int = 0) -> Availability:
    """The given number of free seats of each tier."""
    free = zip((STANDARD, PREMIUM, GOLD), (standard, premium, gold), strict=True)
    return Availability(tuple(TierSeats(tier, number) for tier, number in free))


def arrive(
    availability: Availability, policy: Policy, arrivals: Sequence[Arrival], queue: Sequence[Place] = ()
) -> tuple[list[Decision], Availability]:
    course = simulate(availability, policy, arrivals, queue)
    return course.decisions, course.availability


# One after another


def test_each_person_is_decided_by_the_seats_left_by_earlier_people() -> None:
    arrivals = [Arrival(), Arrival("premium"), Arrival()]

    decisions, after = arrive(seats(1, premium=1), Policy(), arrivals)

    refused = Reject("premium", Reason.NO_FREE_SEAT, (TierSeats(PREMIUM, 1, 1),))
    assert decisions == [Admit("premium"), refused, Admit("standard")]
    assert [(one.purchased, one.assigned) for one in after.tiers] == [(0, 0), (1, 1), (1, 1)]


def test_a_newcomer_waits_behind_an_earlier_waiting_person() -> None:
    decisions, after = arrive(seats(0), Policy(Overflow.QUEUE), [Arrival(), Arrival("standard")])

    assert decisions == [Queue(ANY), Queue("standard")]
    assert (after.waiting_any, after.of("standard").waiting) == (1, 1)


def test_seats_are_bought_only_up_to_the_ceiling() -> None:
    full = Availability((TierSeats(STANDARD, 0, buyable=2),))

    decisions, after = arrive(full, Policy(Overflow.BUY), [Arrival()] * 3)

    bought = Admit("standard", bought=True)
    assert decisions == [bought, bought, Queue(ANY)]
    assert (after.of("standard").purchased, after.of("standard").buyable) == (2, 0)


def test_a_person_who_falls_back_to_a_lower_seat_still_waits_for_the_higher_one() -> None:
    decisions, after = arrive(seats(1), Policy(Overflow.FALLBACK), [Arrival("premium"), Arrival("premium")])

    assert decisions == [Admit("standard", waits_for="premium"), Queue("premium")]
    assert (after.of("standard").free, after.of("premium").waiting) == (0, 2)


def test_a_person_with_a_held_seat_takes_only_that_seat() -> None:
    held = Availability((TierSeats(STANDARD, 2, 0, 1),))

    decisions, after = arrive(held, Policy(), [Arrival(None, held="standard"), Arrival(), Arrival()])

    assert [type(one) for one in decisions] == [Admit, Admit, Reject]
    assert (after.of("standard").assigned, after.of("standard").held) == (2, 0)


def test_a_held_seat_given_back_goes_to_an_earlier_waiting_person() -> None:
    held = Availability((TierSeats(STANDARD, 2, 0, 2),), waiting_any=1)
    back = Arrival(None, held="standard", gives_back="standard")

    decisions, after = arrive(held, Policy(Overflow.QUEUE), [Arrival(), back], [Place(100, ANY)])

    assert decisions == [Queue(ANY), Admit("standard")]
    assert (after.of("standard").assigned, after.of("standard").held, after.waiting_any) == (2, 0, 1)


def test_a_retained_queue_place_is_served_before_later_arrivals() -> None:
    held = Availability((TierSeats(STANDARD, 2, 0, 2),), waiting_any=1)
    back = Arrival(None, held="standard", gives_back="standard")

    waited = [Place(100, ANY, arrival=9)]
    earlier, _ = arrive(held, Policy(Overflow.QUEUE), [Arrival(place=8), back], waited)
    later, _ = arrive(held, Policy(Overflow.QUEUE), [Arrival(place=10), back], waited)

    assert (earlier, later) == ([Admit("standard")] * 2, [Queue(ANY), Admit("standard")])


def test_a_waiting_person_with_a_better_priority_is_served_before_an_earlier_arrival() -> None:
    held = Availability((TierSeats(STANDARD, 2, 0, 2),))
    back = Arrival(None, held="standard", gives_back="standard")

    decisions, _ = arrive(held, Policy(Overflow.QUEUE), [Arrival(), Arrival(priority=5), back])

    assert decisions == [Queue(ANY), Admit("standard"), Admit("standard")]


def test_if_a_group_gives_another_tier_the_held_seat_goes_to_the_queue() -> None:
    held = Availability((TierSeats(STANDARD, 1, 0, 1), TierSeats(PREMIUM, 1)))
    mapped = Arrival("premium", held="standard")

    decisions, after = arrive(held, Policy(), [mapped, Arrival()])

    assert decisions == [Admit("premium"), Admit("standard")]
    assert [one.free for one in after.tiers] == [0, 0]


def test_two_people_exchange_seats_when_groups_give_each_the_others_tier() -> None:
    here = Availability((TierSeats(STANDARD, 1, 0, 1), TierSeats(PREMIUM, 1, 1, waiting=0)))
    here = here.with_waiting("standard")
    mapped = Arrival("premium", held="standard")

    decisions, after = arrive(here, Policy(Overflow.QUEUE), [mapped], [Place(100, "standard", "premium")])

    assert decisions == [Admit("premium")]
    assert [(one.assigned, one.held, one.waiting) for one in after.tiers] == [(1, 0, 0), (1, 0, 0)]


def test_if_the_groups_tier_is_full_an_invitee_keeps_the_held_seat() -> None:
    held = Availability((TierSeats(STANDARD, 1, 0, 1), TierSeats(PREMIUM, 0)))
    mapped = Arrival("premium", held="standard")

    assert arrive(held, Policy(Overflow.QUEUE), [mapped])[0] == [Admit("standard", waits_for="premium")]
    assert arrive(held, Policy(Overflow.REJECT), [mapped])[0] == [Admit("standard")]


def test_while_no_seats_are_given_every_person_is_refused() -> None:
    stopped = Policy(Overflow.QUEUE, Reason.SUSPENDED)

    decisions, after = arrive(seats(5), stopped, [Arrival(), Arrival("standard")])

    assert {one.reason for one in decisions if isinstance(one, Reject)} == {Reason.SUSPENDED}
    assert after == seats(5)


# What is missing


def test_a_person_who_accepts_any_is_counted_at_the_cheapest_tier() -> None:
    assert missing_seats(seats(0), {ANYTHING: 3}, "standard") == {"standard": 3}
    assert missing_seats(seats(0), {ANYTHING: 3}, "premium") == {"premium": 3}


def test_free_seats_are_not_counted_as_missing() -> None:
    assert missing_seats(seats(1, premium=1), {A_PREMIUM: 2}, "standard") == {"premium": 1}
    assert missing_seats(seats(1, premium=1), {ANYTHING: 2}, "standard") == {}


def test_a_seat_left_for_another_tier_goes_to_the_next_person() -> None:
    moving_up = LeftOut("premium", keeps="standard")

    assert missing_seats(seats(0), {moving_up: 1, A_STANDARD: 1}, "standard") == {"premium": 1}


def test_a_seat_left_for_a_lower_tier_also_goes_to_the_next_person() -> None:
    moving_down = LeftOut("standard", keeps="premium")

    assert missing_seats(seats(0), {moving_down: 1, A_PREMIUM: 1}, "standard") == {"standard": 1}


def test_no_seats_are_missing_for_people_who_wait_for_each_others_seats() -> None:
    waiting = {LeftOut("standard", keeps="premium"): 2, LeftOut("premium", keeps="standard"): 2}

    assert missing_seats(seats(0), waiting, "standard") == {}


def test_a_person_who_accepts_any_tier_does_not_take_a_seat_bought_for_another_person() -> None:
    bought = Availability((TierSeats(STANDARD, 1), TierSeats(PREMIUM, 1, waiting=1)), waiting_any=1)

    assert next_promotion_of_all(bought, {}) == Promotion("standard", (ANY,), 1)


def test_a_reserved_seat_is_not_given_to_people_who_wait_for_any_tier() -> None:
    bought = Availability((TierSeats(STANDARD, 1), TierSeats(PREMIUM, 1)), waiting_any=1)

    assert next_promotion_of_all(bought, {"premium": 1}) == Promotion("standard", (ANY,), 1)


def served(free: Mapping[str, int], waiting: Sequence[LeftOut], refused: Sequence[str]) -> bool:
    """Whether all get the wanted tier: waiting people by steps, then the refused, requests for any last."""
    there, queue, kept_free = Counter(free), list(waiting), Counter(refused)
    while step := next_promotion_of_all(_standing(there, queue), kept_free) or next_promotion(
        _standing(there, queue)
    ):
        heads = [one for one in queue if one.wants in step.wants][: step.seats]
        assert len(heads) == step.seats <= there[step.tier], (
            "more seats are given than there are or are wanted"
        )
        there[step.tier] -= step.seats
        there.update(one.keeps for one in heads if one.keeps is not None)
        for one in heads:
            queue.remove(one)
    sitting = [
        Candidate(str(at), one.wants, one.keeps, waits=True) for at, one in enumerate(queue) if one.keeps
    ]
    moves = change_places(_standing(there, queue), sitting)
    queue = [one for at, one in enumerate(queue) if str(at) not in moves]
    for wants in sorted(refused, key=lambda wants: wants == ANY):
        found = next((tier for tier in RANKED if wants in (tier, ANY) and there[tier]), None)
        if found is None:
            return False
        there[found] -= 1
    return not queue


def _standing(there: Mapping[str, int], queue: Sequence[LeftOut]) -> Availability:
    wants = Counter(one.wants for one in queue)
    ranked = (STANDARD, PREMIUM, GOLD)
    return Availability(
        tuple(TierSeats(tier, there[tier.name], waiting=wants[tier.name]) for tier in ranked), wants[ANY]
    )


others: dict[str, list[str | None]] = {
    ANY: [None],
    **{tier: [None, *(one for one in RANKED if one != tier)] for tier in RANKED},
}
wanted_tiers = st.sampled_from([ANY, *RANKED])
left_out_people = wanted_tiers.flatmap(
    lambda wants: st.builds(LeftOut, st.just(wants), st.sampled_from(others[wants]))
)


@settings(max_examples=1_000, deadline=None)
@given(
    free=st.fixed_dictionaries({tier: st.integers(0, 3) for tier in RANKED}),
    waiting=st.lists(left_out_people, max_size=8),
    refused=st.lists(wanted_tiers, max_size=5),
)
def test_the_reported_missing_seats_suffice_for_all_and_one_fewer_does_not(
    free: dict[str, int], waiting: list[LeftOut], refused: list[str]
) -> None:
    left_out = Counter([*waiting, *map(LeftOut, refused)])
    here = seats(free["standard"], free["premium"], free["gold"])

    missing = missing_seats(here, left_out, "standard")

    assert served(Counter(free) + Counter(missing), waiting, refused)
    for tier in missing:
        assert not served(Counter(free) + Counter(missing) - Counter([tier]), waiting, refused)
