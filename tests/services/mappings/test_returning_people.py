"""Mappings affect returning and waiting people, but not the Primary Owner (SEATS 15, 18-23)."""

import pytest

from scim_server.services.context import Context
from scim_server.services.groups import commands as groups
from scim_server.services.people import commands as jit
from scim_server.services.people import commands as members
from scim_server.services.people.sign_in import SignIn
from scim_server.store.database.session import OPERATOR, Actor, Database
from seat_policy.mapping import Unmapped
from seat_policy.roles import Role
from seat_policy.ways_in import WayIn
from tests.support.builders.customer import OKTA, terms
from tests.support.builders.mapped import Mapped


@pytest.fixture
def acme(database: Database) -> Mapped:
    """Ann has the one premium seat, bob and cy the two standard ones."""
    customer = Mapped(database, "2026-03-01", terms(), {"standard": 2, "premium": 1})
    customer.provision("ann", "bob", "cy")
    return customer


def test_a_person_who_left_a_group_while_inactive_returns_without_its_role(acme: Mapped) -> None:
    group = acme.group("Admins", "bob")
    acme.map("Admins", role=Role.ADMIN, priority=5)
    acme.set_active("bob", active=False)
    acme.change_group(group, remove=["bob"])

    acme.set_active("bob", active=True)

    assert (acme.roles("bob"), acme.person("bob").priority) == (["user"], 100)
    assert acme.seats_of("bob") == [("standard", None)]
    acme.recount()


def test_a_person_who_joined_a_group_while_inactive_returns_with_its_entitlement(acme: Mapped) -> None:
    acme.provision("dee")
    acme.set_active("bob", active=False)
    acme.group("Admins", "bob")
    acme.map("Admins", role=Role.ADMIN, priority=5, tier="premium")

    acme.set_active("bob", active=True)

    assert (acme.roles("bob"), acme.person("bob").priority) == (["admin"], 5)
    assert acme.seats_of("bob", "dee") == [(None, "premium"), ("standard", None)]
    acme.recount()


def test_a_role_given_by_an_admin_is_kept_while_inactive(acme: Mapped) -> None:
    members.set_role(Context(acme.database, acme.id, OPERATOR), "bob@example.com", Role.ADMIN)
    acme.map("Engineering", tier="premium")
    acme.set_active("bob", active=False)

    acme.set_active("bob", active=True)

    assert acme.roles("bob") == ["admin"]


def test_mappings_do_not_affect_the_primary_owner(acme: Mapped) -> None:
    members.transfer(Context(acme.database, acme.id, OPERATOR), "ann@example.com")
    acme.group("Everyone", "ann", "bob")

    saved = acme.map("Everyone", tier="standard", role=Role.USER, priority=5)

    assert [effect.after.user_name for effect in saved.effects] == ["bob@example.com"]
    assert (acme.roles("ann"), acme.seats_of("ann")) == (["primary_owner"], [("premium", None)])
    # An admin may therefore give the Primary Owner another tier than their group does.
    members.swap(Context(acme.database, acme.id, OPERATOR), "ann@example.com", "cy@example.com")
    assert acme.seats_of("ann", "cy") == [("standard", None), ("premium", None)]
    acme.recount()


def test_a_sign_in_does_not_apply_mappings_to_the_primary_owner(acme: Mapped) -> None:
    members.transfer(Context(acme.database, acme.id, OPERATOR), "ann@example.com")
    acme.map("Sales", tier="standard")
    acme.set_mode("jit")
    before = acme.events()

    signing = SignIn("ann@example.com", {"userName": "ann@example.com"}, ["Sales"])
    retried = jit.answer_sign_in(Context(acme.database, acme.id, Actor("app", WayIn.JIT)), signing)

    assert (retried.tier, retried.role) == ("premium", "primary_owner")
    assert acme.events() == before


@pytest.mark.parametrize("end", ["leaves", "deleted"])
def test_a_seated_person_stops_waiting_for_a_tier_that_no_group_gives(acme: Mapped, end: str) -> None:
    acme.unmapped(Unmapped.NONE)
    acme.map("Engineering", tier="premium")
    acme.map("Sales", tier="standard")
    group = acme.group("Engineering", "bob")
    waited = acme.seats_of("bob")

    if end == "leaves":
        acme.change_group(group, remove=["bob"])
    else:
        groups.delete(Context(acme.database, acme.id, OKTA), group)
    acme.remove("ann")

    assert (waited, acme.seats_of("bob")) == ([("standard", "premium")], [("standard", None)])
    assert acme.seats() == {"standard": (2, 2), "premium": (1, 0)}
    acme.recount()


def test_a_person_who_already_has_the_entitlement_is_neither_shown_nor_changed(acme: Mapped) -> None:
    acme.group("Admins", "bob")
    acme.group("Team", "bob")
    acme.map("Admins", role=Role.ADMIN)
    before = acme.person("bob")

    saved = acme.map("Team", role=Role.USER, priority=100)

    assert saved.effects == ()
    assert acme.person("bob") == before


def test_a_waiting_person_who_gets_the_same_role_from_a_group_keeps_waiting(acme: Mapped) -> None:
    acme.provision("dee")
    members.set_role(Context(acme.database, acme.id, OPERATOR), "dee@example.com", Role.ADMIN)
    acme.group("Admins", "dee")

    acme.map("Admins", role=Role.ADMIN)

    assert (acme.roles("dee"), acme.seats_of("dee")) == (["admin"], [(None, "any")])
    assert acme.person("dee").role_mapped
    acme.recount()
