"""Properties of every bill."""

import re
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_policy.bill import Bill, Kind, Line, whole_term
from seat_policy.contract import Contract
from seat_policy.money import Money, rounded, total
from tests.seat_policy.quotes import Quote, any_quote, billed, contract_of

HALF = Fraction(1, 2)
CALCULATION = re.compile(
    r"(?:- )?(?P<seats>\d+) seats? x (?P<price>[\d.]+) x "
    r"\(?(?:(?P<months>\d+) months?)?(?: \+ )?(?P<part>\d+/\d+)?"
    r"(?P<of>\)| of the term| of a month\))(?: of (?P<term>\d+))?"
)

quotes = st.integers(0, 2**40).map(lambda seed: any_quote(Random(seed)))


def calculated(line: Line, currency: str) -> Fraction:
    """The result of a line's explanation, in minor units."""
    found = CALCULATION.fullmatch(line.explanation)
    assert found is not None, line.explanation
    units = Money.parse(found["price"], currency).minor * int(found["seats"])
    share = int(found["months"] or 0) + Fraction(found["part"] or 0)
    return units * share / int(found["term"] or 1)


@given(quotes)
def test_the_sums_of_a_bill_are_the_sums_of_its_lines(quote: Quote) -> None:
    bill = billed(quote)

    assert bill.net == total([line.net for line in bill.lines], quote.currency)
    assert bill.tax == total([line.tax for line in bill.lines], quote.currency)
    assert bill.total == bill.net + bill.tax


@given(quotes)
def test_an_upgrade_costs_the_difference_rounded_once(quote: Quote) -> None:
    bill = billed(replace(quote, adds={}, upgrades=quote.upgrades or ((1, "standard", "premium"),), tax="0"))

    for charge, credit in zip(bill.lines[::2], bill.lines[1::2], strict=True):
        assert (charge.kind, credit.kind) == (Kind.UPGRADED, Kind.UPGRADED_FROM)
        assert (charge.quantity, charge.fraction) == (credit.quantity, credit.fraction)
        exact = (charge.unit - credit.unit).minor * charge.quantity * charge.fraction
        assert (charge.net + credit.net).minor == rounded(exact)
        assert abs(charge.net.minor - charge.unit.minor * charge.quantity * charge.fraction) <= HALF


@given(quotes)
def test_the_explanation_of_a_line_gives_its_net_amount(quote: Quote) -> None:
    bill = billed(replace(quote, tax="0"))

    for line in bill.lines:
        exact = calculated(line, quote.currency)
        assert exact == line.unit.minor * line.quantity * line.fraction
        if line.kind is Kind.UPGRADED_FROM:
            assert abs(-line.net.minor - exact) <= 1
        else:
            assert line.net.minor == rounded(exact)


@given(quotes, st.integers(1, 1000), st.integers(1, 1000))
def test_two_purchases_differ_from_one_only_by_rounding(quote: Quote, first: int, second: int) -> None:
    nets = [
        billed(replace(quote, adds={"standard": quantity}, upgrades=(), tax="0")).net.minor
        for quantity in (first, second, first + second)
    ]

    assert abs(nets[0] + nets[1] - nets[2]) <= 1


@given(quotes)
def test_a_later_day_never_costs_more(quote: Quote) -> None:
    adds = quote.adds or {"premium": 3}
    day = date.fromisoformat(quote.day) - timedelta(days=1)
    start = contract_of(quote).running.start
    earlier = max(day, start - timedelta(days=40) if quote.term == 1 else start)

    before, after = (
        billed(replace(quote, adds=adds, upgrades=(), day=on.isoformat()))
        for on in (earlier, date.fromisoformat(quote.day))
    )

    assert before.net.minor >= after.net.minor
    assert before.total.minor >= after.total.minor


@given(quotes)
def test_tax_is_added_to_prices_or_included_in_them(quote: Quote) -> None:
    untaxed = [line.net for line in billed(replace(quote, tax="0")).lines]

    outside, inside = (billed(replace(quote, tax="19", inclusive=inclusive)) for inclusive in (False, True))

    assert [line.net for line in outside.lines] == untaxed
    assert [line.tax for line in outside.lines] == [net.times(Fraction(19, 100)) for net in untaxed]
    assert [line.net + line.tax for line in inside.lines] == untaxed
    assert [line.tax for line in inside.lines] == [net.times(Fraction(19, 119)) for net in untaxed]


@given(quotes)
def test_a_bill_begins_on_its_day_but_not_before_the_contract(quote: Quote) -> None:
    contract = contract_of(quote)

    bill = billed(quote)

    since = max(date.fromisoformat(quote.day), contract.start)
    assert (bill.currency, bill.term, bill.since) == (quote.currency, contract.running, since)


@given(quotes)
def test_a_whole_term_costs_the_same_as_a_purchase_on_its_first_day(quote: Quote) -> None:
    contract = contract_of(quote)
    adds = quote.adds or {"standard": 1}

    renewed = whole_term(contract, Kind.ADDED, adds)

    first_day = contract.running.start.isoformat()
    assert renewed == billed(replace(quote, day=first_day, adds=adds, upgrades=()))


def test_a_tier_without_seats_has_no_line_in_a_whole_term() -> None:
    contract = contract_of(Quote("2026-01-01"))

    bill = whole_term(contract, Kind.OPENED, {"standard": 2, "premium": 0})

    (line,) = bill.lines
    assert (line.kind, line.tier, line.quantity, str(line.net)) == (Kind.OPENED, "standard", 2, "480.00")


def test_an_empty_order_is_a_bill_of_zero() -> None:
    contract = contract_of(Quote("2026-01-01"))

    bill = whole_term(contract, Kind.OPENED, {"standard": 0})

    assert bill == Bill("USD", contract.running, date(2026, 1, 1), ())
    assert bill.total == Money(0, "USD")


@pytest.mark.parametrize("currency", ["JPY", "USD", "KWD", "CLF"])
def test_the_largest_amount_of_a_line_fits_into_64_bits(currency: str) -> None:
    largest = {"JPY": "10000000000", "USD": "100000000", "KWD": "10000000", "CLF": "1000000"}[currency]
    quote = Quote(
        "2026-01-01",
        {"standard": 10_000_000},
        currency=currency,
        prices={"standard": largest},
        whole=frozenset({"standard"}),
        tax="100",
    )

    bill = billed(quote)

    assert bill.total.minor == 2 * 10**17 < 2**63


def test_the_start_of_every_term_is_computed_from_the_first_day() -> None:
    contract = Contract(date(2026, 1, 31), 1, "USD")

    starts = [replace(contract, term=term).running.start for term in range(1, 5)]

    assert starts == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
