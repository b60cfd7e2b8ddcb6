"""Many people exchange seats at once: as many as possible, and no person loses a seat."""

from collections import Counter
from itertools import chain, combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from seat_policy.admission import Admit, Decision, Policy, Queue, Reason, Reject
from seat_policy.availability import Availability, TierSeats
from seat_policy.contract import Tier
from seat_policy.overflow import Overflow
from seat_policy.rearrangement import Candidate, rearrange

STANDARD, PREMIUM, GOLD = Tier("standard", 1), Tier("premium", 2), Tier("gold", 3)
NAMES = ("standard", "premium", "gold")
REJECT, QUEUE = Policy(Overflow.REJECT), Policy(Overflow.QUEUE)


def seats(standard: tuple[int, ...], premium: tuple[int, ...], gold: tuple[int, ...] = (0,)) -> Availability:
    """Each tier as (purchased, assigned, held, waiting), from the left as far as it matters."""
    return Availability(
        (TierSeats(STANDARD, *standard), TierSeats(PREMIUM, *premium), TierSeats(GOLD, *gold))
    )


def test_two_people_who_want_each_others_tier_exchange_seats_without_a_free_seat() -> None:
    ann, bob = Candidate("ann", "premium", "standard"), Candidate("bob", "standard", "premium")

    decisions = rearrange(seats((1, 1), (1, 1)), REJECT, [ann, bob])

    assert decisions == {"ann": Admit("premium"), "bob": Admit("standard")}


def test_three_people_in_a_circle_exchange_seats() -> None:
    circle = [
        Candidate("ann", "premium", "standard"),
        Candidate("bob", "gold", "premium"),
        Candidate("cy", "standard", "gold"),
    ]

    decisions = rearrange(seats((1, 1), (1, 1), (1, 1)), REJECT, circle)

    assert decisions == {"ann": Admit("premium"), "bob": Admit("gold"), "cy": Admit("standard")}


def test_without_a_seat_to_move_to_people_keep_theirs_and_wait() -> None:
    # bob cannot leave standard, so ann cannot have his seat
    ann, bob = Candidate("ann", "standard", "premium"), Candidate("bob", "gold", "standard")

    decisions = rearrange(seats((1, 1), (1, 1)), QUEUE, [ann, bob])

    assert decisions == {"ann": Queue("standard"), "bob": Queue("gold")}


def test_the_first_people_get_the_free_seats() -> None:
    three = [Candidate(name, "premium", "standard") for name in ("ann", "bob", "cy")]

    decisions = rearrange(seats((3, 3), (2, 0)), REJECT, three)

    refused = Reject("premium", Reason.NO_FREE_SEAT, (TierSeats(PREMIUM, 2, 2),))
    assert decisions == {"ann": Admit("premium"), "bob": Admit("premium"), "cy": refused}


def test_waiting_people_without_a_seat_are_not_overtaken() -> None:
    ann, bob = Candidate("ann", "premium", "standard"), Candidate("bob", "standard", "premium")

    decisions = rearrange(seats((1, 1), (1, 1, 0, 1)), QUEUE, [ann, bob])

    assert decisions == {"ann": Queue("premium"), "bob": Queue("standard")}


def test_a_person_who_waited_before_exchanges_seats_with_a_newcomer() -> None:
    # bob waits for standard already and is counted there
    bob, ann = Candidate("bob", "standard", "premium", waits=True), Candidate("ann", "premium", "standard")

    decisions = rearrange(seats((1, 1, 0, 1), (1, 1)), REJECT, [bob, ann])

    assert decisions == {"bob": Admit("standard"), "ann": Admit("premium")}


def test_a_person_who_keeps_waiting_gets_no_new_decision() -> None:
    bob = Candidate("bob", "standard", "premium", waits=True)

    assert rearrange(seats((1, 1, 0, 1), (1, 1)), REJECT, [bob]) == {}


def test_outside_the_contract_no_person_moves() -> None:
    ann = Candidate("ann", "premium", "standard")

    decisions = rearrange(seats((1, 1), (1, 0)), Policy(standstill=Reason.CONTRACT_INACTIVE), [ann])

    assert isinstance(decisions["ann"], Reject)


@st.composite
def crowds(draw: st.DrawFn) -> tuple[Availability, list[Candidate]]:
    """Some people have a seat, some wait, and some have neither."""
    candidates = []
    for number in range(draw(st.integers(0, 6))):
        keeps = draw(st.sampled_from([None, *NAMES]))
        wants = draw(st.sampled_from([name for name in (*NAMES, "any") if name != keeps]))
        if keeps is not None and wants == "any":
            continue
        waits = keeps is not None and draw(st.booleans())
        candidates.append(Candidate(f"p{number}", wants, keeps, waits))
    candidates.sort(key=lambda one: not one.waits)
    tiers = []
    for tier in (STANDARD, PREMIUM, GOLD):
        seated = sum(one.keeps == tier.name for one in candidates) + draw(st.integers(0, 1))
        queued = sum(one.waits and one.wants == tier.name for one in candidates)
        others = draw(st.integers(0, 1))
        # Where a person waits, no seat is free: the queue has moved before.
        free = 0 if queued + others else draw(st.integers(0, 2))
        tiers.append(TierSeats(tier, seated + free, seated, 0, queued + others))
    return Availability(tuple(tiers)), candidates


def moved(decisions: dict[str, Decision], candidates: list[Candidate]) -> set[str]:
    return {
        one.id for one in candidates if one.keeps is not None and isinstance(decisions.get(one.id), Admit)
    }


def overtakes(candidates: list[Candidate], moving: set[str]) -> bool:
    """Whether a person moves to a tier to which a person before them does not."""
    for name in NAMES:
        order = [one.id in moving for one in candidates if one.keeps is not None and one.wants == name]
        if sorted(order, reverse=True) != order:
            return True
    return False


def fits(availability: Availability, candidates: list[Candidate], moving: set[str]) -> bool:
    """Whether these can all move, and leave enough for those without a seat who wait."""
    for tier in availability.tiers:
        name = tier.tier.name
        without_seat = tier.waiting - sum(one.waits and one.wants == name for one in candidates)
        gone = sum(one.keeps == name for one in candidates if one.id in moving)
        entering = sum(one.wants == name for one in candidates if one.id in moving)
        if entering and entering > tier.free - without_seat - availability.waiting_any + gone:
            return False
    return True


@settings(max_examples=500, deadline=None)
@given(crowds(), st.sampled_from([REJECT, QUEUE, Policy(Overflow.FALLBACK)]))
def test_as_many_people_move_as_possible_and_no_seat_is_oversold(
    crowd: tuple[Availability, list[Candidate]], policy: Policy
) -> None:
    availability, candidates = crowd

    decisions = rearrange(availability, policy, candidates)

    moving = moved(decisions, candidates)
    others = {one.id for one in candidates if one.keeps is not None} - moving
    assert fits(availability, candidates, moving)
    assert not overtakes(candidates, moving)
    more = chain.from_iterable(combinations(sorted(others), size) for size in range(1, len(others) + 1))
    larger = [moving | set(extra) for extra in more]
    assert not [
        one for one in larger if fits(availability, candidates, one) and not overtakes(candidates, one)
    ]
    in_use = Counter({tier.tier.name: tier.assigned for tier in availability.tiers})
    for one in candidates:
        decision = decisions.get(one.id)
        if isinstance(decision, Admit):
            in_use[decision.tier] += 1
            in_use[one.keeps or ""] -= 1
    assert all(in_use[tier.tier.name] <= tier.purchased for tier in availability.tiers)
