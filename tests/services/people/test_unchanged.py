"""Requests without changes write nothing: no event, no new version (SEATS, transitions)."""

import pytest

from scim_server.store.database.session import Database
from tests.support.builders.organization import OWNER, Organization, described

ANN = "ann@example.com"


@pytest.mark.parametrize("overflow", ["reject", "queue"])
@pytest.mark.parametrize("seats", [0, 1])
def test_sending_the_same_person_again_is_not_a_change(database: Database, overflow: str, seats: int) -> None:
    organization = Organization(database, {"standard": seats}, overflow)
    organization.create(described(ANN, "Artist", active=bool(seats) or overflow == "queue"))
    before = organization.state()

    for again in (described(ANN, "Artist"), described(ANN, "Artist", backwards=True)):
        organization.replace(ANN, again)
    organization.patch(ANN, title="Artist")

    assert organization.state() == before


def test_activating_an_active_person_is_not_a_change(database: Database) -> None:
    organization = Organization(database, {"standard": 1}, "queue")
    for name in (ANN, "bob@example.com"):
        organization.create(described(name, "Artist"))
    before = organization.state()

    outcomes = [organization.patch(name, active=True) for name in (ANN, "bob@example.com")]

    assert outcomes == ["seated on standard", "waiting"]
    assert organization.state() == before


def test_sending_the_result_of_a_patch_is_not_a_change(database: Database) -> None:
    organization = Organization(database, {"standard": 1}, "reject", OWNER)
    organization.patch(OWNER, title="Artist")
    before = organization.state()

    organization.replace(OWNER, described(OWNER, "Artist"))

    assert organization.state() == before
