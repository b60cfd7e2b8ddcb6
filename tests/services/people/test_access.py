"""An Admin ends access and gives it back, through the seat gate (SEATS 13, 29)."""

from collections.abc import Callable

import pytest

from scim_server.services.context import Context
from scim_server.services.mappings import commands as mappings
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.mapping import GroupMapping, Unmapped
from tests.support.builders.organization import ANN, BOB, CY, OWNER, Organization, described, small
from tests.support.oracles.people_and_events import last_events, payload, where


def test_a_person_deactivated_by_an_admin_loses_access_and_the_seat_goes_to_the_queue(
    database: Database,
) -> None:
    organization = small(database)

    outcome = organization.deactivate(ANN)

    assert outcome == "inactive, 2 promoted"
    assert where(organization, ANN, BOB, CY) == [
        ("inactive", None, None),
        ("seated premium", None, None),
        ("seated standard", None, None),
    ]
    assert last_events(organization, 3) == [
        ("person.deprovisioned", ANN, "by_hand", {"premium": -1}),
        ("person.promoted", BOB, "seat_free", {"premium": 1, "standard": -1}),
        ("person.promoted", CY, "seat_free", {"standard": 1}),
    ]
    assert payload(organization, "person.deprovisioned") == {"override": True}
    organization.recount()


def test_a_deactivated_waiting_person_leaves_the_queue(database: Database) -> None:
    organization = small(database)

    outcome = organization.deactivate(BOB)

    assert outcome == "inactive, 1 promoted"
    assert where(organization, BOB, CY) == [("inactive", None, None), ("seated standard", None, None)]
    assert payload(organization, "person.deprovisioned") == {"override": True, "waited_for": "premium"}
    organization.recount()


@pytest.mark.parametrize("mode", ["manual", "jit", "scim"])
def test_an_admin_can_activate_a_deactivated_person_in_every_mode(database: Database, mode: str) -> None:
    organization = Organization(database, {"standard": 1}, "reject")
    organization.create(described(ANN, "Artist"))
    id_ = organization.person(ANN).id
    organizations.configure(Context(database, organization.id, OPERATOR), Changes({"mode": mode}))

    outcomes = [organization.deactivate(ANN), organization.activate(ANN)]

    assert outcomes == ["inactive, 0 promoted", "seated on standard"]
    assert organization.person(ANN).id == id_
    assert last_events(organization, 1) == [("person.provisioned", ANN, "reactivated", {"standard": 1})]
    organization.recount()


def test_without_a_free_seat_an_activated_person_stays_inactive_and_is_logged(database: Database) -> None:
    organization = Organization(database, {"standard": 1}, "reject")
    organization.create(described(ANN, "Artist"))
    organization.deactivate(ANN)
    organization.create(described(BOB, "Artist"))

    outcomes = [organization.activate(ANN) for _ in range(2)]

    assert outcomes == ["refused", "refused"]
    assert where(organization, ANN) == [("inactive", None, None)]
    assert organization.state()["refusals"] == [(ANN, "any", 1, True)]
    organization.recount()


def test_under_the_policy_queue_a_person_activated_by_an_admin_waits(database: Database) -> None:
    organization = Organization(database, {"standard": 1}, "queue")
    organization.create(described(ANN, "Artist"))
    organization.create(described(BOB, "Artist"))
    organization.deactivate(ANN)

    outcome = organization.activate(ANN)

    assert outcome == "waiting"
    assert where(organization, ANN, BOB) == [("waiting", "any", None), ("seated standard", None, None)]
    organization.recount()


def test_a_refused_member_who_is_deactivated_is_no_longer_left_out(database: Database) -> None:
    organization = Organization(database, {"standard": 0}, "reject")
    mappings.save(Context(database, organization.id, OPERATOR), "Sales", GroupMapping("standard", None, None))
    mappings.choose_unmapped(Context(database, organization.id, OPERATOR), Unmapped.NONE)
    organization.create(described(ANN, "Artist"))
    organization.create_group("Sales", [ANN])
    before = organization.state()["refusals"]

    organization.deactivate(ANN)

    assert before == [(ANN, "standard", 1, True)]
    assert organization.state()["refusals"] == [(ANN, "standard", 1, False)]
    organization.recount()


def test_deactivations_by_an_admin_are_not_a_mass_removal(database: Database) -> None:
    names = [f"{number}@example.com" for number in range(25)]
    organization = Organization(database, {"standard": 25}, "queue")
    for name in names:
        organization.create(described(name, "Artist"))

    for name in names:
        organization.deactivate(name)

    assert payload(organization, "removal.detected") is None
    organization.recount()


@pytest.mark.parametrize(
    ("name", "act"),
    [
        (OWNER, Organization.deactivate),
        (ANN, Organization.activate),
        ("nobody@example.com", Organization.deactivate),
        ("nobody@example.com", Organization.activate),
    ],
    ids=["the Primary Owner", "who is active", "nobody", "nobody either"],
)
def test_an_impossible_change_of_access_is_refused_and_changes_nothing(
    database: Database, name: str, act: Callable[[Organization, str], str]
) -> None:
    organization = small(database, OWNER)
    before = organization.state()

    outcome = act(organization, name)

    assert (outcome, organization.state()) == ("wrong", before)


def test_the_last_owner_and_an_inactive_person_cannot_be_deactivated(database: Database) -> None:
    organization = small(database)
    organization.set_role(ANN, "owner")

    outcomes = [organization.deactivate(name) for name in (ANN, BOB, BOB)]

    assert outcomes == ["wrong", "inactive, 1 promoted", "wrong"]
    organization.recount()
