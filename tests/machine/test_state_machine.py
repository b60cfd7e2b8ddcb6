"""Random histories of an organization agree with the seat rules, on both databases."""

import pytest

from scim_server.store.database.session import Database
from tests.machine import histories

# 24 histories of 100 steps on each database, in parts, so that they run next to one another.
PARTS, RUNS, STEPS = 4, 6, 100


@pytest.mark.parametrize("part", range(PARTS))
def test_random_histories_agree_with_the_model_of_the_seat_rules(database: Database, part: int) -> None:
    # The same on every run, so a failure is caused by the change. `make campaigns` runs 500 others.
    seeds = {"sqlite": 100, "postgresql": 200}

    histories.run(database, RUNS, STEPS, seeds[database.dialect] + part)
