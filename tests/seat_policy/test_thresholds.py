"""When a threshold is reported, and when it may be reported again (SEATS 33)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_policy.thresholds import Notified, Standing, Step, step

NOTHING, TO_80 = Notified.NOTHING, Notified.AT_80
TO_90 = Notified.AT_80 | Notified.AT_90
ALL = TO_90 | Notified.AT_100


@pytest.mark.parametrize(
    ("in_use", "notified", "expected"),
    [
        (79, NOTHING, Step(NOTHING, None)),
        (80, NOTHING, Step(TO_80, 80)),
        (80, TO_80, Step(TO_80, None)),
        (89, TO_80, Step(TO_80, None)),
        (90, TO_80, Step(TO_90, 90)),
        (100, TO_90, Step(ALL, 100)),
        (100, NOTHING, Step(ALL, 100)),
        (100, ALL, Step(ALL, None)),
        (96, ALL, Step(ALL, None)),
        (95, ALL, Step(TO_90, None)),
        (86, TO_90, Step(TO_90, None)),
        (85, TO_90, Step(TO_80, None)),
        (76, TO_80, Step(TO_80, None)),
        (75, TO_80, Step(NOTHING, None)),
        (0, ALL, Step(NOTHING, None)),
    ],
)
def test_each_threshold_of_a_hundred_seats_is_crossed_and_armed_as_expected(
    in_use: int, notified: Notified, expected: Step
) -> None:
    assert step(Standing(100, in_use, notified)) == expected


def test_the_only_seat_crosses_all_thresholds_and_is_reported_once() -> None:
    assert step(Standing(1, 1, NOTHING)) == Step(ALL, 100)


def test_a_tier_without_seats_crosses_no_threshold() -> None:
    assert step(Standing(0, 0, ALL)) == Step(NOTHING, None)


def test_a_step_of_the_thresholds_keeps_the_mark_of_the_forecast_alert() -> None:
    assert step(Standing(10, 0, ALL | Notified.FORECAST_SHORT)) == Step(Notified.FORECAST_SHORT, None)


@given(st.integers(0, 60), st.lists(st.integers(0, 60), max_size=20))
def test_each_threshold_is_reported_again_only_after_a_fall_of_five_points(
    purchased: int, course: list[int]
) -> None:
    """Compared with a naive implementation that keeps a set of the armed thresholds."""
    notified, armed = NOTHING, {80, 90, 100}
    for in_use in (min(one, purchased) for one in course):
        share = 100 * in_use / purchased if purchased else 0
        armed |= {percent for percent in (80, 90, 100) if share <= percent - 5}
        crossed = {percent for percent in armed if share >= percent}
        armed -= crossed

        found = step(Standing(purchased, in_use, notified))

        assert found.crossed == max(crossed, default=None)
        notified = found.notified
