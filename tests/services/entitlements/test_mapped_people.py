"""Which people a mapping affects: the Primary Owner, inactive people, Owners, people who wait."""

import pytest

from scim_server.protocol.user import parse_user
from scim_server.services.context import Context
from scim_server.services.groups import commands as groups
from scim_server.services.people import commands as people
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.roles import Role
from tests.support.builders.customer import OKTA, USERS, terms
from tests.support.builders.mapped import Mapped, effects


@pytest.fixture
def acme(database: Database) -> Mapped:
    """Ann has the one premium seat, bob and cy the two standard ones."""
    customer = Mapped(database, "2026-03-01", terms(), {"standard": 2, "premium": 1})
    customer.provision("ann", "bob", "cy")
    return customer


def send(acme: Mapped, name: str, *, active: bool) -> None:
    user = parse_user({"userName": f"{name}@example.com", "active": active}, USERS)
    people.replace(Context(acme.database, acme.id, OKTA), acme.person(name).id, user)


def transfer(acme: Mapped, name: str) -> None:
    people.transfer(Context(acme.database, acme.id, OPERATOR), f"{name}@example.com")


def give(acme: Mapped, name: str, role: Role) -> None:
    people.set_role(Context(acme.database, acme.id, OPERATOR), f"{name}@example.com", role)


def test_mappings_do_not_affect_the_primary_owner(acme: Mapped) -> None:
    transfer(acme, "ann")
    acme.group("Sales", "ann", "bob")

    saved = acme.map("Sales", tier="standard", role=Role.ADMIN, priority=5)

    assert effects(saved) == {"bob": ("admin", "standard", None, None)}
    assert (acme.seats_of("ann"), acme.roles("ann"), acme.person("ann").priority) == (
        [("premium", None)],
        ["primary_owner"],
        100,
    )


def test_an_admin_can_move_the_primary_owner_despite_their_groups(acme: Mapped) -> None:
    transfer(acme, "bob")
    acme.group("Sales", "bob")
    acme.map("Sales", tier="standard")
    acme.remove("ann")

    people.assign(Context(acme.database, acme.id, OPERATOR), "bob@example.com", "premium")

    assert acme.seats_of("bob") == [("premium", None)]


def test_an_inactive_person_also_loses_a_role_given_by_a_group(acme: Mapped) -> None:
    group = acme.group("Admins", "bob")
    acme.map("Admins", role=Role.ADMIN, priority=5)
    send(acme, "bob", active=False)

    acme.change_group(group, remove=["bob"])
    send(acme, "bob", active=True)

    assert (acme.roles("bob"), acme.person("bob").priority) == (["user"], 100)
    acme.recount()


def test_the_first_mapping_with_a_tier_also_applies_to_inactive_members(acme: Mapped) -> None:
    acme.group("Admins", "bob")
    send(acme, "bob", active=False)

    acme.map("Admins", role=Role.ADMIN, tier="standard")

    assert acme.roles("bob") == ["admin"]
    assert acme.seats_of("bob") == [(None, None)]
    acme.recount()


def test_saving_a_mapping_without_effect_does_not_change_the_person(acme: Mapped) -> None:
    acme.group("Admins", "bob")
    acme.map("Admins", role=Role.ADMIN)
    before = acme.person("bob").version

    acme.map("Admins", role=Role.ADMIN, priority=100)

    assert acme.person("bob").version == before


def test_a_group_can_give_a_role_that_an_admin_already_gave(acme: Mapped) -> None:
    acme.provision("dee")
    give(acme, "dee", Role.ADMIN)
    acme.group("Admins", "dee")

    acme.map("Admins", role=Role.ADMIN)

    assert (acme.roles("dee"), acme.whereabouts("dee")) == (["admin"], ["waiting"])
    acme.recount()


def test_the_last_owner_can_lose_the_role_if_the_same_change_makes_another_owner(acme: Mapped) -> None:
    group = acme.group("Owners", "ann")
    acme.map("Owners", role=Role.OWNER)

    acme.change_group(group, add=["bob"], remove=["ann"])

    assert acme.roles("ann", "bob") == ["user", "owner"]
    assert "person.role_kept" not in acme.events()


def test_an_owner_by_transfer_stays_owner_after_leaving_the_group(acme: Mapped) -> None:
    group = acme.group("Admins", "bob")
    acme.map("Admins", role=Role.ADMIN)
    transfer(acme, "bob")
    transfer(acme, "ann")

    acme.change_group(group, remove=["bob"])

    assert acme.roles("ann", "bob") == ["primary_owner", "owner"]


def test_a_preview_also_names_people_who_get_seats_left_by_others(acme: Mapped) -> None:
    acme.map("Gold", tier="premium")
    acme.provision("dee")
    acme.group("Gold", "dee")
    acme.remove("cy")
    acme.group("Sales", "ann")

    saved = acme.map("Sales", tier="standard", preview=True)

    assert effects(saved) == {
        "ann": ("user", "standard", None, None),
        "dee": ("user", "premium", None, None),
    }
    assert saved.missing == {}


def test_a_group_mapped_by_external_id_keeps_its_mapping_after_a_rename(
    acme: Mapped,
) -> None:
    group = acme.group("Admins", "bob", external="g-1")
    acme.map("g-1", role=Role.ADMIN)

    acme.rename_group(group, "Administrators")

    assert acme.roles("bob") == ["admin"]
    assert "mapping.group_gone" not in acme.events()


def test_an_external_id_that_differs_in_upper_and_lower_case_does_not_match_the_group(acme: Mapped) -> None:
    acme.group("Admins", "bob", external="g-1")
    acme.map("g-1", role=Role.ADMIN)

    acme.map("G-1", role=Role.ADMIN)

    assert acme.roles("bob") == ["user"]


def test_waiting_people_exchange_seats_in_the_order_of_the_new_priorities(acme: Mapped) -> None:
    acme.map("Gold", tier="premium")
    acme.group("Gold", "bob", "cy")
    acme.group("Sales", "ann", "cy")

    acme.map("Sales", tier="standard", priority=1)

    assert acme.seats_of("ann", "bob", "cy") == [
        ("standard", None),
        ("standard", "premium"),
        ("premium", None),
    ]
    acme.recount()


def test_owners_are_notified_of_a_deleted_empty_group_too(acme: Mapped) -> None:
    group = acme.group("Admins")
    acme.map("Admins", role=Role.ADMIN)

    groups.delete(Context(acme.database, acme.id, OKTA), group)

    assert acme.events()[-2:] == ["group.deleted", "mapping.group_gone"]
