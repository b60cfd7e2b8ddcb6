"""Examples of prices, for the engine, the command and the oracle in the same form.

All values are texts or numbers in their written form. Prices are by the month unless the tier is named in
`whole`.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random

from seat_policy.bill import Bill, Order, Upgrade, purchase
from seat_policy.contract import Contract, Per, Price, Tax
from seat_policy.money import Money
from seat_policy.proration import Proration
from tests.seat_policy import billing_oracle as oracle

Answer = tuple[list[tuple[str, str]], str, str, str]
"""Net and tax of each line, then net, tax and total."""

METHODS = [method.value for method in Proration]
STARTS = [
    *(date(year, 1, day) for year in (1999, 2026, 2027, 2100) for day in (1, 28, 29, 30, 31)),
    *(date(year, 2, 28) for year in (1999, 2024, 2026, 2100)),
    *(date(year, 2, 29) for year in (2000, 2024, 2028, 2096)),
    *(date(2025, month, 30) for month in (4, 6, 9, 11, 12)),
    *(date(2023, month, 31) for month in (3, 5, 7, 8, 10, 12)),
    *(date(2099, 12, day) for day in (1, 29, 30, 31)),
]
PERCENTS = ["0.0001", "5", "7.7", "8.875", "19", "20", "25.5", "100"]
UPGRADES = [("standard", "premium"), ("standard", "enterprise"), ("premium", "enterprise")]


@dataclass(frozen=True)
class Quote:
    """One question; by default about the contract of the price table."""

    day: str
    adds: dict[str, int] = field(default_factory=dict)
    upgrades: tuple[tuple[int, str, str], ...] = ()
    start: str = "2026-01-01"
    months: int = 12
    currency: str = "USD"
    prices: dict[str, str] = field(default_factory=lambda: {"standard": "20.00", "premium": "100.00"})
    whole: frozenset[str] = frozenset()
    zone: str = "UTC"
    method: str = "monthly_exact"
    tax: str = "0"
    inclusive: bool = False
    term: int = 1


def contract_of(quote: Quote) -> Contract:
    """The contract that a question is about."""
    per = {tier: Per.TERM if tier in quote.whole else Per.MONTH for tier in quote.prices}
    return Contract(
        date.fromisoformat(quote.start),
        quote.months,
        quote.currency,
        {tier: Price(Money.parse(text, quote.currency), per[tier]) for tier, text in quote.prices.items()},
        quote.zone,
        Proration(quote.method),
        tax=Tax(Decimal(quote.tax), quote.inclusive) if Decimal(quote.tax) else None,
        term=quote.term,
    )


def billed(quote: Quote) -> Bill:
    """The price by the engine on a day."""
    order = Order(quote.adds, tuple(Upgrade(*upgrade) for upgrade in quote.upgrades))
    return purchase(contract_of(quote), order, date.fromisoformat(quote.day))


def answer(bill: Bill) -> Answer:
    """The amounts of a bill."""
    lines = [(str(line.net), str(line.tax)) for line in bill.lines]
    return lines, str(bill.net), str(bill.tax), str(bill.total)


def expected(quote: Quote) -> Answer:
    """The price by the rules."""
    boundaries = oracle.edges(date.fromisoformat(quote.start), quote.months, quote.term)
    part = oracle.left(boundaries, date.fromisoformat(quote.day), quote.method)
    price = {
        tier: Fraction(text) * (1 if tier in quote.whole else quote.months)
        for tier, text in quote.prices.items()
    }
    amounts: list[Decimal] = []
    for tier, quantity in quote.adds.items():
        amounts += oracle.added(price[tier], quantity, part, quote.currency)
    for quantity, source, target in quote.upgrades:
        amounts += oracle.upgraded((price[source], price[target]), quantity, part, quote.currency)
    lines = oracle.taxed(amounts, quote.tax, quote.currency, inclusive=quote.inclusive)
    net, tax = (sum(Decimal(line[column]) for line in lines) for column in (0, 1))
    return lines, f"{net:f}", f"{tax:f}", f"{net + tax:f}"


def any_quote(dice: Random) -> Quote:
    """A question drawn at random; the tiers cost more from one to the next, whatever their prices are for."""
    start, months = dice.choice(STARTS), dice.choice([1, 2, 3, 6, 12, 12, 12, 24, 36, dice.randint(1, 36)])
    term = dice.choice([1, 1, 1, 2, 3])
    adds = {
        tier: _quantity(dice)
        for tier in dice.sample(("standard", "premium", "enterprise"), dice.randint(0, 3))
    }
    chosen = dice.sample(UPGRADES, dice.randint(0 if adds else 1, 2))
    currency = dice.choice(list(oracle.DECIMALS))
    minor = sorted(dice.randint(0, 10 ** dice.randint(1, 7)) for _ in range(3))
    whole = frozenset(dice.sample(("standard", "premium", "enterprise"), 3 if dice.random() < 0.4 else 0))
    if dice.random() < 0.3:  # Prices by the month below prices by the term.
        lower, higher = minor[0], minor[0] + minor[1]
        minor, whole = [lower, higher, higher * months + minor[2]], frozenset({"enterprise"})
    return Quote(
        day=_day(dice, oracle.edges(start, months, term), first=term == 1).isoformat(),
        adds=adds,
        upgrades=tuple((_quantity(dice), *upgrade) for upgrade in chosen),
        start=start.isoformat(),
        months=months,
        currency=currency,
        prices={
            tier: f"{Decimal(amount).scaleb(-oracle.DECIMALS[currency]):f}"
            for tier, amount in zip(("standard", "premium", "enterprise"), minor, strict=True)
        },
        whole=whole,
        method=dice.choice(METHODS),
        tax=dice.choice(["0", *PERCENTS]),
        inclusive=dice.random() < 0.5,
        term=term,
    )


def _quantity(dice: Random) -> int:
    return dice.choice([1, 2, 3, dice.randint(1, 50), dice.randint(1, 100_000)])


def _day(dice: Random, boundaries: list[date], *, first: bool) -> date:
    """A day of a term: near one of its month boundaries, or anywhere; of the first also the days before."""
    around = date.fromordinal(dice.choice(boundaries).toordinal() + dice.randint(-2, 2))
    anywhere = date.fromordinal(dice.randrange(boundaries[0].toordinal(), boundaries[-1].toordinal()))
    last = date.fromordinal(boundaries[-1].toordinal() - 1)
    earliest = date.fromordinal(boundaries[0].toordinal() - 40) if first else boundaries[0]
    return max(earliest, min(last, dice.choice([around, anywhere])))
