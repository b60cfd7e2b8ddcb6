"""Amounts: read, written, added and rounded."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_policy.errors import PolicyError
from seat_policy.money import EXPONENTS, Money, exponent, rounded, total

currencies = st.sampled_from(["USD", "EUR", "JPY", "KRW", "KWD", "TND", "CLF", "UYW"])
amounts = st.integers(-(10**17), 10**17)
numbers = st.fractions(max_denominator=10**6)


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [("JPY", 0), ("CLP", 0), ("USD", 2), ("EUR", 2), ("KWD", 3), ("TND", 3), ("CLF", 4)],
)
def test_a_currency_has_the_decimals_of_iso_4217(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals


def test_currencies_have_only_zero_two_three_or_four_decimals() -> None:
    assert set(EXPONENTS.values()) == {0, 2, 3, 4}
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in EXPONENTS)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("20", "USD", 2000),
        ("20.5", "USD", 2050),
        ("20.00", "USD", 2000),
        ("0.01", "USD", 1),
        ("007", "USD", 700),
        ("3000", "JPY", 3000),
        ("6.125", "KWD", 6125),
        ("0.0001", "CLF", 1),
        ("9" * 15, "CLF", 9999999999999990000),
    ],
)
def test_an_amount_is_read_in_minor_units(text: str, currency: str, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor, currency)


@given(st.integers(0, 10**15 - 1), currencies)
def test_an_amount_that_is_written_and_read_is_unchanged(minor: int, currency: str) -> None:
    amount = Money(minor, currency)

    assert Money.parse(str(amount), currency) == amount
    assert Fraction(str(amount)) * 10 ** exponent(currency) == minor


@given(st.integers(1, 10**17), currencies)
def test_a_negative_amount_is_written_as_the_positive_one_with_a_sign(minor: int, currency: str) -> None:
    amount, negative = Money(minor, currency), Money(-minor, currency)

    assert str(negative) == f"-{amount}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-1",
        "+1",
        "1.",
        ".5",
        "1,5",
        "1e3",
        "1_0",
        "0x1",
        "1/2",
        "½",
        "²",
        "\u0662\u0660",
        "\uff12\uff10",
        "20 ",
        "20\n",
        "NaN",
        "Infinity",
        "9" * 16,
        "20.0.0",
    ],
)
def test_an_invalid_amount_is_refused(text: str) -> None:
    with pytest.raises(PolicyError) as refused:
        Money.parse(text, "USD")

    assert str(refused.value) == f"'{text}' is not an amount of money; write it like 20.00"


@pytest.mark.parametrize(
    ("text", "currency", "decimals"), [("1.0", "JPY", 0), ("1.000", "USD", 2), ("1.0001", "KWD", 3)]
)
def test_an_amount_with_too_many_decimals_is_refused(text: str, currency: str, decimals: int) -> None:
    with pytest.raises(PolicyError) as refused:
        Money.parse(text, currency)

    assert str(refused.value) == f"'{text}' has too many decimals; {currency} has {decimals}"


@pytest.mark.parametrize("code", ["", "usd", "US", "USDX", "XAU", "XXX", "€", "840"])
def test_an_unknown_currency_is_refused(code: str) -> None:
    with pytest.raises(PolicyError) as refused:
        Money.parse("1", code)

    assert str(refused.value) == f"'{code}' is not a currency; use its ISO 4217 code, such as USD, EUR or JPY"


def test_amounts_of_two_currencies_are_neither_added_nor_subtracted() -> None:
    dollars, euros = Money(1, "USD"), Money(1, "EUR")

    with pytest.raises(PolicyError, match="EUR cannot be added to USD"):
        dollars + euros
    with pytest.raises(PolicyError, match="EUR cannot be added to USD"):
        dollars - euros


@given(st.lists(amounts), currencies)
def test_a_total_is_the_sum_of_its_amounts(minors: list[int], currency: str) -> None:
    assert total([Money(minor, currency) for minor in minors], currency) == Money(sum(minors), currency)


@pytest.mark.parametrize(
    ("amount", "nearest"),
    [
        ("1/2", 1),
        ("-1/2", -1),
        ("3/2", 2),
        ("5/2", 3),
        ("-5/2", -3),
        ("201/2", 101),
        ("49/100", 0),
        ("-49/100", 0),
        ("0", 0),
    ],
)
def test_a_tie_is_rounded_away_from_zero(amount: str, nearest: int) -> None:
    assert rounded(Fraction(amount)) == nearest


@given(numbers)
def test_an_amount_is_rounded_to_the_nearest_number_symmetrically_around_zero(amount: Fraction) -> None:
    nearest = rounded(amount)

    assert abs(nearest - amount) <= Fraction(1, 2)
    assert rounded(-amount) == -nearest


@given(st.integers(-(10**6), 10**6))
def test_every_tie_is_rounded_away_from_zero(whole: int) -> None:
    tie = whole + Fraction(1, 2)

    assert abs(rounded(tie)) == abs(tie) + Fraction(1, 2)


@given(amounts, currencies, numbers)
def test_an_amount_times_a_number_is_rounded_once(minor: int, currency: str, factor: Fraction) -> None:
    assert Money(minor, currency).times(factor) == Money(rounded(minor * factor), currency)
