"""Impossible purchases and invalid contracts are refused, each with its reason (SEATS 43)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from seat_policy.bill import Kind, whole_term
from seat_policy.contract import MOST_SEATS, Contract, Per, Price, Tax
from seat_policy.errors import PolicyError
from seat_policy.money import Money
from tests.seat_policy.quotes import METHODS, Quote, billed, contract_of

ASKED = Quote("2026-03-15", {"standard": 5})
ZONES = [
    "",
    " ",
    ".",
    "..",
    "/",
    "Europe",
    "Europe/",
    "Mars/Olympus",
    "/etc/passwd",
    "../UTC",
    "a\0b",
    "UTC\n",
]
CONTRACT = contract_of(ASKED)


@pytest.mark.parametrize(
    ("quote", "reason"),
    [
        (replace(ASKED, adds={}), "nothing is ordered: give seats to add or to upgrade"),
        (
            replace(ASKED, adds={"standard": 0}),
            "0 seats cannot be bought; the number must be from 1 to 10000000",
        ),
        (
            replace(ASKED, adds={"standard": -1}),
            "-1 seats cannot be bought; the number must be from 1 to 10000000",
        ),
        (
            replace(ASKED, adds={"standard": MOST_SEATS + 1}),
            "10000001 seats cannot be bought; the number must be from 1 to 10000000",
        ),
        (
            replace(ASKED, adds={"standard": 1, "premium": 0}),
            "0 seats cannot be bought; the number must be from 1 to 10000000",
        ),
        (
            replace(ASKED, upgrades=((0, "standard", "premium"),)),
            "0 seats cannot be bought; the number must be from 1 to 10000000",
        ),
        (
            replace(ASKED, adds={"gold": 1}),
            "the contract has no price for gold seats; set a price first",
        ),
        (replace(ASKED, adds={"": 1}), "the contract has no price for  seats; set a price first"),
        (
            replace(ASKED, upgrades=((1, "standard", "gold"),)),
            "the contract has no price for gold seats; set a price first",
        ),
        (
            replace(ASKED, upgrades=((1, "gold", "premium"),)),
            "the contract has no price for gold seats; set a price first",
        ),
        (
            replace(ASKED, upgrades=((1, "standard", "standard"),)),
            "standard seats cannot be upgraded to their own tier",
        ),
        (
            replace(ASKED, upgrades=((1, "premium", "standard"),)),
            "standard costs less than premium, so it is not an upgrade",
        ),
        (
            replace(ASKED, day="2027-01-01"),
            "2027-01-01 is after the term, whose last day is 2026-12-31",
        ),
        (
            replace(ASKED, day="9999-12-31"),
            "9999-12-31 is after the term, whose last day is 2026-12-31",
        ),
    ],
)
@pytest.mark.parametrize("method", METHODS)
def test_an_impossible_purchase_is_refused_with_the_reason(quote: Quote, reason: str, method: str) -> None:
    with pytest.raises(PolicyError) as refused:
        billed(replace(quote, method=method))

    assert str(refused.value) == reason


@pytest.mark.parametrize("quantity", [-1, MOST_SEATS + 1])
def test_a_whole_term_of_too_many_seats_is_refused(quantity: int) -> None:
    with pytest.raises(PolicyError, match=f"^{quantity} seats cannot be bought"):
        whole_term(CONTRACT, Kind.RENEWED, {"standard": quantity})


def dollars(minor: int, per: Per = Per.MONTH) -> dict[str, Price]:
    return {"standard": Price(Money(minor, "USD"), per)}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"months": 0}, "a term of 0 months is not possible; the number must be from 1 to 120"),
        ({"months": -12}, "a term of -12 months is not possible; the number must be from 1 to 120"),
        ({"months": 121}, "a term of 121 months is not possible; the number must be from 1 to 120"),
        ({"minimum": -1}, "a minimum of -1 seats is not possible; the number must be from 0 to 10000000"),
        (
            {"minimum": MOST_SEATS + 1},
            "a minimum of 10000001 seats is not possible; the number must be from 0 to 10000000",
        ),
        ({"term": 0}, "term 0 does not exist; the first term is 1"),
        ({"currency": "EUR"}, "the price of standard is in USD, not EUR"),
        ({"currency": "XYZ"}, "'XYZ' is not a currency; use its ISO 4217 code, such as USD, EUR or JPY"),
        ({"prices": dollars(10**11 + 1, Per.TERM)}, "the price of standard is too large to be invoiced"),
        ({"prices": dollars(10**11 // 12 + 1)}, "the price of standard is too large to be invoiced"),
        ({"start": date(1, 1, 1)}, "a contract that begins on 0001-01-01 is not possible; check the year"),
        (
            {"start": date(1899, 12, 31)},
            "a contract that begins on 1899-12-31 is not possible; check the year",
        ),
        (
            {"start": date(9000, 1, 1)},
            "a contract that begins on 9000-01-01 is not possible; check the year",
        ),
        ({"start": date(9999, 12, 31)}, "12 months after 9999-12-31 is beyond the calendar"),
        ({"term": 10**9}, "12000000000 months after 2026-01-01 is beyond the calendar"),
    ],
)
def test_an_invalid_contract_is_refused_with_the_reason(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(PolicyError) as refused:
        replace(CONTRACT, **changes)

    assert str(refused.value) == reason


@pytest.mark.parametrize("zone", ZONES)
def test_an_unknown_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(PolicyError) as refused:
        Contract(date(2026, 1, 1), 12, "USD", time_zone=zone)

    assert str(refused.value) == f"'{zone}' is not a time zone; use a name such as Europe/Berlin or UTC"


@pytest.mark.parametrize(
    "percent",
    [
        "101",
        "100.0001",
        "0",
        "-0",
        "-1",
        "NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
        "8.87501",
        "1E+9999",
        "1E-9999",
    ],
)
@pytest.mark.parametrize("inclusive", [False, True])
def test_an_invalid_tax_is_refused(percent: str, inclusive: bool) -> None:  # noqa: FBT001
    with pytest.raises(PolicyError) as refused:
        Tax(Decimal(percent), inclusive)

    assert str(refused.value) == f"a tax of {percent} % is not possible; use a percentage such as 19 or 8.875"


@pytest.mark.parametrize("percent", ["0.0001", "8.875", "100", "1E+2"])
def test_a_tax_within_its_limits_is_accepted(percent: str) -> None:
    assert Tax(Decimal(percent)).percent == Decimal(percent)


def test_the_longest_term_and_the_highest_price_are_accepted() -> None:
    contract = replace(CONTRACT, months=120, prices=dollars(10**10, Per.TERM), start=date(1900, 1, 1))

    assert contract.running.end == date(1910, 1, 1)
    assert contract.term_price("standard") == Money(10**10, "USD")
