"""More filters than a test run has time for: the database finds the same as plain Python."""

from tests.campaigns.stage import Result, Stage, log
from tests.store.query.filter_comparison import compare, settled

SHOWN = 1_000


def run(where: Stage, size: int, seed: int) -> Result:
    """Compare this many filters on a new organization; the seed determines people, groups and filters."""
    where.down()
    result = Result(figures={"filters": 0})

    def report(number: int) -> None:
        result.figures["filters"] = number
        if number % SHOWN == 0 or number == size:
            log(f"{number} of {size} filters agree")

    try:
        with settled([where.database_url], seed) as directories:
            compare(directories, size, seed, report)
    except Exception as error:  # noqa: BLE001 - any difference is reported
        result.faults.append(repr(error))
    return result
