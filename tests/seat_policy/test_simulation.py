"""People who come one after another over counts, and the seats that let everybody in."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from seat_policy.admission import Admit, Policy, Queue, Reason, Reject, Request
from seat_policy.availability import Availability, TierSeats
from seat_policy.contract import ANY, Tier
from seat_policy.overflow import Overflow
from seat_policy.shortfall import LeftOut, missing_seats
from seat_policy.simulation import Held, simulate

STANDARD, PREMIUM, GOLD = Tier("standard", 1), Tier("premium", 2), Tier("gold", 3)
RANKED = ("gold", "premium", "standard")
A_PREMIUM, A_STANDARD, ANYTHING = LeftOut("premium"), LeftOut("standard"), LeftOut(ANY)


def seats(standard: int, premium: int = 0, gold: int = 0) -> Availability:
    """So many free seats of each tier."""
    free = zip((STANDARD, PREMIUM, GOLD), (standard, premium, gold), strict=True)
    return Availability(tuple(TierSeats(tier, number) for tier, number in free))


# One after another


def test_each_finds_what_those_before_them_left() -> None:
    arrivals = [Request(), Request("premium"), Request()]

    decisions, after = simulate(seats(1, premium=1), Policy(), arrivals)

    refused = Reject("premium", Reason.NO_FREE_SEAT, (TierSeats(PREMIUM, 1, 1),))
    assert decisions == [Admit("premium"), refused, Admit("standard")]
    assert [(one.purchased, one.assigned) for one in after.tiers] == [(0, 0), (1, 1), (1, 1)]


def test_a_newcomer_waits_behind_one_who_came_before_and_waits() -> None:
    decisions, after = simulate(seats(0), Policy(Overflow.QUEUE), [Request(), Request("standard")])

    assert decisions == [Queue(ANY), Queue("standard")]
    assert (after.waiting_any, after.of("standard").waiting) == (1, 1)


def test_seats_are_bought_up_to_the_ceiling_and_no_further() -> None:
    full = Availability((TierSeats(STANDARD, 0, buyable=2),))

    decisions, after = simulate(full, Policy(Overflow.BUY), [Request()] * 3)

    bought = Admit("standard", bought=True)
    assert decisions == [bought, bought, Queue(ANY)]
    assert (after.of("standard").purchased, after.of("standard").buyable) == (2, 0)


def test_a_held_seat_is_taken_over_and_no_free_one_with_it() -> None:
    held = Availability((TierSeats(STANDARD, 2, 0, 1),))

    decisions, after = simulate(held, Policy(), [Held("standard"), Request(), Request()])

    assert [type(one) for one in decisions] == [Admit, Admit, Reject]
    assert (after.of("standard").assigned, after.of("standard").held) == (2, 0)


def test_while_no_seat_is_given_everybody_is_refused() -> None:
    stopped = Policy(Overflow.QUEUE, Reason.SUSPENDED)

    decisions, after = simulate(seats(5), stopped, [Request(), Request("standard")])

    assert {one.reason for one in decisions if isinstance(one, Reject)} == {Reason.SUSPENDED}
    assert after == seats(5)


# What is missing


def test_who_takes_any_is_counted_at_the_cheapest_tier() -> None:
    assert missing_seats(seats(0), [ANYTHING] * 3, "standard") == {"standard": 3}
    assert missing_seats(seats(0), [ANYTHING] * 3, "premium") == {"premium": 3}


def test_free_seats_are_not_missing() -> None:
    assert missing_seats(seats(1, premium=1), [A_PREMIUM, A_PREMIUM], "standard") == {"premium": 1}


def test_who_takes_any_and_comes_first_takes_the_seat_that_another_wants() -> None:
    assert missing_seats(seats(0), [ANYTHING, A_PREMIUM], "standard") == {"premium": 2}
    assert missing_seats(seats(0), [A_PREMIUM, ANYTHING], "standard") == {"standard": 1, "premium": 1}


def test_a_seat_that_is_given_back_goes_on_to_the_next() -> None:
    moving_up = LeftOut("premium", keeps="standard")

    assert missing_seats(seats(0), [moving_up, A_STANDARD], "standard") == {"premium": 1}


def test_who_does_not_count_only_comes_first() -> None:
    ahead = LeftOut("standard", counts=False)

    assert missing_seats(seats(0), [ahead, A_STANDARD], "standard") == {"standard": 2}
    assert missing_seats(seats(0), [A_PREMIUM, ahead], "standard") == {"premium": 1}
    assert missing_seats(seats(0), [ahead], "standard") == {}


def get_in(free: dict[str, int], left_out: Sequence[LeftOut]) -> list[bool]:
    """Who has what they want, seat by seat: the highest tier first, in the order of the list."""
    free, there = Counter(free), [False] * len(left_out)
    moved = True
    while moved:
        moved = False
        for tier in RANKED:
            takers = [i for i, one in enumerate(left_out) if not there[i] and one.wants in (tier, ANY)]
            if free[tier] > 0 and takers:
                there[takers[0]], moved = True, True
                free[tier] -= 1
                free.update([one] if (one := left_out[takers[0]].keeps) else [])
                break
    return there


lower: dict[str, list[str | None]] = {
    ANY: [None],
    "standard": [None],
    "premium": [None, "standard"],
    "gold": [None, "standard", "premium"],
}
somebody = st.sampled_from([ANY, *RANKED]).flatmap(
    lambda wants: st.builds(LeftOut, st.just(wants), st.sampled_from(lower[wants]), st.booleans())
)


@settings(max_examples=1_000, deadline=None)
@given(
    free=st.tuples(*[st.integers(0, 3)] * 3),
    left_out=st.lists(somebody, max_size=8),
)
def test_what_is_missing_lets_everybody_in_who_counts_and_one_seat_less_does_not(
    free: tuple[int, int, int], left_out: list[LeftOut]
) -> None:
    there = dict(zip(("standard", "premium", "gold"), free, strict=True))

    missing = missing_seats(seats(*free), left_out, "standard")

    def let_in(added: dict[str, int]) -> bool:
        now = {tier: number + added.get(tier, 0) for tier, number in there.items()}
        found = get_in(now, left_out)
        return all(is_in for is_in, one in zip(found, left_out, strict=True) if one.counts)

    assert let_in(missing)
    for tier in missing:
        assert not let_in({**missing, tier: missing[tier] - 1})
