"""What seats cost, in plain fractions: the billing rules 37 to 45, written from their words.

It shares nothing with the engine: the standard library only, amounts as decimal text, the boundaries of a
term as a list of days.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor

DECIMALS = {"USD": 2, "EUR": 2, "JPY": 0, "KRW": 0, "KWD": 3, "TND": 3, "CLF": 4, "UYW": 4}


def add_months(start: date, months: int) -> date:
    """The same day so many months later, or the last day of a month that is too short for it."""
    first = date(start.year + (start.month - 1 + months) // 12, (start.month - 1 + months) % 12 + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return min(first + timedelta(days=start.day - 1), last)


def edges(start: date, months: int, number: int = 1) -> list[date]:
    """The month boundaries of a contract's term, each from the original start; the last one ends it."""
    return [add_months(start, (number - 1) * months + month) for month in range(months + 1)]


def left(boundaries: list[date], day: date, method: str) -> Fraction:
    """The fraction of a term from a day on, that day included."""
    months, day = len(boundaries) - 1, max(day, boundaries[0])
    if method == "day_actual":
        return Fraction((boundaries[-1] - day).days, (boundaries[-1] - boundaries[0]).days)
    later = sum(boundary > day for boundary in boundaries[:-1])
    begins, ends = boundaries[months - later - 1], boundaries[months - later]
    exact = Fraction((ends - day).days, (ends - begins).days)
    whole = {"monthly_exact": exact, "month_started": Fraction(1), "month_completed": Fraction(floor(exact))}
    return (later + whole[method]) / months


def rounded(amount: Fraction, currency: str) -> Decimal:
    """Round to the currency's decimals, half away from zero."""
    units = floor(abs(amount) * 10 ** DECIMALS[currency] + Fraction(1, 2))
    return Decimal(units if amount > 0 else -units).scaleb(-DECIMALS[currency])


def added(price: Fraction, quantity: int, fraction: Fraction, currency: str) -> list[Decimal]:
    """The one line of seats added."""
    return [rounded(price * quantity * fraction, currency)]


def upgraded(
    prices: tuple[Fraction, Fraction], quantity: int, part: Fraction, currency: str
) -> list[Decimal]:
    """The charge, and the credit that leaves the rounded difference of the two prices."""
    charge = rounded(prices[1] * quantity * part, currency)
    return [charge, rounded((prices[1] - prices[0]) * quantity * part, currency) - charge]


def taxed(lines: Iterable[Decimal], percent: str, currency: str, *, inclusive: bool) -> list[tuple[str, str]]:
    """Net and tax of every line."""
    rate, nets = Fraction(percent) / 100, []
    for amount in lines:
        tax = rounded(Fraction(amount) * (rate / (1 + rate) if inclusive else rate), currency)
        nets.append((f"{amount - tax if inclusive else amount:f}", f"{tax:f}"))
    return nets
