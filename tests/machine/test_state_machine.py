"""Random histories of an organization agree with the seat rules, on both databases."""

from collections.abc import Callable, Iterator

import pytest

from scim_server.services.billing import due
from scim_server.store.database import schema
from scim_server.store.database.session import Database
from tests.conftest import DIALECTS
from tests.machine import histories

# 24 histories of 100 steps on each database, in parts, so that they run next to one another.
PARTS, RUNS, STEPS = 4, 6, 100


@pytest.fixture(scope="module", params=DIALECTS)
def alone(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> Iterator[Database]:
    """A database without organizations of other tests: an app also follows the history of all."""
    opened = due.opened(new_url(request.param))
    schema.upgrade(opened)
    yield opened
    opened.close()


@pytest.mark.parametrize("part", range(PARTS))
def test_random_histories_agree_with_the_model_of_the_seat_rules(alone: Database, part: int) -> None:
    # The same on every run, so a failure is caused by the change. `make campaigns` runs 500 others.
    seeds = {"sqlite": 100, "postgresql": 200}

    histories.run(alone, RUNS, STEPS, seeds[alone.dialect] + part)
