"""Amounts of money for people."""

from seat_policy.money import Money


def grouped(amount: Money) -> str:
    """The digits in groups of three, without the currency: `12,000.00`."""
    whole, point, decimals = str(amount).partition(".")
    return f"{int(whole):,}{point}{decimals}" if whole.lstrip("-0") else f"{whole}{point}{decimals}"


def with_currency(amount: Money) -> str:
    """`12,000.00 USD`."""
    return f"{grouped(amount)} {amount.currency}"
