"""The life of an invitation, and the seats that many of them hold together."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from seat_policy.availability import Availability, TierSeats
from seat_policy.contract import Tier
from seat_policy.errors import PolicyError
from seat_policy.invitations import Hold, Short, State, expires, hold, state_at

SENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
EXPIRY = datetime(2026, 3, 22, 12, tzinfo=UTC)


def seats(standard: tuple[int, int], premium: tuple[int, int], waiting: int = 0) -> Availability:
    """Purchased and assigned, by tier; and how many wait for any."""
    return Availability(
        (TierSeats(Tier("standard", 1), *standard), TierSeats(Tier("premium", 2), *premium)), waiting
    )


def test_an_invitation_lives_twenty_one_times_twenty_four_hours() -> None:
    assert expires(SENT) == EXPIRY


def test_no_change_of_clocks_shortens_or_lengthens_it() -> None:
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
def test_it_is_expired_from_the_very_moment(moment: datetime, state: State) -> None:
    assert state_at(State.PENDING, EXPIRY, moment) is state


@pytest.mark.parametrize("state", [State.ACCEPTED, State.REVOKED, State.EXPIRED])
def test_what_is_closed_stays_as_it_is(state: State) -> None:
    assert state_at(state, EXPIRY, SENT) is state
    assert state_at(state, EXPIRY, EXPIRY) is state


@pytest.mark.parametrize(
    ("wants", "number", "expected"),
    [
        ("any", 1, Hold(("premium",))),
        ("any", 3, Hold(("premium", "standard", "standard"))),
        ("any", 5, Short("standard", 2, 3)),
        ("standard", 2, Hold(("standard", "standard"))),
        ("standard", 3, Short("standard", 1, 2)),
        ("premium", 2, Short("premium", 1, 1)),
    ],
)
def test_seats_are_held_from_the_highest_down_all_or_none(
    wants: str, number: int, expected: Hold | Short
) -> None:
    assert hold(seats(standard=(5, 3), premium=(2, 1)), wants, number) == expected


def test_a_seat_that_somebody_waits_for_is_not_free() -> None:
    assert hold(seats((1, 0), (0, 0), waiting=1), "any", 1) == Short("standard", 1, 0)


def test_a_tier_that_is_not_there_holds_nothing() -> None:
    with pytest.raises(PolicyError, match="no tier 'gold'"):
        hold(seats((1, 0), (1, 0)), "gold", 1)
