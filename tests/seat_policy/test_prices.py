"""The price table of the billing rules, by the engine and by the oracle that other tests compare it with."""

from datetime import datetime

import pytest

from seat_policy.bill import Kind
from seat_policy.money import Money, total
from tests.seat_policy.price_table import ROWS, Row
from tests.seat_policy.quotes import Quote, answer, billed, contract_of, expected


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.case)
def test_the_engine_prices_each_row_of_the_price_table_correctly(row: Row) -> None:
    bill = billed(row.quote)

    lines, *sums = answer(bill)
    assert [net for net, _ in lines] == list(row.lines)
    assert sums == [row.net, row.tax, row.total]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.case)
def test_the_oracle_prices_each_row_of_the_price_table_correctly(row: Row) -> None:
    lines, *sums = expected(row.quote)

    assert [net for net, _ in lines] == list(row.lines)
    assert sums == [row.net, row.tax, row.total]


@pytest.mark.parametrize("row", [row for row in ROWS if row.moment], ids=lambda row: row.case)
def test_a_moment_is_billed_on_its_day_in_the_contracts_time_zone(row: Row) -> None:
    assert row.moment is not None
    moment = datetime.fromisoformat(row.moment)

    day = contract_of(row.quote).day(moment)

    assert day.isoformat() == row.quote.day


def test_three_seats_bought_separately_are_rounded_three_times() -> None:
    (alone,) = [row for row in ROWS if row.case == "one of three"]

    nets = [billed(alone.quote).net for _ in range(3)]

    assert total(nets, "USD") == Money(62499, "USD")


def test_lines_follow_the_order_with_added_seats_before_upgrades() -> None:
    quote = Quote("2026-03-01", {"premium": 1, "standard": 5}, ((10, "standard", "premium"),))

    bill = billed(quote)

    assert [(line.kind, line.tier, line.quantity, str(line.net)) for line in bill.lines] == [
        (Kind.ADDED, "premium", 1, "1000.00"),
        (Kind.ADDED, "standard", 5, "1000.00"),
        (Kind.UPGRADED, "premium", 10, "10000.00"),
        (Kind.UPGRADED_FROM, "standard", 10, "-2000.00"),
    ]


def test_the_credit_of_an_upgrade_is_the_charge_less_the_rounded_difference() -> None:
    # A twelfth of 1.26 is 0.105, of 0.16 it is 0.013..., of their difference 0.0916...: 0.11 - 0.02 = 0.09.
    quote = Quote(
        "2026-12-01",
        upgrades=((1, "standard", "premium"),),
        prices={"standard": "0.16", "premium": "1.26"},
        whole=frozenset({"standard", "premium"}),
    )

    bill = billed(quote)

    assert [str(line.net) for line in bill.lines] == ["0.11", "-0.02"]
    assert str(bill.net) == "0.09"


def test_tax_is_rounded_on_every_line_and_not_on_the_sum() -> None:
    # 0.05 at 10 % is a tie on each of the two lines; on their sum it is exactly 0.01.
    quote = Quote(
        "2026-01-01",
        {"standard": 1, "premium": 1},
        prices={"standard": "0.05", "premium": "0.05"},
        whole=frozenset({"standard", "premium"}),
        tax="10",
    )

    bill = billed(quote)

    assert answer(bill) == ([("0.05", "0.01"), ("0.05", "0.01")], "0.10", "0.02", "0.12")


def test_a_price_including_tax_equals_the_total() -> None:
    # 954.84 x 19/119 = 152.453...
    quote = Quote("2026-03-15", {"standard": 5}, tax="19", inclusive=True)

    bill = billed(quote)

    assert answer(bill) == ([("802.39", "152.45")], "802.39", "152.45", "954.84")
