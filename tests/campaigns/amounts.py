"""The correct lines of invoices, in plain fractions: a separate implementation of rules 37 to 45."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any, Final

DECIMALS: Final = {"USD": 2, "JPY": 0, "KWD": 3}


def boundary(start: date, months: int) -> date:
    """So many months after the start: its day, or the last one of a month that is too short for it."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    for day in range(start.day, 0, -1):
        with suppress(ValueError):
            return date(year, month + 1, day)
    raise AssertionError("every month has a first day")


def term(contract: Mapping[str, Any], number: int) -> tuple[date, date]:
    """The first day of a term of a contract, and the day after its last."""
    start, months = date.fromisoformat(contract["start"]), contract["months"]
    return boundary(start, (number - 1) * months), boundary(start, number * months)


def share(contract: Mapping[str, Any], since: date) -> Fraction:
    """The fraction of its term from a day on; more than 1 if the term before is still running."""
    start, months, number = (
        date.fromisoformat(contract["start"]),
        contract["months"],
        contract["term"]["number"],
    )
    first, end = term(contract, number)
    if contract["method"] == "day_actual":
        return Fraction((end - since).days, (end - first).days)
    whole = 0
    while (begins := boundary(start, number * months - whole - 1)) > since:
        whole += 1
    ends = boundary(start, number * months - whole)
    exact = Fraction((ends - since).days, (ends - begins).days)
    part = {"monthly_exact": exact, "month_started": Fraction(1), "month_completed": Fraction(floor(exact))}
    left: Fraction = (whole + part[contract["method"]]) / months
    return left


def rounded(amount: Fraction) -> int:
    """Round half away from zero."""
    magnitude = floor(abs(amount) + Fraction(1, 2))
    return magnitude if amount > 0 else -magnitude


def unit(contract: Mapping[str, Any], tier: str) -> int:
    """The price of a seat and term, in minor units."""
    price = contract["prices"][tier]
    minor = Fraction(price["amount"]) * 10 ** DECIMALS[contract["currency"]]
    return int(minor * (contract["months"] if price["per"] == "month" else 1))


def lines(
    contract: Mapping[str, Any], since: date, sold: Sequence[tuple[str, str, int]]
) -> Iterator[tuple[int, Fraction, int, int]]:
    """Unit, fraction, net and tax of each line, from its kind, tier and quantity."""
    left = share(contract, since)
    charge, higher = 0, 0
    for kind, tier, quantity in sold:
        price = unit(contract, tier)
        amount = rounded(price * quantity * left)
        if kind == "upgraded_from":
            amount = rounded((higher - price) * quantity * left) - charge
        charge, higher = amount, price
        yield price, left, *_taxed(amount, contract["tax"])


def _taxed(amount: int, tax: Mapping[str, Any] | None) -> tuple[int, int]:
    if tax is None:
        return amount, 0
    rate = Fraction(tax["percent"]) / 100
    if tax["inclusive"]:
        contained = rounded(amount * rate / (1 + rate))
        return amount - contained, contained
    return amount, rounded(amount * rate)
