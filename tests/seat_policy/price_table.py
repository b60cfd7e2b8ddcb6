"""The price vectors of the billing rules, each with its calculation.

Standard is 20.00 a month (240.00 a term), premium 100.00 (1,200.00), in USD, from 2026-01-01 for 12 months,
unless a row says otherwise.
"""

from dataclasses import dataclass, replace

from tests.seat_policy.quotes import Quote

FIVE = Quote("2026-03-15", {"standard": 5})
"""17 of the 31 days of March are left, the 15th counted, then 9 months."""


@dataclass(frozen=True)
class Row:
    """A case of the table.

    Attributes:
        lines: net of each line.
        tax: of all lines.
        moment: a time instead of the day; the time zone determines the day.
    """

    case: str
    quote: Quote
    lines: tuple[str, ...]
    net: str
    tax: str
    total: str
    moment: str | None = None


def row(case: str, quote: Quote, amount: str, *, moment: str | None = None) -> Row:
    """A case of one line, without tax."""
    zero = "0" if quote.currency == "JPY" else "0.000" if quote.currency == "KWD" else "0.00"
    return Row(case, quote, (amount,), amount, zero, amount, moment)


WHOLE = frozenset({"standard"})
TEN = (10, "standard", "premium")

ROWS = [
    # 5 x 20.00 x 10 months.
    row("the golden example", Quote("2026-03-01", {"standard": 5}), "1000.00"),
    # 10 x (100.00 - 20.00) x 10: a charge of 10000.00, a credit of 2000.00.
    Row(
        "an upgrade",
        Quote("2026-03-01", upgrades=(TEN,)),
        ("10000.00", "-2000.00"),
        "8000.00",
        "0.00",
        "8000.00",
    ),
    # The two above.
    Row(
        "both on one invoice",
        Quote("2026-03-01", {"standard": 5}, (TEN,)),
        ("1000.00", "10000.00", "-2000.00"),
        "9000.00",
        "0.00",
        "9000.00",
    ),
    # 5 x 240.00.
    row("the start day", Quote("2026-01-01", {"standard": 5}), "1200.00"),
    # 100.00 x (9 + 17/31) = 954.838...
    row("monthly_exact", FIVE, "954.84"),
    # 100.00 x 10, March being begun.
    row("month_started", replace(FIVE, method="month_started"), "1000.00"),
    # 100.00 x 9, March not being whole.
    row("month_completed", replace(FIVE, method="month_completed"), "900.00"),
    # 1200.00 x 292/365: 17 days of March and 275 after.
    row("day_actual", replace(FIVE, method="day_actual"), "960.00"),
    # 100.00 x 1/31 = 3.225...
    row("the last day", Quote("2026-12-31", {"standard": 5}), "3.23"),
    # Month 1 begins on 2024-03-29, so 11 are left: 20.00 x 11.
    row("from a leap day", Quote("2024-03-29", {"standard": 1}, start="2024-02-29"), "220.00"),
    # Month 1 begins on the clamped 02-28: 60.00 x 11.
    row("the clamped boundary", Quote("2026-02-28", {"standard": 3}, start="2026-01-31"), "660.00"),
    # It ends on 03-31, not on 03-28: 1 of 31 days is left, then 10 months: 60.00 x (10 + 1/31) = 601.935...
    row("past a clamped boundary", Quote("2026-03-30", {"standard": 3}, start="2026-01-31"), "601.94"),
    # 21000 x (9 + 17/31) = 200516.129...
    row(
        "yen",
        Quote("2026-03-15", {"standard": 7}, currency="JPY", prices={"standard": "3000"}),
        "200516",
    ),
    # 18.375 x (9 + 17/31) = 175.4516...
    row(
        "dinars",
        Quote("2026-03-15", {"standard": 3}, currency="KWD", prices={"standard": "6.125"}),
        "175.452",
    ),
    # 750.00 x 10/12.
    row(
        "three together",
        Quote("2026-03-01", {"standard": 3}, prices={"standard": "250.00"}, whole=WHOLE),
        "625.00",
    ),
    # 250.00 x 10/12 = 208.333...; three times that are 624.99.
    row(
        "one of three",
        Quote("2026-03-01", {"standard": 1}, prices={"standard": "250.00"}, whole=WHOLE),
        "208.33",
    ),
    # 12.06 / 12 = 1.005, which binary floats put below the tie and half-even rounds down.
    row(
        "a tie",
        Quote("2026-12-01", {"standard": 1}, prices={"standard": "12.06"}, whole=WHOLE),
        "1.01",
    ),
    # 954.84 x 0.19 = 181.4196.
    Row("with tax", replace(FIVE, tax="19"), ("954.84",), "954.84", "181.42", "1136.26"),
    # 2026-02-28 there: 100.00 x (10 + 1/28) = 1003.571...
    row(
        "a moment in Los Angeles",
        Quote("2026-02-28", {"standard": 5}, zone="America/Los_Angeles"),
        "1003.57",
        moment="2026-03-01T07:30Z",
    ),
    # Already March.
    row(
        "that moment in UTC",
        Quote("2026-03-01", {"standard": 5}),
        "1000.00",
        moment="2026-03-01T07:30Z",
    ),
]
