"""Freed seats go to the queue in the same transaction (SEATS 25, 28, 29)."""

from collections.abc import Callable

import pytest

from scim_server.store.database.session import Database
from tests.support.builders.organization import Organization, described

ANN, BOB, CY, DEE = (f"{name}@example.com" for name in ("ann", "bob", "cy", "dee"))


def waiting(
    database: Database, *wanted: tuple[str, str], standard: int = 1, premium: int = 0
) -> Organization:
    """An organization whose seats Ann has, or no person, while others wait in the given order."""
    organization = Organization(database, {"standard": standard, "premium": premium}, "queue")
    if standard + premium:
        organization.create(described(ANN, "Artist"))
    outcomes = [organization.create_wanting(described(name, "Artist"), wants) for name, wants in wanted]
    assert outcomes == ["waiting"] * len(wanted)
    return organization


def queue(organization: Organization) -> object:
    return organization.state()["queue"]


@pytest.mark.parametrize(
    "frees",
    [
        lambda organization: organization.patch(ANN, active=False),
        lambda organization: organization.replace(ANN, described(ANN, "Artist", active=False)),
        lambda organization: organization.delete(ANN),
        lambda organization: organization.add({"standard": 1}),
        lambda organization: organization.grant({"standard": 2}),
    ],
    ids=["deactivated by PATCH", "deactivated by PUT", "deleted", "seats added", "seats granted"],
)
def test_a_freed_seat_goes_to_the_first_waiting_person(
    database: Database, frees: Callable[[Organization], object]
) -> None:
    organization = waiting(database, (BOB, "any"), (CY, "any"))

    frees(organization)

    assert organization.seated()[BOB] == "seated on standard"
    assert queue(organization) == [CY]
    organization.recount()


@pytest.mark.parametrize("wanted", [("any", "standard"), ("standard", "any")])
def test_between_people_who_want_the_tier_and_people_who_want_any_the_earlier_is_served(
    database: Database, wanted: tuple[str, str]
) -> None:
    organization = waiting(database, (BOB, wanted[0]), (CY, wanted[1]))

    organization.delete(ANN)

    assert organization.seated() == {BOB: "seated on standard"}


def test_a_better_priority_is_served_before_an_earlier_arrival(database: Database) -> None:
    organization = waiting(database, (BOB, "standard"), (CY, "any"), (DEE, "any"))
    organization.prioritise(CY, 1)
    organization.prioritise(DEE, 1)

    organization.grant({"standard": 3})

    assert organization.seated().keys() == {ANN, CY, DEE}
    assert queue(organization) == [BOB]


def test_the_highest_tier_is_filled_first(database: Database) -> None:
    organization = waiting(database, (BOB, "any"), (CY, "premium"), (DEE, "any"))

    organization.add({"standard": 1, "premium": 1})

    seated = organization.seated()
    assert (seated[BOB], seated[DEE]) == ("seated on premium", "seated on standard")
    assert queue(organization) == [CY]


def test_a_freed_seat_that_no_waiting_person_wants_stays_free_for_a_newcomer(database: Database) -> None:
    organization = waiting(database, (BOB, "premium"))

    organization.delete(ANN)

    assert queue(organization) == [BOB]
    assert organization.create(described(CY, "Artist")) == "seated on standard"


def test_many_people_are_promoted_at_once_in_order_with_one_event_each(database: Database) -> None:
    names = [f"person-{number:02}@example.com" for number in range(30)]
    organization = waiting(database, *((name, "any") for name in names), standard=0)

    organization.grant({"standard": 12, "premium": 8})

    events = organization.state()["events"]
    assert isinstance(events, list)
    assert events[-21:] == [("seats.granted", ""), *(("person.promoted", name) for name in names[:20])]
    assert queue(organization) == names[20:]
    organization.recount()


def test_a_reactivated_person_goes_to_the_end_of_the_queue(database: Database) -> None:
    organization = waiting(database, (BOB, "any"), (CY, "any"))
    organization.patch(BOB, active=False)

    outcome = organization.patch(BOB, active=True)

    assert outcome == "waiting"
    assert queue(organization) == [CY, BOB]


def test_a_person_created_again_goes_to_the_end_of_the_queue(database: Database) -> None:
    organization = waiting(database, (BOB, "any"), (CY, "any"))
    organization.delete(BOB)

    outcome = organization.create(described(BOB, "Artist"))

    assert outcome == "waiting"
    assert queue(organization) == [CY, BOB]


def test_waiting_people_are_promoted_even_after_the_policy_becomes_reject(database: Database) -> None:
    organization = waiting(database, (BOB, "any"), (CY, "any"))
    organization.set_overflow("reject")

    new_person = organization.create(described(DEE, "Artist"))
    organization.delete(ANN)

    assert new_person == "refused"
    assert organization.seated() == {BOB: "seated on standard"}
    assert queue(organization) == [CY]


def test_a_seat_added_for_a_person_does_not_go_to_the_queue(database: Database) -> None:
    organization = waiting(database, (BOB, "any"), (CY, "premium"))

    organization.add({"standard": 1}, [CY])

    assert organization.seated()[CY] == "seated on standard"
    assert queue(organization) == [BOB]
    organization.recount()


def test_naming_more_people_than_added_seats_is_refused_and_changes_nothing(database: Database) -> None:
    organization = waiting(database, (BOB, "any"), (CY, "any"))
    before = organization.state()

    outcome = organization.add({"standard": 1}, [BOB, CY])

    assert outcome == "wrong"
    assert organization.state() == before
