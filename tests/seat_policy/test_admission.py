import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_policy.admission import Admit, Policy, Queue, Reason, Reject, Request, decide
from seat_policy.availability import Availability, TierSeats
from seat_policy.contract import ANY, DEFAULT_TIERS, Tier
from seat_policy.errors import PolicyError
from seat_policy.overflow import Overflow

STANDARD, PREMIUM = DEFAULT_TIERS
REJECT, QUEUE = Policy(Overflow.REJECT), Policy(Overflow.QUEUE)
RANKED = (STANDARD, PREMIUM, Tier("enterprise", 3))


def availability_of(
    *, standard: tuple[int, ...] = (0,), premium: tuple[int, ...] = (0,), waiting_any: int = 0
) -> Availability:
    """Each tier as (purchased, assigned, held, waiting), from the left as far as it matters."""
    return Availability((TierSeats(STANDARD, *standard), TierSeats(PREMIUM, *premium)), waiting_any)


@st.composite
def tiers(draw: st.DrawFn, tier: Tier) -> TierSeats:
    purchased = draw(st.integers(0, 4))
    assigned = draw(st.integers(0, purchased))
    held = draw(st.integers(0, purchased - assigned))
    return TierSeats(tier, purchased, assigned, held, draw(st.integers(0, 3)))


availabilities = st.builds(
    Availability, st.tuples(*(tiers(tier) for tier in RANKED)), waiting_any=st.integers(0, 3)
)
requests = st.builds(Request, st.sampled_from([ANY, *(tier.name for tier in RANKED)]))
policies = st.sampled_from([REJECT, QUEUE])


def test_who_wants_any_gets_the_highest_tier_with_a_free_seat() -> None:
    availability = availability_of(standard=(5, 1), premium=(2, 1))

    decision = decide(Request(), availability, REJECT)

    assert decision == Admit("premium")


def test_who_wants_any_gets_a_lower_tier_where_the_higher_is_full() -> None:
    availability = availability_of(standard=(5, 4), premium=(2, 2))

    decision = decide(Request(), availability, REJECT)

    assert decision == Admit("standard")


def test_who_wants_a_tier_gets_no_other() -> None:
    availability = availability_of(standard=(1, 1), premium=(2, 0))

    decision = decide(Request("standard"), availability, QUEUE)

    assert decision == Queue("standard")


def test_a_seat_held_by_an_invitation_is_not_free() -> None:
    availability = availability_of(standard=(5, 4, 1))

    decision = decide(Request("standard"), availability, QUEUE)

    assert decision == Queue("standard")


def test_the_last_free_seat_is_taken() -> None:
    availability = availability_of(standard=(5, 3, 1))

    decision = decide(Request("standard"), availability, QUEUE)

    assert decision == Admit("standard")


@pytest.mark.parametrize(
    "availability",
    [availability_of(standard=(5, 4, 0, 1)), availability_of(standard=(5, 4), waiting_any=1)],
    ids=["who wants that tier", "who wants any"],
)
def test_a_newcomer_does_not_overtake_the_waitlist(availability: Availability) -> None:
    decision = decide(Request("standard"), availability, QUEUE)

    assert decision == Queue("standard")


def test_a_newcomer_takes_what_is_left_after_the_waitlist() -> None:
    availability = availability_of(standard=(5, 2, 0, 1), waiting_any=1)

    decision = decide(Request("standard"), availability, QUEUE)

    assert decision == Admit("standard")


def test_a_newcomer_passes_those_who_wait_for_another_tier() -> None:
    availability = availability_of(standard=(5, 4), premium=(2, 2, 0, 7))

    decision = decide(Request(), availability, REJECT)

    assert decision == Admit("standard")


def test_a_refusal_names_every_tier_tried_from_the_highest_down_with_its_numbers() -> None:
    availability = availability_of(standard=(5, 4, 1), premium=(2, 2, 0, 3))

    decision = decide(Request(), availability, REJECT)

    premium, standard = TierSeats(PREMIUM, 2, 2, 0, 3), TierSeats(STANDARD, 5, 4, 1)
    assert decision == Reject(ANY, Reason.NO_FREE_SEAT, (premium, standard))


def test_a_refusal_of_a_tier_names_only_that() -> None:
    availability = availability_of(standard=(5, 0), premium=(2, 2))

    decision = decide(Request("premium"), availability, REJECT)

    assert decision == Reject("premium", Reason.NO_FREE_SEAT, (TierSeats(PREMIUM, 2, 2),))


def test_refusing_is_the_policy_of_who_chose_none() -> None:
    assert Policy() == REJECT


@pytest.mark.parametrize("policy", [REJECT, QUEUE])
def test_a_tier_that_there_is_not_is_an_error_and_no_refusal(policy: Policy) -> None:
    with pytest.raises(PolicyError, match="there is no tier 'gold'"):
        decide(Request("gold"), availability_of(standard=(5,)), policy)


@given(request=requests, availability=availabilities, policy=policies)
def test_nobody_is_admitted_to_a_seat_that_is_not_free(
    request: Request, availability: Availability, policy: Policy
) -> None:
    decision = decide(request, availability, policy)

    if isinstance(decision, Admit):
        seats = availability.of(decision.tier)
        assert seats.assigned + seats.held + 1 <= seats.purchased
        assert request.wants in (decision.tier, ANY)


@given(request=requests, availability=availabilities, policy=policies)
def test_who_is_admitted_leaves_a_seat_for_everybody_who_waits_for_that_tier(
    request: Request, availability: Availability, policy: Policy
) -> None:
    decision = decide(request, availability, policy)

    if isinstance(decision, Admit):
        seats = availability.of(decision.tier)
        assert seats.free - 1 >= seats.waiting + availability.waiting_any


@given(request=requests, availability=availabilities, policy=policies)
def test_nobody_is_turned_away_from_a_seat_that_nobody_waits_for(
    request: Request, availability: Availability, policy: Policy
) -> None:
    decision = decide(request, availability, policy)

    open_tiers = [
        seats
        for seats in availability.tiers
        if request.wants in (ANY, seats.tier.name) and seats.free > seats.waiting + availability.waiting_any
    ]
    if not open_tiers:
        assert not isinstance(decision, Admit)
    else:
        assert decision == Admit(max(open_tiers, key=lambda seats: seats.tier.rank).tier.name)


@given(request=requests, availability=availabilities)
def test_the_policy_decides_only_about_those_who_find_no_seat(
    request: Request, availability: Availability
) -> None:
    refused, queued = decide(request, availability, REJECT), decide(request, availability, QUEUE)

    if isinstance(refused, Admit):
        assert queued == refused
    else:
        assert queued == Queue(request.wants)
        assert refused == Reject(request.wants, Reason.NO_FREE_SEAT, availability.wanted(request.wants))
