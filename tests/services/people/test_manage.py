"""Changes of people by an admin: the whole result of each operation (SEATS 16, 18, 26, 29, 30)."""

from collections.abc import Callable

import pytest

from scim_server.services.context import Context
from scim_server.services.people import queries
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.contract import DEFAULT_TIERS, Tier
from tests.support.builders.organization import ANN, BOB, CY, DEE, OWNER, Organization, described, small
from tests.support.oracles.people_and_events import last_events, payload, where

# Seats


def test_an_admin_assigns_a_free_seat_of_the_highest_tier(database: Database) -> None:
    organization = Organization(database, {"premium": 0, "standard": 0}, "reject")
    organization.create(described(ANN, "Artist", active=False))
    organization.set_overflow("queue")
    organization.patch(ANN, active=True)
    organization.unassign(ANN)
    organization.grant({"premium": 1, "standard": 1})

    outcome = organization.assign(ANN)

    assert outcome == "seated on premium, 0 promoted"
    assert where(organization, ANN) == [("seated premium", None, None)]
    assert last_events(organization, 1) == [("person.provisioned", ANN, "assigned", {"premium": 1})]
    organization.recount()


def test_after_an_assignment_of_another_tier_the_earlier_seat_goes_to_the_queue(database: Database) -> None:
    organization = Organization(database, {"premium": 1, "standard": 2}, "queue")
    organization.create(described(ANN, "Artist"))
    organization.create_wanting(described(BOB, "Artist"), "premium")

    outcome = organization.assign(ANN, "standard")

    assert outcome == "seated on standard, 1 promoted"
    assert where(organization, ANN, BOB) == [("seated standard", None, None), ("seated premium", None, None)]
    assert last_events(organization, 2) == [
        ("person.moved", ANN, "assigned", {"premium": -1, "standard": 1}),
        ("person.promoted", BOB, "seat_free", {"premium": 1}),
    ]
    organization.recount()


def test_a_waiting_person_seated_by_an_admin_leaves_the_queue_with_an_event(
    database: Database,
) -> None:
    organization = Organization(database, {"premium": 0, "standard": 1}, "queue")
    organization.create_wanting(described(ANN, "Artist"), "premium")

    outcome = organization.assign(ANN, "standard")

    assert outcome == "seated on standard, 0 promoted"
    assert organization.state()["queue"] == []
    assert payload(organization, "person.provisioned") == {"override": True, "waited_for": "premium"}
    organization.recount()


def test_an_unassigned_seat_and_the_lower_seat_it_frees_go_to_the_queue(
    database: Database,
) -> None:
    organization = small(database)

    outcome = organization.unassign(ANN)

    assert outcome == "none, 2 promoted"
    assert where(organization, ANN, BOB, CY) == [
        ("none", None, "unassigned"),
        ("seated premium", None, None),
        ("seated standard", None, None),
    ]
    assert last_events(organization, 3) == [
        ("person.unassigned", ANN, "by_hand", {"premium": -1}),
        ("person.promoted", BOB, "seat_free", {"premium": 1, "standard": -1}),
        ("person.promoted", CY, "seat_free", {"standard": 1}),
    ]
    assert payload(organization, "person.unassigned") == {"override": True}
    organization.recount()


def test_an_admin_can_remove_a_person_from_the_queue(database: Database) -> None:
    organization = small(database)

    outcomes = [organization.unassign(name) for name in (CY, BOB)]

    assert outcomes == ["none, 0 promoted", "none, 0 promoted"]
    assert where(organization, BOB, CY) == [("none", None, "unassigned")] * 2
    assert organization.state()["queue"] == []
    assert last_events(organization, 2) == [
        ("person.unassigned", CY, "by_hand", {}),
        ("person.unassigned", BOB, "by_hand", {"standard": -1}),
    ]
    organization.recount()


def test_a_reassigned_seat_does_not_go_to_the_queue(database: Database) -> None:
    organization = small(database)
    organization.create(described(DEE, "Artist"))

    outcome = organization.reassign(BOB, DEE)

    assert outcome == "none, seated on standard, 0 promoted"
    assert where(organization, BOB, DEE) == [("none", None, "unassigned"), ("seated standard", None, None)]
    assert organization.state()["queue"] == [CY]
    assert last_events(organization, 2) == [
        ("person.unassigned", BOB, "reassigned", {"standard": -1}),
        ("person.provisioned", DEE, "reassigned", {"standard": 1}),
    ]
    assert payload(organization, "person.unassigned") == {"override": True, "waited_for": "premium"}
    assert payload(organization, "person.provisioned") == {"override": True, "waited_for": "any"}
    organization.recount()


def test_two_people_swap_tiers_without_a_free_seat_and_a_wait_for_the_tier_ends(
    database: Database,
) -> None:
    organization = small(database)

    outcome = organization.swap(ANN, BOB)

    assert outcome == "seated on standard, seated on premium, 0 promoted"
    assert where(organization, ANN, BOB) == [("seated standard", None, None), ("seated premium", None, None)]
    assert organization.state()["queue"] == [CY]
    assert last_events(organization, 2) == [
        ("person.moved", ANN, "swapped", {"premium": -1, "standard": 1}),
        ("person.moved", BOB, "swapped", {"standard": -1, "premium": 1}),
    ]
    organization.recount()


@pytest.mark.parametrize("by", ["id", "userName", "USERNAME"])
def test_people_are_found_by_id_or_user_name_in_any_case(database: Database, by: str) -> None:
    organization = small(database)
    name = {"id": organization.person(ANN).id, "userName": ANN, "USERNAME": ANN.upper()}[by]

    outcome = organization.unassign(name)

    assert outcome == "none, 2 promoted"


def test_the_seat_freed_by_a_promotion_goes_to_the_next_waiting_person(database: Database) -> None:
    tiers = (*DEFAULT_TIERS, Tier("enterprise", 3))
    organization = Organization(database, dict.fromkeys((t.name for t in tiers), 1), "fallback", tiers=tiers)
    organization.create(described(ANN, "Artist"))
    organization.create_wanting(described(BOB, "Artist"), "enterprise")
    organization.create_wanting(described(CY, "Artist"), "enterprise")
    organization.create_wanting(described(DEE, "Artist"), "premium")
    before = where(organization, BOB, CY, DEE)

    organization.delete(ANN)

    assert before == [
        ("seated premium", "enterprise", None),
        ("seated standard", "enterprise", None),
        ("waiting", "premium", None),
    ]
    assert where(organization, BOB, CY, DEE) == [
        ("seated enterprise", None, None),
        ("seated standard", "enterprise", None),
        ("seated premium", None, None),
    ]
    organization.recount()


# Later requests of the provider


def test_an_unassigned_person_sent_again_as_active_is_not_changed(
    database: Database,
) -> None:
    organization = small(database)
    organization.unassign(ANN)
    organization.grant({"standard": 5})
    before = organization.state()

    outcomes = [
        organization.replace(ANN, described(ANN, "Artist", active=True)),
        organization.patch(ANN, active=True),
    ]

    assert outcomes == ["none", "none"]
    assert organization.state() == before


def test_an_unassigned_person_is_seated_by_an_admin_or_a_reactivation(
    database: Database,
) -> None:
    organization = Organization(database, {"standard": 2}, "queue")
    for name in (ANN, BOB):
        organization.create(described(name, "Artist"))
        organization.unassign(name)

    assigned = organization.assign(ANN)
    organization.patch(BOB, active=False)
    activated = organization.patch(BOB, active=True)

    assert (assigned, activated) == ("seated on standard, 0 promoted", "seated on standard")
    assert where(organization, ANN, BOB) == [("seated standard", None, None)] * 2
    organization.recount()


def test_a_person_created_again_has_a_new_id_and_the_earlier_history(
    database: Database,
) -> None:
    organization = Organization(database, {"standard": 2}, "queue")
    organization.create(described(ANN, "Artist"))
    organization.create(described(BOB, "Artist"))
    former = organization.person(ANN).id
    organization.delete(ANN)
    organization.create(described("ANN@example.com", "Artist"))

    history = queries.history(Context(database, organization.id, OPERATOR), ANN)

    assert history.person.id not in (former, organization.person(BOB).id)
    assert [(entry.type, entry.person) for entry in [one.entry for one in history.entries]] == [
        ("person.provisioned", history.person.id),
        ("person.deleted", former),
        ("person.provisioned", former),
    ]


# Roles


def test_setting_the_same_role_again_is_not_a_change(database: Database) -> None:
    organization = small(database)
    version = organization.person(ANN).version

    outcomes = [organization.set_role(ANN, "admin") for _ in range(2)]

    ann = organization.person(ANN)
    assert outcomes == ["seated on premium, 0 promoted"] * 2
    assert (ann.role, ann.version) == ("admin", version + 1)
    assert last_events(organization, 1) == [("person.role_changed", ANN, "by_hand", {})]
    assert payload(organization, "person.role_changed") == {"from": "user", "to": "admin"}


def test_a_former_primary_owner_stays_an_owner_after_the_transfer(database: Database) -> None:
    organization = small(database, OWNER)

    outcome = organization.transfer(BOB)

    assert outcome == "seated on standard, seated on premium, 0 promoted"
    assert (organization.person(BOB).role, organization.person(OWNER).role) == ("primary_owner", "owner")
    assert where(organization, BOB) == [("seated standard", "premium", None)]
    assert last_events(organization, 2) == [
        ("person.role_changed", OWNER, "transferred", {}),
        ("person.role_changed", BOB, "transferred", {}),
    ]
    organization.recount()


def test_an_inactive_owner_does_not_count_as_the_last_owner(database: Database) -> None:
    organization = small(database, OWNER)
    organization.set_role(ANN, "owner")
    organization.patch(ANN, active=False)

    outcome = organization.set_role(ANN, "user")

    assert outcome == "inactive, 0 promoted"
    assert organization.person(ANN).role == "user"


@pytest.mark.parametrize(
    "ends",
    [
        lambda organization: organization.patch(ANN, active=False),
        lambda organization: organization.replace(ANN, described(ANN, "Artist", active=False)),
        lambda organization: organization.delete(ANN),
        lambda organization: organization.set_role(ANN, "user"),
    ],
    ids=["PATCH", "PUT", "DELETE", "role"],
)
def test_one_of_two_owners_may_lose_the_role(database: Database, ends: Callable[[Organization], str]) -> None:
    organization = small(database)
    organization.set_role(ANN, "owner")
    organization.set_role(BOB, "owner")

    outcome = ends(organization)

    assert outcome not in ("forbidden", "wrong")
    organization.recount()
