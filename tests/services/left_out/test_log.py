"""Left-out people: one open entry each, closed when they are admitted or deleted."""

from collections.abc import Callable

import pytest

from scim_server.store.database.session import Database
from tests.support.builders.organization import Organization, described

ANN, BOB = "ann@example.com", "bob@example.com"


def full(database: Database) -> Organization:
    """An organization without a free seat, which refuses."""
    return Organization(database, {"standard": 0, "premium": 0}, "reject")


def test_repeats_count_on_the_open_entry(database: Database) -> None:
    organization = full(database)

    outcomes = [organization.create(described(name, "Artist")) for name in (ANN, "ANN@example.com", BOB)]

    assert outcomes == ["refused"] * 3
    assert organization.state()["refusals"] == [(ANN, "any", 2, True), (BOB, "any", 1, True)]


def test_an_entry_is_closed_when_the_provider_creates_its_person_successfully(database: Database) -> None:
    organization = full(database)
    organization.create(described(ANN, "Artist"))
    organization.grant({"standard": 1})

    outcome = organization.create(described(ANN, "Artist"))

    assert outcome == "seated on standard"
    assert organization.state()["refusals"] == [(ANN, "any", 1, False)]


def test_an_entry_is_closed_when_its_person_is_deleted(database: Database) -> None:
    organization = full(database)
    organization.create(described(ANN, "Artist", active=False))
    organization.replace(ANN, described(ANN, "Artist", active=True))

    organization.delete(ANN)

    assert organization.state()["refusals"] == [(ANN, "any", 1, False)]


@pytest.mark.parametrize(
    "again",
    [lambda organization: organization.patch(ANN, active=True), lambda organization: organization.retry()],
)
def test_an_entry_is_closed_when_its_person_is_active_again(
    database: Database, again: Callable[[Organization], object]
) -> None:
    organization = full(database)
    organization.create(described(ANN, "Artist", active=False))
    organization.patch(ANN, active=True)
    organization.set_overflow("queue")

    again(organization)

    assert organization.state()["queue"] == [ANN]
    assert organization.state()["refusals"] == [(ANN, "any", 1, False)]


def test_retrying_all_stops_at_the_first_person_refused_again(database: Database) -> None:
    organization = full(database)
    for name in (ANN, BOB, "cy@example.com"):
        organization.create(described(name, "Artist"))
    organization.grant({"standard": 1})

    outcomes = organization.retry()

    assert outcomes == ["seated on standard", "refused", "not_tried"]
    assert organization.state()["refusals"] == [
        (ANN, "any", 1, False),
        (BOB, "any", 1, True),
        ("cy@example.com", "any", 1, True),
    ]


def test_after_a_refusal_retrying_all_continues_with_people_who_want_another_tier(database: Database) -> None:
    organization = full(database)
    organization.create_wanting(described(ANN, "Artist"), "premium")
    organization.create_wanting(described(BOB, "Artist"), "standard")
    organization.grant({"standard": 1})

    outcomes = organization.retry()

    assert outcomes == ["refused", "seated on standard"]


def test_a_retry_requests_the_same_as_the_last_attempt(database: Database) -> None:
    organization = full(database)
    organization.create_wanting(described(ANN, "Artist"), "premium")
    organization.create_wanting(described(ANN, "Artist"), "standard")
    organization.grant({"premium": 1, "standard": 1})

    outcomes = organization.retry()

    assert outcomes == ["seated on standard"]


def test_an_entry_is_closed_when_a_person_takes_its_name(database: Database) -> None:
    organization = full(database)
    organization.create(described(ANN, "Artist"))
    organization.grant({"standard": 1})
    organization.create(described(BOB, "Artist"))

    organization.replace(BOB, described(ANN, "Artist"))

    assert organization.state()["refusals"] == [(ANN, "any", 1, False)]


def test_retrying_all_skips_an_entry_whose_name_is_taken(database: Database) -> None:
    organization = full(database)
    for name in (ANN, "cy@example.com"):
        organization.create(described(name, "Artist"))
    organization.grant({"standard": 1})
    organization.create(described(BOB, "Artist"))
    organization.replace(BOB, described(ANN, "Artist"))
    organization.grant({"standard": 2})

    outcomes = organization.retry()

    assert "seated on standard" in outcomes


def test_a_person_refused_under_two_names_has_one_entry(database: Database) -> None:
    organization = full(database)
    organization.create(described(ANN, "Artist", active=False))
    organization.replace(ANN, described(ANN, "Artist", active=True))
    organization.replace(ANN, described(BOB, "Artist"))

    organization.replace(BOB, described(BOB, "Artist", active=True))

    entries = organization.state()["refusals"]
    assert isinstance(entries, list)
    assert [attempts for _, _, attempts, is_open in entries if is_open] == [2]


def test_a_newcomer_does_not_take_over_the_entry_of_a_renamed_person(database: Database) -> None:
    organization = full(database)
    organization.create(described(ANN, "Artist", active=False))
    organization.replace(ANN, described(ANN, "Artist", active=True))
    organization.replace(ANN, described(BOB, "Artist"))

    organization.create(described(ANN, "Engineer"))

    entries = organization.state()["refusals"]
    assert isinstance(entries, list)
    assert [(attempts, is_open) for _, _, attempts, is_open in entries] == [(1, True), (1, True)]
