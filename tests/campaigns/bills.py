"""More bills than a test run has time for, compared with an oracle that shares nothing with the engine."""

from random import Random

from tests.campaigns.stage import Result, Stage, log
from tests.seat_policy.quotes import answer, any_quote, billed, expected

SHOWN = 10_000


def run(where: Stage, size: int, seed: int) -> Result:
    """Compare this many bills; the seed determines them, and no database takes part."""
    where.down()
    dice, result = Random(seed), Result(figures={"bills": 0})
    for number in range(1, size + 1):
        quote = any_quote(dice)
        if answer(billed(quote)) != expected(quote):
            result.faults.append(f"quote {number} of seed {seed}: {quote}")
        result.figures["bills"] = number
        if number % SHOWN == 0 or number == size:
            log(f"{number} of {size} bills compared")
    return result
