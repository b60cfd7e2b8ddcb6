"""Any history of an organization goes as the seat rules say, on both databases."""

import pytest

from scim_server.store.database.session import Database
from tests.machine import histories

# 48 histories of 100 steps on each database, in parts, so that they run next to one another.
PARTS, RUNS, STEPS = 4, 12, 100


@pytest.mark.parametrize("part", range(PARTS))
def test_any_history_of_an_organization_goes_as_the_seat_rules_say(database: Database, part: int) -> None:
    # The same on every run: what fails is the change's own. `make campaigns` runs 500 others.
    seeds = {"sqlite": 100, "postgresql": 200}

    histories.run(database, RUNS, STEPS, seeds[database.dialect] + part)
