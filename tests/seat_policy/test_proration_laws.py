"""Properties of every term and day of every contract."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_policy.errors import PolicyError
from seat_policy.proration import Proration, Term, add_months, remaining
from tests.seat_policy import billing_oracle as oracle
from tests.seat_policy.quotes import STARTS

ONE_DAY = timedelta(days=1)

starts = st.sampled_from(STARTS) | st.dates(date(1999, 1, 1), date(2100, 12, 31))
methods = st.sampled_from(list(Proration))


@st.composite
def terms(draw: st.DrawFn) -> Term:
    months = draw(st.integers(1, 36))
    return Term(draw(starts), months * draw(st.sampled_from([0, 0, 1, 4])), months)


@st.composite
def terms_with_days(draw: st.DrawFn) -> tuple[Term, date]:
    """A term and one of its days, often next to a month boundary."""
    term = draw(terms())
    boundaries = [term.boundary(term.first + month) for month in range(term.months)]
    beside = st.builds(
        lambda day, off: day + timedelta(days=off), st.sampled_from(boundaries), st.integers(-1, 1)
    )
    day = draw(st.dates(term.start, term.last_day) | beside)
    return term, max(term.start, min(term.last_day, day))


def fraction(term: Term, day: date, method: Proration) -> Fraction:
    return remaining(term, day, method).fraction


@given(terms_with_days())
def test_exact_months_are_between_completed_and_started_ones(case: tuple[Term, date]) -> None:
    term, day = case

    completed, exact, started = (
        fraction(term, day, method)
        for method in (Proration.MONTH_COMPLETED, Proration.MONTHLY_EXACT, Proration.MONTH_STARTED)
    )

    assert 0 <= completed <= exact <= started <= 1
    assert started - completed in (0, Fraction(1, term.months))
    assert exact > 0


@given(terms(), methods)
def test_the_whole_term_is_left_on_its_first_day(term: Term, method: Proration) -> None:
    assert fraction(term, term.start, method) == 1


@given(starts, st.integers(1, 36), methods, st.integers(1, 4000))
def test_the_whole_term_is_left_before_the_contract_begins(
    start: date, months: int, method: Proration, days: int
) -> None:
    term = Term(start, 0, months)

    assert remaining(term, start - timedelta(days=days), method) == remaining(term, start, method)


@given(terms_with_days(), methods)
def test_the_remaining_fraction_is_positive_unless_only_completed_months_count(
    case: tuple[Term, date], method: Proration
) -> None:
    term, day = case

    left = fraction(term, day, method)

    assert left <= 1
    if method is Proration.MONTH_COMPLETED and day > term.boundary(term.first + term.months - 1):
        assert left == 0
    else:
        assert left > 0


@given(terms_with_days(), methods)
def test_a_later_day_never_has_a_larger_remaining_fraction(
    case: tuple[Term, date], method: Proration
) -> None:
    term, day = case
    before = max(term.start, day - ONE_DAY)

    assert fraction(term, before, method) >= fraction(term, day, method)


@given(terms(), st.data())
def test_on_a_month_boundary_all_methods_by_month_give_the_remaining_months(
    term: Term, data: st.DataObject
) -> None:
    gone = data.draw(st.integers(0, term.months - 1))
    day = term.boundary(term.first + gone)

    left = {fraction(term, day, method) for method in Proration if method is not Proration.DAY_ACTUAL}

    assert left == {Fraction(term.months - gone, term.months)}


@given(terms_with_days())
def test_every_day_of_a_contract_month_costs_the_same(case: tuple[Term, date]) -> None:
    term, day = case
    begins, ends = (term.boundary(term.month_of(day) + step) for step in (0, 1))
    days = [begins + timedelta(days=number) for number in range((ends - begins).days)]

    left = [fraction(term, one, Proration.MONTHLY_EXACT) for one in days]

    assert {first - second for first, second in pairwise(left)} == {Fraction(1, len(days) * term.months)}
    assert left[-1] - Fraction(1, len(days) * term.months) == fraction_or_nothing(term, ends)


def fraction_or_nothing(term: Term, day: date) -> Fraction:
    return fraction(term, day, Proration.MONTHLY_EXACT) if day < term.end else Fraction(0)


@given(terms_with_days())
def test_by_actual_days_every_day_of_a_term_counts_the_same(case: tuple[Term, date]) -> None:
    term, day = case
    days = (term.end - term.start).days

    left = fraction(term, day, Proration.DAY_ACTUAL)

    assert left * days == (term.end - day).days


@given(terms_with_days())
def test_the_month_of_a_day_is_the_one_whose_boundaries_enclose_it(case: tuple[Term, date]) -> None:
    term, day = case

    month = term.month_of(day)

    assert term.boundary(month) <= day < term.boundary(month + 1)


@given(starts, st.integers(0, 400))
def test_a_boundary_is_computed_from_the_original_start_and_clamped_to_the_month(
    start: date, months: int
) -> None:
    assert add_months(start, months) == oracle.add_months(start, months)


@given(terms())
def test_a_term_begins_where_the_previous_one_ends(term: Term) -> None:
    following = Term(term.origin, term.first + term.months, term.months)

    assert following.start == term.end == term.last_day + ONE_DAY


@given(terms(), methods, st.integers(0, 40_000))
def test_no_seat_is_sold_at_or_after_the_end_of_a_term(term: Term, method: Proration, days: int) -> None:
    day = term.end + timedelta(days=days)

    with pytest.raises(PolicyError) as refused:
        remaining(term, day, method)

    assert str(refused.value) == f"{day} is after the term, whose last day is {term.last_day}"


@pytest.mark.parametrize(("start", "months"), [(date(9999, 12, 1), 1), (date(1, 1, 31), -1)])
def test_a_month_beyond_the_calendar_is_refused(start: date, months: int) -> None:
    with pytest.raises(PolicyError) as refused:
        add_months(start, months)

    assert str(refused.value) == f"{months} months after {start} is beyond the calendar"
