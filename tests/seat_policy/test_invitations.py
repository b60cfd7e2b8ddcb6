"""The validity of an invitation, and the seats that several invitations hold together."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from seat_policy.admission import Policy
from seat_policy.availability import Availability, TierSeats
from seat_policy.contract import ANY, Tier
from seat_policy.errors import PolicyError
from seat_policy.invitations import Short, State, expires, holdable, short, state_at
from seat_policy.overflow import Overflow
from seat_policy.simulation import Course, Place

SENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
EXPIRY = datetime(2026, 3, 22, 12, tzinfo=UTC)


def seats(standard: tuple[int, int], premium: tuple[int, int], waiting: int = 0) -> Availability:
    """Purchased and assigned, by tier; and the number of people who wait for any."""
    return Availability(
        (TierSeats(Tier("standard", 1), *standard), TierSeats(Tier("premium", 2), *premium)), waiting
    )


def test_an_invitation_is_valid_for_twenty_one_times_twenty_four_hours() -> None:
    assert expires(SENT) == EXPIRY


def test_daylight_saving_time_does_not_change_the_validity_of_an_invitation() -> None:
    # Clocks there go forward on 29 March 2026.
    sent = datetime(2026, 3, 20, 9, tzinfo=ZoneInfo("Europe/Berlin"))

    assert expires(sent) - sent.astimezone(UTC) == timedelta(hours=504)


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        (EXPIRY - timedelta(microseconds=1), State.PENDING),
        (EXPIRY, State.EXPIRED),
        (EXPIRY + timedelta(days=400), State.EXPIRED),
    ],
)
def test_a_pending_invitation_is_expired_from_the_moment_of_its_expiry(
    moment: datetime, state: State
) -> None:
    assert state_at(State.PENDING, EXPIRY, moment) is state


@pytest.mark.parametrize("state", [State.ACCEPTED, State.REVOKED, State.EXPIRED])
def test_a_closed_invitation_keeps_its_state(state: State) -> None:
    assert state_at(state, EXPIRY, SENT) is state
    assert state_at(state, EXPIRY, EXPIRY) is state


@pytest.mark.parametrize(
    ("wants", "number", "expected"),
    [
        ("any", 1, ("premium",)),
        ("any", 3, ("premium", "standard", "standard")),
        ("any", 5, ("premium", "standard", "standard")),
        ("standard", 2, ("standard", "standard")),
        ("standard", 3, ("standard", "standard")),
        ("premium", 2, ("premium",)),
    ],
)
def test_seats_are_held_from_the_highest_tier_down(
    wants: str, number: int, expected: tuple[str, ...]
) -> None:
    assert holdable(seats(standard=(5, 3), premium=(2, 1)), wants, number) == expected


@pytest.mark.parametrize(
    ("wants", "number", "expected"),
    [
        ("any", 5, Short("standard", 2, 3)),
        ("standard", 3, Short("standard", 1, 2)),
        ("premium", 2, Short("premium", 1, 1)),
    ],
)
def test_missing_seats_are_reported_for_the_tier_that_can_be_added(
    wants: str, number: int, expected: Short
) -> None:
    assert short(seats(standard=(5, 3), premium=(2, 1)), (), wants, number, "standard") == expected


def test_a_seat_for_which_a_person_waits_cannot_be_held() -> None:
    assert holdable(seats((1, 0), (0, 0), waiting=1), "any", 1) == ()


@pytest.mark.parametrize("wants", ["any", "standard"])
def test_the_shortfall_includes_the_people_who_wait(wants: str) -> None:
    waiting = seats((1, 1), (0, 0), waiting=2)

    assert short(waiting, [Place(100, "any")] * 2, wants, 1, "standard") == Short("standard", 3, 0, 2)


def test_a_seat_freed_by_a_move_to_an_added_seat_can_be_held_for_the_invitee() -> None:
    """The person has a premium seat and waits for the standard seat that their group gives."""
    availability = seats((1, 1), (1, 1)).with_waiting("standard")

    assert short(availability, [Place(100, "standard", "premium")], "any", 1, "standard").missing == 1


def test_holding_a_seat_of_an_unknown_tier_is_an_error() -> None:
    with pytest.raises(PolicyError, match="no tier 'gold'"):
        holdable(seats((1, 0), (1, 0)), "gold", 1)


TIERS = (Tier("basic", 1), Tier("standard", 2), Tier("premium", 3))
NAMES = [tier.name for tier in TIERS]


@st.composite
def organizations(draw: st.DrawFn) -> tuple[Availability, list[Place]]:
    """Seats and waiting people, some with another seat, after the queue has moved."""
    queue = []
    for _ in range(draw(st.integers(0, 6))):
        wants = draw(st.sampled_from([*NAMES, ANY]))
        lower_or_higher = [name for name in NAMES if name != wants] if wants != ANY else []
        keeps = draw(st.none() | st.sampled_from(lower_or_higher)) if lower_or_higher else None
        queue.append(Place(100, wants, keeps))
    tiers = []
    for tier in TIERS:
        kept = sum(place.keeps == tier.name for place in queue)
        assigned = kept + draw(st.integers(0, 2))
        held = draw(st.integers(0, 1))
        waiting = sum(place.wants == tier.name for place in queue)
        free = draw(st.integers(0, 2))
        tiers.append(TierSeats(tier, assigned + held + free, assigned, held, waiting))
    waiting_any = sum(place.wants == ANY for place in queue)
    return served(Availability(tuple(tiers), waiting_any), queue)


def served(availability: Availability, queue: list[Place]) -> tuple[Availability, list[Place]]:
    """The queue as the simulation serves it; other tests compare that with the database."""
    course = Course(availability, Policy(Overflow.QUEUE), list(queue))
    course.serve()
    return course.availability, course.queue


@settings(max_examples=1_000, deadline=None)
@given(organizations(), st.sampled_from([*NAMES, ANY]), st.integers(1, 4), st.sampled_from(NAMES))
def test_the_reported_missing_seats_suffice_and_one_fewer_does_not(
    organization: tuple[Availability, list[Place]], wants: str, number: int, cheapest: str
) -> None:
    availability, queue = organization
    assume(len(holdable(availability, wants, number)) < number)

    lacking = short(availability, queue, wants, number, cheapest)

    def after(bought: int) -> int:
        rested, _ = served(availability.changed(lacking.tier, purchased=bought), queue)
        return len(holdable(rested, wants, number))

    assert lacking.tier == (cheapest if wants == ANY else wants)
    assert after(lacking.missing) == number
    assert after(lacking.missing - 1) < number
