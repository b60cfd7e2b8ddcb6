"""Generated bills, by the engine and by the oracle."""

from collections import Counter
from datetime import date
from random import Random

from tests.seat_policy import billing_oracle as oracle
from tests.seat_policy.quotes import METHODS, Quote, answer, any_quote, billed, expected

# `python -m tests.campaigns bills` compares 200,000 others.
SEED, QUOTES = 20260301, 5_000


def traits(quote: Quote) -> set[str]:
    """The properties of useful examples."""
    start, day = date.fromisoformat(quote.start), date.fromisoformat(quote.day)
    boundaries = oracle.edges(start, quote.months, quote.term)
    found = {quote.method, quote.currency}
    for trait, present in {
        "several additions": len(quote.adds) > 1,
        "additions and upgrades": bool(quote.adds and quote.upgrades),
        "before the start": day < start,
        "first day": day == boundaries[0],
        "on a boundary": day in boundaries[1:],
        "day before a boundary": any((boundary - day).days == 1 for boundary in boundaries),
        "clamped": any(boundary.day != start.day for boundary in boundaries),
        "leap day": (start.month, start.day) == (2, 29),
        "a later term": quote.term > 1,
        "price by the term": bool(quote.whole),
        "tax inclusive": quote.inclusive and quote.tax != "0",
        "tax exclusive": not quote.inclusive and quote.tax != "0",
    }.items():
        if present:
            found.add(trait)
    return found


def test_every_bill_equals_the_oracles() -> None:
    dice = Random(SEED)

    for number in range(QUOTES):
        quote = any_quote(dice)
        found = answer(billed(quote))
        assert found == expected(quote), f"quote {number} of seed {SEED}: {quote}"


def test_the_generated_bills_cover_every_kind_of_case() -> None:
    dice = Random(SEED)

    reached = Counter(trait for _ in range(QUOTES) for trait in traits(any_quote(dice)))

    assert len(reached) == len(METHODS) + len(oracle.DECIMALS) + 12
    assert min(reached.values()) >= 50, reached
