"""What is done to people by hand: the whole outcome of each operation (SEATS 16, 18, 26, 29, 30)."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from scim_server.services import mappings, members, organizations
from scim_server.store import events
from scim_server.store.session import OPERATOR, Database
from scim_server.store.tables import events as table
from seat_policy.contract import DEFAULT_TIERS, Tier
from seat_policy.mapping import GroupMapping, Unmapped
from tests.organization import ANN, BOB, CY, DEE, OWNER, Organization, described, small


def where(organization: Organization, *names: str) -> list[tuple[str, str | None, str | None]]:
    """Status with the tier, what they wait for, and why they do neither."""
    people = [organization.person(name) for name in names]
    return [
        (f"{one.status} {one.tier}" if one.tier else one.status, one.wants, one.unseated) for one in people
    ]


def last_events(organization: Organization, count: int) -> list[tuple[str, object, str | None, object]]:
    """Type, whom, why, and how many seats of each tier came to be used."""
    with organization.database.read(organization.id) as read:
        entries = events.log(read, limit=count)
    return [
        (
            one.type,
            one.user_name,
            one.reason,
            {tier: assigned for tier, (_, assigned, _) in one.seats.items()},
        )
        for one in reversed(entries)
    ]


def payload(organization: Organization, event: str) -> object:
    """Of the last event of that type."""
    query = select(table.c.payload).where(table.c.organization == organization.id, table.c.type == event)
    with organization.database.reader.connect() as connection:
        return connection.execute(query.order_by(table.c.sequence.desc())).scalars().first()


# Seats


def test_a_free_seat_of_the_highest_tier_is_given(database: Database) -> None:
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


def test_a_seat_of_another_tier_is_given_and_the_one_they_had_goes_to_the_first(database: Database) -> None:
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


def test_who_waits_leaves_the_queue_for_a_seat_by_hand_and_that_is_recorded(database: Database) -> None:
    organization = Organization(database, {"premium": 0, "standard": 1}, "queue")
    organization.create_wanting(described(ANN, "Artist"), "premium")

    outcome = organization.assign(ANN, "standard")

    assert outcome == "seated on standard, 0 promoted"
    assert organization.state()["queue"] == []
    assert payload(organization, "person.provisioned") == {"override": True, "waited_for": "premium"}
    organization.recount()


def test_a_seat_taken_by_hand_goes_to_the_first_and_the_lower_one_on(database: Database) -> None:
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


def test_a_place_in_the_queue_is_taken_by_hand(database: Database) -> None:
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


def test_a_seat_is_passed_on_past_the_queue(database: Database) -> None:
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


def test_tiers_are_swapped_without_a_free_seat_and_who_waited_for_it_waits_no_more(
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
def test_people_are_named_by_id_or_user_name_in_any_case(database: Database, by: str) -> None:
    organization = small(database)
    name = {"id": organization.person(ANN).id, "userName": ANN, "USERNAME": ANN.upper()}[by]

    outcome = organization.unassign(name)

    assert outcome == "none, 2 promoted"


def test_a_promotion_frees_seats_down_every_tier(database: Database) -> None:
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


# What a provider says afterwards


def test_who_was_unassigned_by_hand_and_is_sent_again_active_is_not_changed(database: Database) -> None:
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


def test_who_was_unassigned_by_hand_is_seated_by_an_admin_or_after_being_inactive(database: Database) -> None:
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


def test_who_is_deleted_and_created_again_has_a_new_id_and_the_earlier_history(database: Database) -> None:
    organization = Organization(database, {"standard": 2}, "queue")
    organization.create(described(ANN, "Artist"))
    organization.create(described(BOB, "Artist"))
    former = organization.person(ANN).id
    organization.delete(ANN)
    organization.create(described("ANN@example.com", "Artist"))

    history = members.history(database, organization.id, ANN)

    assert history.person.id not in (former, organization.person(BOB).id)
    assert [(entry.type, entry.person) for entry in history.entries] == [
        ("person.provisioned", history.person.id),
        ("person.deleted", former),
        ("person.provisioned", former),
    ]


# Access


def test_who_is_deactivated_by_hand_loses_access_and_their_seats_go_to_the_first(database: Database) -> None:
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


def test_who_waits_is_deactivated_and_leaves_the_queue(database: Database) -> None:
    organization = small(database)

    outcome = organization.deactivate(BOB)

    assert outcome == "inactive, 1 promoted"
    assert where(organization, BOB, CY) == [("inactive", None, None), ("seated standard", None, None)]
    assert payload(organization, "person.deprovisioned") == {"override": True, "waited_for": "premium"}
    organization.recount()


@pytest.mark.parametrize("mode", ["manual", "jit", "scim"])
def test_who_was_deactivated_is_activated_by_hand_whatever_the_mode(database: Database, mode: str) -> None:
    organization = Organization(database, {"standard": 1}, "reject")
    organization.create(described(ANN, "Artist"))
    id_ = organization.person(ANN).id
    organizations.change(database, organization.id, OPERATOR, {"mode": mode})

    outcomes = [organization.deactivate(ANN), organization.activate(ANN)]

    assert outcomes == ["inactive, 0 promoted", "seated on standard"]
    assert organization.person(ANN).id == id_
    assert last_events(organization, 1) == [("person.provisioned", ANN, "reactivated", {"standard": 1})]
    organization.recount()


def test_whom_no_seat_is_left_for_stays_inactive_and_is_in_the_log(database: Database) -> None:
    organization = Organization(database, {"standard": 1}, "reject")
    organization.create(described(ANN, "Artist"))
    organization.deactivate(ANN)
    organization.create(described(BOB, "Artist"))

    outcomes = [organization.activate(ANN) for _ in range(2)]

    assert outcomes == ["refused", "refused"]
    assert where(organization, ANN) == [("inactive", None, None)]
    assert organization.state()["refusals"] == [(ANN, "any", 1, True)]
    organization.recount()


def test_who_is_activated_by_hand_waits_where_others_would(database: Database) -> None:
    organization = Organization(database, {"standard": 1}, "queue")
    organization.create(described(ANN, "Artist"))
    organization.create(described(BOB, "Artist"))
    organization.deactivate(ANN)

    outcome = organization.activate(ANN)

    assert outcome == "waiting"
    assert where(organization, ANN, BOB) == [("waiting", "any", None), ("seated standard", None, None)]
    organization.recount()


def test_a_refused_member_whose_access_is_ended_is_left_out_no_more(database: Database) -> None:
    organization = Organization(database, {"standard": 0}, "reject")
    mappings.save(database, organization.id, OPERATOR, "Sales", GroupMapping("standard", None, None))
    mappings.choose_unmapped(database, organization.id, OPERATOR, Unmapped.NONE)
    organization.create(described(ANN, "Artist"))
    organization.create_group("Sales", [ANN])
    before = organization.state()["refusals"]

    organization.deactivate(ANN)

    assert before == [(ANN, "standard", 1, True)]
    assert organization.state()["refusals"] == [(ANN, "standard", 1, False)]
    organization.recount()


def test_people_deactivated_by_hand_are_no_removal_of_many(database: Database) -> None:
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
def test_access_that_cannot_be_changed_by_hand(
    database: Database, name: str, act: Callable[[Organization, str], str]
) -> None:
    organization = small(database, OWNER)
    before = organization.state()

    outcome = act(organization, name)

    assert (outcome, organization.state()) == ("wrong", before)


def test_the_last_owner_is_not_deactivated_and_nobody_is_twice(database: Database) -> None:
    organization = small(database)
    organization.set_role(ANN, "owner")

    outcomes = [organization.deactivate(name) for name in (ANN, BOB, BOB)]

    assert outcomes == ["wrong", "inactive, 1 promoted", "wrong"]
    organization.recount()


# Roles


def test_a_role_is_given_and_given_again_it_is_no_change(database: Database) -> None:
    organization = small(database)
    version = organization.person(ANN).version

    outcomes = [organization.set_role(ANN, "admin") for _ in range(2)]

    ann = organization.person(ANN)
    assert outcomes == ["seated on premium, 0 promoted"] * 2
    assert (ann.role, ann.version) == ("admin", version + 1)
    assert last_events(organization, 1) == [("person.role_changed", ANN, "by_hand", {})]
    assert payload(organization, "person.role_changed") == {"from": "user", "to": "admin"}


def test_the_primary_owner_passes_the_role_on_and_stays_an_owner(database: Database) -> None:
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


def test_an_inactive_owner_is_not_the_last_one(database: Database) -> None:
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
def test_one_of_two_owners_may_go(database: Database, ends: Callable[[Organization], str]) -> None:
    organization = small(database)
    organization.set_role(ANN, "owner")
    organization.set_role(BOB, "owner")

    outcome = ends(organization)

    assert outcome not in ("forbidden", "wrong")
    organization.recount()
