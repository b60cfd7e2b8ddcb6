"""More histories of the state machine (tests.machine.histories) than a test run has time for."""

from scim_server.services.billing import due
from scim_server.store.database import schema
from tests.campaigns.stage import Result, Stage, log
from tests.machine import histories

PART = 25


def run(where: Stage, steps: int, rounds: int, seed: int) -> Result:
    """Run this many histories of this many steps, in parts; each part has one seed."""
    where.down()
    result = Result(figures={"histories": 0})
    database = due.opened(where.database_url)
    try:
        schema.upgrade(database)
        for number, first in enumerate(range(0, rounds, PART)):
            runs = min(PART, rounds - first)
            histories.run(database, runs, steps, seed + number)
            result.figures["histories"] += runs
            log(f"{result.figures['histories']} of {rounds} histories")
    except Exception as error:  # noqa: BLE001 - any difference from the model is reported
        result.faults.append("\n".join([repr(error), *getattr(error, "__notes__", [])]))
    finally:
        database.close()
    return result
