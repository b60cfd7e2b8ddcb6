"""The remaining part of a term as an exact fraction (SEATS 38, 40, 43)."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from seat_policy.errors import PolicyError


class Proration(StrEnum):
    """How a part of a contract month is billed."""

    MONTHLY_EXACT = "monthly_exact"
    MONTH_STARTED = "month_started"
    MONTH_COMPLETED = "month_completed"
    DAY_ACTUAL = "day_actual"


def add_months(start: date, months: int) -> date:
    """The same day some months later. If that month has no such day, its last day is used.

    Raises:
        PolicyError: the result is after the end of the calendar.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise PolicyError(f"{months} months after {start} is after the end of the calendar")
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Term:
    """A period of whole contract months, [start, end).

    Attributes:
        origin: the contract's original start; all month boundaries are computed from it (SEATS 38).
        first: the number of the term's first month; 0 in the first term.
        months: the number of months.
    """

    origin: date
    first: int
    months: int

    @property
    def start(self) -> date:
        """The first day."""
        return self.boundary(self.first)

    @property
    def end(self) -> date:
        """The day after the last day."""
        return self.boundary(self.first + self.months)

    @property
    def last_day(self) -> date:
        """The last day."""
        return self.end - timedelta(days=1)

    def boundary(self, number: int) -> date:
        """The day on which a contract month begins.

        If the calendar month has no such day, it is the last day.
        """
        return add_months(self.origin, number)

    def month_of(self, day: date) -> int:
        """The number of the contract month that contains a day."""
        number = (day.year - self.origin.year) * 12 + day.month - self.origin.month
        return number if self.boundary(number) <= day else number - 1


@dataclass(frozen=True, slots=True)
class Remaining:
    """The part of a term from a day on, including that day.

    Attributes:
        fraction: the part as a fraction of the term.
        months: the whole months; 0 if the contract bills by days.
        days: the days beyond the whole months.
        days_in: the days of the month of these days; of the term, if the contract bills by days.
        of_months: the months of the term; None if the contract bills by days.
    """

    fraction: Fraction
    months: int
    days: int
    days_in: int
    of_months: int | None

    @property
    def words(self) -> str:
        """The part in words, such as `9 months + 17/31` or `292/365 of the term`."""
        if self.of_months is None:
            return f"{self.days}/{self.days_in} of the term"
        if not self.days:
            return _months(self.months)
        share = f"{self.days}/{self.days_in}"
        return f"{_months(self.months)} + {share}" if self.months else f"{share} of a month"


def remaining(term: Term, day: date, method: Proration) -> Remaining:
    """The remaining part of a term from a day on; the whole term if the contract has not begun on that day.

    Raises:
        PolicyError: the day is in another term (SEATS 43).
    """
    if day >= term.end:
        raise PolicyError(f"{day} is after the term, whose last day is {term.last_day}")
    if day < term.start and term.first:
        raise PolicyError(f"{day} is before the current term, which began on {term.start}")
    day = max(day, term.start)
    if method is Proration.DAY_ACTUAL:
        left, days = (term.end - day).days, (term.end - term.start).days
        return Remaining(Fraction(left, days), 0, left, days, None)
    month = term.month_of(day)
    begins, ends = term.boundary(month), term.boundary(month + 1)
    months = term.first + term.months - month
    left, days = (ends - day).days, (ends - begins).days
    if left == days or method is Proration.MONTH_STARTED:
        return _whole(months, days, term)
    if method is Proration.MONTH_COMPLETED:
        return _whole(months - 1, days, term)
    fraction = (months - 1 + Fraction(left, days)) / term.months
    return Remaining(fraction, months - 1, left, days, term.months)


def _whole(months: int, days_in: int, term: Term) -> Remaining:
    return Remaining(Fraction(months, term.months), months, 0, days_in, term.months)


def _months(number: int) -> str:
    return "1 month" if number == 1 else f"{number} months"
