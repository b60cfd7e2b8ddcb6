"""Any history of an organization goes as the seat rules say, on both databases."""

import random

import pytest

from scim_server.store.session import Database
from tests import histories

# 500 histories of 100 steps on each database, in parts, so that they run beside one another.
PARTS, RUNS, STEPS = 5, 100, 100


@pytest.mark.parametrize("part", range(PARTS))
def test_any_history_of_an_organization_goes_as_the_seat_rules_say(database: Database, part: int) -> None:
    del part  # each is another seed; a failure tells it

    histories.run(database, RUNS, STEPS, random.SystemRandom().getrandbits(32))
