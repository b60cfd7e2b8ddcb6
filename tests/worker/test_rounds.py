"""The daily job runs once a day in every organization, even if one of them fails."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Event

import pytest

from scim_server.services.notifications import commands, queries
from scim_server.store.database.session import Database
from scim_server.store.errors import StoreUnavailable
from scim_server.worker import rounds
from scim_server.worker.rounds import EVERY, FIRST_WITHIN, Daily, each
from tests.support.builders.customer import Customer, at, moved

START = at("2026-03-22T12:00:00")


@pytest.fixture(autouse=True)
def real_time_afterwards(database: Database) -> Iterator[None]:
    with moved(database):
        yield


def kept(daily: Daily, database: Database, moment: datetime) -> bool:
    """Run rounds at one moment until all work is done; whether there was any."""
    database.now = lambda: moment
    any_ = False
    while daily.some(database, Event()):
        any_ = True
    return any_


def short_of_seats(database: Database) -> Customer:
    acme = Customer(database, "2026-03-02", None, {"standard": 50})
    for day in range(2, 23):
        acme.today = f"2026-03-{day:02}"
        acme.provision(f"day-{day}")
    return acme


def test_the_first_round_is_soon_after_the_start_and_then_one_every_day(database: Database) -> None:
    acme = short_of_seats(database)
    daily = Daily(START)

    at_first = kept(daily, database, START - timedelta(seconds=1))
    soon = kept(daily, database, START + FIRST_WITHIN)
    again = kept(daily, database, START + FIRST_WITHIN + EVERY - timedelta(seconds=1))
    next_day = kept(daily, database, START + FIRST_WITHIN + EVERY)

    assert (at_first, soon, again, next_day) == (False, True, False, True)
    assert acme.events().count("seats.forecast_short") == 1


def test_two_workers_send_one_alert(database: Database) -> None:
    acme = short_of_seats(database)

    for daily in (Daily(START), Daily(START)):
        kept(daily, database, START + FIRST_WITHIN)

    assert acme.events().count("seats.forecast_short") == 1
    acme.recount()


def test_a_round_handles_a_few_organizations_so_that_mail_does_not_wait(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    monkeypatch.setattr(rounds, "SOME", 2)
    monkeypatch.setattr(queries, "organizations_with_daily_work", lambda _: list("abcde"))
    monkeypatch.setattr(commands, "do_daily_work_of", lambda _, one: looked.append(one))
    database.now = lambda: START + FIRST_WITHIN
    daily = Daily(START)

    seen = [(daily.some(database, Event()), len(looked)) for _ in range(4)]

    assert seen == [(True, 2), (True, 4), (True, 5), (False, 5)]


def test_after_an_outage_of_the_database_every_organization_is_handled(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []

    def away(_: Database, one: str) -> None:
        raise StoreUnavailable(one)

    monkeypatch.setattr(queries, "organizations_with_daily_work", lambda _: ["a", "b"])
    monkeypatch.setattr(commands, "do_daily_work_of", away)
    database.now = lambda: START + FIRST_WITHIN
    daily = Daily(START)
    with pytest.raises(StoreUnavailable):
        daily.some(database, Event())

    monkeypatch.setattr(commands, "do_daily_work_of", lambda _, one: looked.append(one))
    daily.some(database, Event())

    assert looked == ["a", "b"]


def test_a_failure_in_one_organization_does_not_stop_the_others() -> None:
    done = []

    def work(one: str) -> None:
        if one == "b":
            raise ValueError(one)
        done.append(one)

    each("abc", work, Event(), "it")

    assert done == ["a", "c"]


def test_after_a_request_to_stop_no_further_organization_is_handled() -> None:
    stop, done = Event(), []

    def work(one: str) -> None:
        done.append(one)
        stop.set()

    each("abc", work, stop, "it")

    assert done == ["a"]
