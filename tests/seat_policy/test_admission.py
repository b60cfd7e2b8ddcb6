from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_policy.admission import Admit, Decision, Policy, Queue, Reason, Reject, Request, decide
from seat_policy.availability import Availability, TierSeats
from seat_policy.contract import ANY, DEFAULT_TIERS, Tier
from seat_policy.errors import PolicyError
from seat_policy.overflow import Overflow

STANDARD, PREMIUM = DEFAULT_TIERS
ENTERPRISE = Tier("enterprise", 3)
RANKED = (STANDARD, PREMIUM, ENTERPRISE)
REJECT, QUEUE, FALLBACK, BUY = (Policy(overflow) for overflow in Overflow)


def availability_of(
    *, standard: tuple[int, ...] = (0,), premium: tuple[int, ...] = (0,), waiting_any: int = 0
) -> Availability:
    """Each tier as (purchased, assigned, held, waiting), from the left as far as it matters."""
    return Availability((TierSeats(STANDARD, *standard), TierSeats(PREMIUM, *premium)), waiting_any)


def ranked(waiting_any: int = 0, **tiers: TierSeats) -> Availability:
    """Three tiers; those that are not given are full."""
    return Availability(tuple(tiers.get(tier.name, TierSeats(tier, 1, 1)) for tier in RANKED), waiting_any)


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
buyables = st.tuples(*[st.integers(0, 2)] * len(RANKED))


def with_buyable(availability: Availability, seats: tuple[int, ...]) -> Availability:
    """The same seats, of which the given numbers may be bought, the highest tier first."""
    tiers = zip(availability.tiers, seats, strict=True)
    return replace(availability, tiers=tuple(replace(tier, buyable=buyable) for tier, buyable in tiers))


def test_a_request_for_any_tier_gets_the_highest_tier_with_a_free_seat() -> None:
    availability = availability_of(standard=(5, 1), premium=(2, 1))

    decision = decide(Request(), availability, REJECT)

    assert decision == Admit("premium")


def test_a_request_for_any_tier_gets_a_lower_tier_if_the_higher_is_full() -> None:
    availability = availability_of(standard=(5, 4), premium=(2, 2))

    decision = decide(Request(), availability, REJECT)

    assert decision == Admit("standard")


def test_a_request_for_one_tier_gets_no_other_tier() -> None:
    availability = availability_of(standard=(1, 1), premium=(2, 0))

    decision = decide(Request("standard"), availability, QUEUE)

    assert decision == Queue("standard")


def test_a_seat_held_by_an_invitation_is_not_free() -> None:
    availability = availability_of(standard=(5, 4, 1))

    decision = decide(Request("standard"), availability, QUEUE)

    assert decision == Queue("standard")


def test_the_last_free_seat_is_assigned() -> None:
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


def test_a_newcomer_gets_a_free_seat_that_the_waiting_people_leave() -> None:
    availability = availability_of(standard=(5, 2, 0, 1), waiting_any=1)

    decision = decide(Request("standard"), availability, QUEUE)

    assert decision == Admit("standard")


def test_a_newcomer_may_pass_people_who_wait_for_another_tier() -> None:
    availability = availability_of(standard=(5, 4), premium=(2, 2, 0, 7))

    decision = decide(Request(), availability, REJECT)

    assert decision == Admit("standard")


def test_a_refusal_of_any_tier_lists_every_tier_with_its_seats() -> None:
    availability = availability_of(standard=(5, 4, 1), premium=(2, 2, 0, 3))

    decision = decide(Request(), availability, REJECT)

    premium, standard = TierSeats(PREMIUM, 2, 2, 0, 3), TierSeats(STANDARD, 5, 4, 1)
    assert decision == Reject(ANY, Reason.NO_FREE_SEAT, (premium, standard))


def test_a_refusal_of_one_tier_lists_only_that_tier() -> None:
    availability = availability_of(standard=(5, 0), premium=(2, 2))

    decision = decide(Request("premium"), availability, REJECT)

    assert decision == Reject("premium", Reason.NO_FREE_SEAT, (TierSeats(PREMIUM, 2, 2),))


def test_the_default_policy_is_reject() -> None:
    assert Policy() == REJECT


@pytest.mark.parametrize("policy", [REJECT, QUEUE])
def test_an_unknown_tier_is_an_error_and_not_a_refusal(policy: Policy) -> None:
    with pytest.raises(PolicyError, match="has no tier 'gold'"):
        decide(Request("gold"), availability_of(standard=(5,)), policy)


@given(request=requests, availability=availabilities, policy=policies)
def test_a_person_is_admitted_only_to_a_free_seat_of_a_wanted_tier(
    request: Request, availability: Availability, policy: Policy
) -> None:
    decision = decide(request, availability, policy)

    if isinstance(decision, Admit):
        seats = availability.of(decision.tier)
        assert seats.assigned + seats.held + 1 <= seats.purchased
        assert request.wants in (decision.tier, ANY)


@given(request=requests, availability=availabilities, policy=policies)
def test_an_admission_leaves_a_free_seat_for_every_person_waiting_for_the_tier(
    request: Request, availability: Availability, policy: Policy
) -> None:
    decision = decide(request, availability, policy)

    if isinstance(decision, Admit):
        seats = availability.of(decision.tier)
        assert seats.free - 1 >= seats.waiting + availability.waiting_any


@given(request=requests, availability=availabilities, policy=policies)
def test_a_free_seat_without_waiting_people_is_never_refused(
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
def test_the_policy_matters_only_for_requests_that_find_no_seat(
    request: Request, availability: Availability
) -> None:
    refused, queued = decide(request, availability, REJECT), decide(request, availability, QUEUE)

    if isinstance(refused, Admit):
        assert queued == refused
    else:
        assert queued == Queue(request.wants)
        assert refused == Reject(request.wants, Reason.NO_FREE_SEAT, availability.wanted(request.wants))


# Overflow: fallback (SEATS 26)


def test_fallback_gives_the_next_lower_tier_and_a_wait_for_the_wanted_one() -> None:
    availability = ranked(standard=TierSeats(STANDARD, 1), premium=TierSeats(PREMIUM, 1))

    decision = decide(Request("enterprise"), availability, FALLBACK)

    assert decision == Admit("premium", waits_for="enterprise")


def test_fallback_goes_down_to_the_first_tier_with_a_free_seat() -> None:
    availability = ranked(standard=TierSeats(STANDARD, 1))

    decision = decide(Request("enterprise"), availability, FALLBACK)

    assert decision == Admit("standard", waits_for="enterprise")


@pytest.mark.parametrize(
    "availability",
    [
        ranked(premium=TierSeats(PREMIUM, 1, 0, 0, 1)),
        ranked(premium=TierSeats(PREMIUM, 1), waiting_any=1),
        ranked(premium=TierSeats(PREMIUM, 1, 0, 1)),
    ],
    ids=["a person waits for it", "a person waits for any", "it is held"],
)
def test_fallback_does_not_give_a_seat_needed_by_waiting_people_or_invitations(
    availability: Availability,
) -> None:
    decision = decide(Request("enterprise"), availability, FALLBACK)

    assert decision == Queue("enterprise")


def test_fallback_does_not_give_a_higher_tier() -> None:
    availability = ranked(enterprise=TierSeats(ENTERPRISE, 5), premium=TierSeats(PREMIUM, 5))

    decision = decide(Request("standard"), availability, FALLBACK)

    assert decision == Queue("standard")


def test_under_fallback_a_request_for_any_tier_without_an_open_seat_waits() -> None:
    decision = decide(Request(), ranked(waiting_any=1, standard=TierSeats(STANDARD, 1)), FALLBACK)

    assert decision == Queue(ANY)


def test_a_seated_person_who_waits_keeps_the_seat() -> None:
    availability = ranked(premium=TierSeats(PREMIUM, 5))

    decision = decide(Request("enterprise", keeps="standard"), availability, FALLBACK)

    assert decision == Queue("enterprise")


# Overflow: buy (SEATS 27)


def test_the_policy_buy_buys_a_seat_of_the_wanted_tier() -> None:
    availability = ranked(
        standard=TierSeats(STANDARD, 5, buyable=1), premium=TierSeats(PREMIUM, 1, 1, buyable=1)
    )

    decision = decide(Request("premium"), availability, BUY)

    assert decision == Admit("premium", bought=True)


def test_the_policy_buy_buys_no_other_tier_than_the_wanted_one() -> None:
    decision = decide(Request("premium"), ranked(standard=TierSeats(STANDARD, 0, buyable=9)), BUY)

    assert decision == Queue("premium")


@pytest.mark.parametrize(
    ("buyable", "bought"), [((1, 1, 1), "standard"), ((1, 1, 0), "premium"), ((1, 0, 0), "enterprise")]
)
def test_for_a_request_for_any_tier_the_lowest_tier_below_its_ceiling_is_bought(
    buyable: tuple[int, ...], bought: str
) -> None:
    decision = decide(Request(), with_buyable(ranked(), buyable), BUY)

    assert decision == Admit(bought, bought=True)


def test_at_the_ceiling_people_wait() -> None:
    decisions = [decide(Request(wants), ranked(), BUY) for wants in (ANY, "premium")]

    assert decisions == [Queue(ANY), Queue("premium")]


def test_no_seat_is_bought_while_one_is_open() -> None:
    availability = with_buyable(ranked(premium=TierSeats(PREMIUM, 2, 1)), (5, 5, 5))

    decisions = [decide(Request(wants), availability, BUY) for wants in (ANY, "premium")]

    assert decisions == [Admit("premium")] * 2


def test_a_seat_is_bought_for_a_newcomer_even_if_others_wait() -> None:
    availability = ranked(premium=TierSeats(PREMIUM, 1, 1, 0, 3, buyable=1), waiting_any=2)

    decision = decide(Request("premium"), availability, BUY)

    assert decision == Admit("premium", bought=True)


# Whose policy decides (SEATS 24)


@pytest.mark.parametrize("own", Overflow)
@pytest.mark.parametrize("policy", [REJECT, QUEUE, FALLBACK, BUY])
def test_the_policy_of_a_tier_applies_only_to_requests_for_that_tier(own: Overflow, policy: Policy) -> None:
    seats = {"standard": TierSeats(STANDARD, 1), "premium": TierSeats(PREMIUM, 0, buyable=1)}
    availability = ranked(1, **seats | {"premium": replace(seats["premium"], overflow=own)})
    plain = ranked(1, **seats)

    decisions = [decide(Request(wants), availability, policy) for wants in ("premium", "enterprise", ANY)]

    assert decisions[0] == _with(decide(Request("premium"), plain, Policy(own)), availability)
    assert decisions[1] == decide(Request("enterprise"), plain, policy)
    assert decisions[2] == _with(decide(Request(), plain, policy), availability)


def _with(decision: Decision, availability: Availability) -> Decision:
    """A refusal lists the tiers with their policies; the rest of a decision does not depend on them."""
    if isinstance(decision, Reject):
        return replace(decision, tried=availability.wanted(decision.wants))
    return decision


@pytest.mark.parametrize("reason", [Reason.CONTRACT_INACTIVE, Reason.SUSPENDED])
@pytest.mark.parametrize("overflow", Overflow)
def test_while_no_seats_are_given_every_request_is_refused(overflow: Overflow, reason: Reason) -> None:
    availability = with_buyable(ranked(standard=TierSeats(STANDARD, 1)), (1, 1, 1))

    decision = decide(Request("premium"), availability, Policy(overflow, reason))

    assert decision == Reject("premium", reason, availability.wanted("premium"))


@given(request=requests, availability=availabilities, buyable=buyables)
def test_without_a_free_seat_only_the_policy_reject_refuses(
    request: Request, availability: Availability, buyable: tuple[int, ...]
) -> None:
    availability = with_buyable(availability, buyable)

    rejecting, *others = [decide(request, availability, Policy(overflow)) for overflow in Overflow]

    if isinstance(rejecting, Admit):
        assert others == [rejecting] * len(others)
    else:
        assert not any(isinstance(decision, Reject) for decision in others)


@given(request=requests, availability=availabilities, buyable=buyables)
def test_fallback_and_buy_never_overtake_waiting_people_or_exceed_a_ceiling(
    request: Request, availability: Availability, buyable: tuple[int, ...]
) -> None:
    availability = with_buyable(availability, buyable)

    for policy in (FALLBACK, BUY):
        decision = decide(request, availability, policy)
        if isinstance(decision, Admit):
            seats = availability.of(decision.tier)
            open_ = seats.free > seats.waiting + availability.waiting_any
            assert seats.buyable > 0 if decision.bought else open_
            assert decision.waits_for in (None, request.wants)
            assert (decision.waits_for is None) == (request.wants in (decision.tier, ANY))
