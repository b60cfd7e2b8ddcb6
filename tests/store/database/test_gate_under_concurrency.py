"""The seat gate under concurrent creates: several processes on one database, like servers and commands."""

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from scim_server.store.database.session import Database
from tests.support.builders.organization import Organization
from tests.support.servers.racing import Processes, processes

EVERYBODY = [f"person-{number}@example.com" for number in range(64)]


@pytest.fixture(scope="module")
def racing(database: Database) -> Iterator[Processes]:
    with processes(database.url) as started:
        yield started


def test_of_sixty_four_concurrent_creates_exactly_one_gets_the_last_seat(
    database: Database, racing: Processes
) -> None:
    organization = Organization(database, {"standard": 1}, "reject")

    answers = racing.create(organization.id, EVERYBODY)

    assert Counter(answer.outcome for answer in answers) == {"seated": 1, "refused": 63}
    assert len(organization.seated()) == 1
    assert len(organization.open_refusals()) == 63
    organization.recount()


def test_of_sixty_four_concurrent_creates_of_one_user_name_exactly_one_succeeds(
    database: Database, racing: Processes
) -> None:
    organization = Organization(database, {"standard": 64}, "reject")

    answers = racing.create(organization.id, ["ann@example.com", "ANN@example.com"] * 32)

    assert Counter(answer.outcome for answer in answers) == {"seated": 1, "taken": 63}
    organization.recount()


def test_a_later_request_does_not_overtake_an_answered_one(database: Database, racing: Processes) -> None:
    organization = Organization(database, {"standard": 1, "premium": 1}, "queue")

    answers = racing.create(organization.id, EVERYBODY)

    assert Counter(answer.outcome for answer in answers) == {"seated": 2, "waiting": 62}
    queue = organization.state()["queue"]
    assert isinstance(queue, list)
    place = {name: number for number, name in enumerate(queue)}
    waiting = [answer for answer in answers if answer.outcome == "waiting"]
    overtaken = [
        (first.name, second.name)
        for first in waiting
        for second in waiting
        if first.answered < second.sent and place[first.name] > place[second.name]
    ]
    assert overtaken == []
    organization.recount()


def test_the_events_of_several_processes_have_no_gaps(database: Database, racing: Processes) -> None:
    organization = Organization(database, {"standard": 30, "premium": 10}, "reject")

    answers = racing.create(organization.id, EVERYBODY)

    assert Counter(answer.outcome for answer in answers) == {"seated": 40, "refused": 24}
    events = organization.state()["events"]
    assert isinstance(events, list)
    assert Counter(event for event, _ in events) == {
        "organization.created": 1,
        "token.created": 1,
        "person.provisioned": 40,
        "person.rejected": 24,
    }
    organization.recount()


@pytest.mark.parametrize(
    "change", ["assigned = assigned + 1", "held = held + 1", "purchased = purchased - 1"]
)
def test_the_database_itself_refuses_an_oversold_tier(database: Database, change: str) -> None:
    organization = Organization(database, {"standard": 1}, "reject", "owner@example.com")
    oversell = text(f"UPDATE seat_pool SET {change} WHERE organization = :org AND tier = 'standard'")

    with pytest.raises(IntegrityError, match="not_oversold"):
        organization.write(lambda write: write.connection.execute(oversell, {"org": organization.id}))

    organization.recount()
