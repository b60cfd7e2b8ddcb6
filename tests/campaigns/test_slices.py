"""A short slice of each campaign, on both databases."""

from collections.abc import Callable, Iterator

import pytest

from tests.campaigns import (
    billing,
    bills,
    drain,
    feed,
    filters,
    kill,
    load,
    machine,
    members,
    one_seat,
    seats,
    webhooks,
)
from tests.campaigns.load import Crew
from tests.campaigns.stage import Result, Stage
from tests.conftest import DIALECTS
from tests.support.servers.running import prepare

SEED = 7
SLOWLY = 60
"""Seconds instead of the campaigns' own limits, which a machine that runs other tests does not keep."""
# A killed backend restarts the whole PostgreSQL, which other tests use too: the full campaign does that.
KILLED = {"sqlite": ("worker", "group"), "postgresql": ("worker", "backend terminated", "master")}


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    """Four processes of clients."""
    with load.crew(4) as hired:
        yield hired


@pytest.fixture(scope="module", params=DIALECTS)
def house(
    request: pytest.FixtureRequest, new_url: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A stage of each dialect."""
    built = Stage(new_url(request.param), tmp_path_factory.mktemp("server"))
    yield built
    built.down()


@pytest.fixture
def stage(house: Stage) -> Stage:
    """With its server up."""
    if not house.is_up:
        house.up()
    return house


def test_of_twice_as_many_concurrent_creates_as_seats_half_are_refused(stage: Stage, crew: Crew) -> None:
    result = Result()

    seats.reject(stage, crew, 160, result)

    assert result.faults == []


def test_added_seats_go_to_waiting_people_in_order(stage: Stage, crew: Crew) -> None:
    result = Result()

    seats.queue(stage, crew, 160, result)

    assert result.faults == []


def test_a_command_that_adds_seats_succeeds_under_full_load(stage: Stage, crew: Crew) -> None:
    """One command next to other tests does not measure the time; the campaign does."""
    result = Result()

    seats.add_under_load(stage, crew, 1, SEED, result, within=None)

    assert result.faults == []


def test_of_simultaneous_requests_exactly_one_gets_the_seat_or_the_user_name(
    stage: Stage, crew: Crew
) -> None:
    result = one_seat.run(stage, crew, 24, 2, SEED)

    assert result.faults == []


def test_no_acknowledged_change_is_lost_when_processes_are_killed_under_load(
    stage: Stage, crew: Crew
) -> None:
    kinds = KILLED[stage.dialect]

    result = kill.run(stage, crew, 4_000, len(kinds), SEED, kinds, within=SLOWLY)

    assert result.faults == []


def test_invoices_explain_every_seat_under_concurrent_purchases_and_renewals(stage: Stage) -> None:
    orders = ("invoices purchase", "orders repeated", "orders reused")
    happened = (*orders, "contract.renewed", "contract.ended", "person.deleted deleted")

    result = billing.run(stage, 3, SEED, seconds=1.5, longest=SLOWLY, until=happened)

    assert result.faults == []
    assert [one for one in happened if not result.figures.get(one)] == []


def test_concurrent_changes_of_members_groups_and_invitations_are_sound(stage: Stage) -> None:
    happened = ("act swap done", "act save done", "act invite done", "PATCH Groups 200", "POST sign-ins 201")

    result = members.run(stage, 4, SEED, seconds=2, longest=SLOWLY, until=happened)

    assert result.faults == []
    assert [one for one in happened if not result.figures.get(one)] == []


def test_readers_of_the_feed_get_every_event_once_in_order(stage: Stage) -> None:
    result = feed.run(stage, 12, 2, SEED, processes=4, organizations=5)

    assert result.faults == []
    assert result.figures["acts"] == 48


def test_webhooks_of_killed_workers_arrive_with_the_same_ids_and_in_order(house: Stage) -> None:
    result = Result()
    house.down()  # Its own worker would send them too.
    prepare(house.database_url)

    webhooks.killed(house.database_url, 120, 4, SEED, result)

    assert result.faults == []
    assert result.figures["kills"] == 4


def test_every_request_in_flight_is_answered_before_the_server_stops(stage: Stage, crew: Crew) -> None:
    result = drain.run(stage, crew, 50)

    assert result.faults == []


def test_random_histories_agree_with_the_model_of_the_seat_rules(house: Stage) -> None:
    result = machine.run(house, 20, 5, SEED)

    assert (result.faults, result.figures) == ([], {"histories": 5})


def test_filters_find_the_same_resources_as_plain_python(house: Stage) -> None:
    result = filters.run(house, 50, SEED)

    assert (result.faults, result.figures) == ([], {"filters": 50})


def test_bills_of_the_engine_equal_those_of_the_oracle(house: Stage) -> None:
    result = bills.run(house, 50, SEED)

    assert (result.faults, result.figures) == ([], {"bills": 50})
