"""The date on which a tier runs out; the expected dates are calculated manually."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_policy.forecast import FEWEST_DAYS, Forecast, forecast

TODAY = date(2026, 3, 29)
NEVER = date.max


def days_of(numbers: list[int]) -> list[tuple[date, int]]:
    """A number for each day, the last of them today."""
    return [(TODAY - timedelta(days=len(numbers) - 1 - index), one) for index, one in enumerate(numbers)]


histories = st.lists(st.integers(0, 300), max_size=91).map(days_of)
long_histories = st.lists(st.integers(0, 300), min_size=FEWEST_DAYS + 1, max_size=91).map(days_of)
seats = st.integers(0, 1_000)


def dates(found: Forecast) -> tuple[date, date, date]:
    """With the end of time for never."""
    return found.earliest or NEVER, found.expected or NEVER, found.latest or NEVER


def test_the_mean_of_four_weeks_gives_the_expected_date_and_single_weeks_the_range() -> None:
    # The weeks grow by 7, 14, 0 and 7: 28 in 28 days is 1 a day; the fastest 2 a day, the slowest 0.
    history = [
        (date(2026, 3, 1), 40),
        (date(2026, 3, 8), 47),
        (date(2026, 3, 15), 61),
        (date(2026, 3, 22), 61),
        (TODAY, 68),
    ]

    found = forecast(history, 80, TODAY)

    # 12 seats are free: 12 days at 1 a day, 6 at 2 a day.
    assert found == Forecast(
        earliest=date(2026, 4, 4),
        expected=date(2026, 4, 10),
        latest=None,
        per_day=Fraction(1),
        days=28,
        enough_history=True,
        fastest=Fraction(2),
        slowest=Fraction(0),
    )


def test_a_fraction_of_a_day_is_rounded_up() -> None:
    # 10 in 28 days; 4 free seats last 11.2 days.
    found = forecast([(TODAY - timedelta(days=28), 20), (TODAY, 30)], 34, TODAY)

    assert (found.expected, found.per_day) == (TODAY + timedelta(days=12), Fraction(10, 28))


def test_growth_before_the_last_four_weeks_does_not_count() -> None:
    burst = [0] * 40 + [100] * 40

    found = forecast(days_of(burst), 120, TODAY)

    assert dates(found) == (NEVER, NEVER, NEVER)


def test_a_history_of_three_weeks_is_averaged_over_three_weeks() -> None:
    found = forecast([(TODAY - timedelta(days=24), 1), (TODAY, 22)], 43, TODAY)

    assert (found.days, found.per_day, found.expected) == (21, Fraction(1), TODAY + timedelta(days=21))


@pytest.mark.parametrize(("days", "enough"), [(13, False), (14, True)])
def test_a_history_under_fourteen_days_gives_no_date(days: int, enough: bool) -> None:  # noqa: FBT001
    found = forecast([(TODAY - timedelta(days=days), 1), (TODAY, 15)], 16, TODAY)

    assert (found.enough_history, found.expected is not None) == (enough, enough)


def test_a_date_beyond_five_years_is_never() -> None:
    slow = [(TODAY - timedelta(days=28), 0), (TODAY, 1)]

    near, far = (forecast(slow, 1 + free, TODAY).expected for free in (65, 66))

    # One in 28 days: 65 seats last 1,820 days, 66 last 1,848; five years are 1,825.
    assert (near, far) == (TODAY + timedelta(days=1_820), None)


def test_the_forecast_describes_its_method() -> None:
    assert forecast(days_of([5] * 30), 10, TODAY).method == (
        "The expected date uses the mean net growth of the last 28 days. The "
        "earliest and latest dates use the growth of the fastest and the slowest of those weeks."
    )
    assert forecast([], 10, TODAY).method == "No forecast: 14 days of history are needed."


@given(st.integers(0, 300), st.integers(0, 90), st.integers(1, 1_000))
def test_without_growth_a_tier_never_runs_out(in_use: int, days: int, free: int) -> None:
    found = forecast(days_of([in_use] * (days + 1)), in_use + free, TODAY)

    assert dates(found) == (NEVER, NEVER, NEVER)


@given(histories, st.integers(0, 100))
def test_a_full_tier_has_run_out_today(history: list[tuple[date, int]], over: int) -> None:
    in_use = history[-1][1] if history else 0

    found = forecast(history, max(in_use - over, 0), TODAY)

    assert dates(found) == (TODAY, TODAY, TODAY)


@given(histories, seats, st.integers(0, 1_000))
def test_more_seats_never_give_an_earlier_date(history: list[tuple[date, int]], some: int, more: int) -> None:
    fewer, extended = (dates(forecast(history, count, TODAY)) for count in (some, some + more))

    assert all(before <= after for before, after in zip(fewer, extended, strict=True))


@given(long_histories, seats)
def test_the_earliest_expected_and_latest_dates_are_in_order(
    history: list[tuple[date, int]], purchased: int
) -> None:
    earliest, expected, latest = dates(forecast(history, purchased, TODAY))

    assert TODAY <= earliest <= expected <= latest


@given(histories.flatmap(lambda days: st.tuples(st.just(days), st.permutations(days + days[:3]))), seats)
def test_the_order_and_repetition_of_days_do_not_matter(
    histories_: tuple[list[tuple[date, int]], list[tuple[date, int]]], purchased: int
) -> None:
    ordered, shuffled = histories_

    assert forecast(shuffled, purchased, TODAY) == forecast(ordered, purchased, TODAY)


@given(long_histories, seats)
def test_the_expected_day_is_the_first_on_which_the_mean_growth_fills_the_tier(
    history: list[tuple[date, int]], purchased: int
) -> None:
    found = forecast(history, purchased, TODAY)
    in_use = history[-1][1]

    days = (dates(found)[1] - TODAY).days
    if found.expected is None:
        assert in_use + 1_825 * found.per_day < purchased
    else:
        assert in_use + days * found.per_day >= purchased or days == 0
        assert days == 0 or in_use + (days - 1) * found.per_day < purchased
