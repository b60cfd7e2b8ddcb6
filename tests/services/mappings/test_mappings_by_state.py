"""Groups of people who are inactive, wait, were refused, or own the organization (SEATS 18-23, 31)."""

import pytest

from scim_server.protocol.attributes import JSON
from scim_server.protocol.group import parse_group
from scim_server.protocol.patch import changes
from scim_server.services.context import Context
from scim_server.services.groups import commands as groups
from scim_server.services.left_out import commands as clearing
from scim_server.services.left_out import queries
from scim_server.services.mappings import commands as mappings
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import commands as people
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.mapping import Unmapped
from seat_policy.overflow import Overflow
from seat_policy.roles import Role
from tests.support.builders.customer import OKTA, USERS, done, terms
from tests.support.builders.mapped import GROUPS, Mapped, effects


@pytest.fixture
def acme(database: Database) -> Mapped:
    """Ann has the one premium seat, bob and cy the two standard ones."""
    customer = Mapped(database, "2026-03-01", terms(), {"standard": 2, "premium": 1})
    customer.provision("ann", "bob", "cy")
    return customer


@pytest.fixture
def strict(database: Database) -> Mapped:
    """Ann has the one seat; the group Engineering gives a seat, and people outside it await a group."""
    customer = Mapped(database, "2026-03-01", terms(), {"standard": 1}, overflow="reject")
    customer.provision("ann")
    customer.map("Engineering", tier="standard")
    customer.unmapped(Unmapped.NONE)
    customer.provision("bob")
    return customer


def activate(acme: Mapped, name: str, *, active: bool) -> None:
    operation: dict[str, JSON] = {"op": "replace", "path": "active", "value": active}
    change = changes({"Operations": [operation]}, USERS)
    people.patch(Context(acme.database, acme.id, OKTA), acme.person(name).id, change, USERS)


def left_out(acme: Mapped) -> list[str | None]:
    return [one.refusal.user_name for one in queries.left_out(acme.context()).rejected]


# Inactive people


@pytest.mark.parametrize("end", ["removed", "deleted", "unmapped"])
def test_a_reactivated_person_does_not_have_the_role_of_a_former_group(acme: Mapped, end: str) -> None:
    group = acme.group("Admins", "bob")
    acme.map("Admins", role=Role.ADMIN)
    activate(acme, "bob", active=False)

    if end == "removed":
        acme.change_group(group, remove=["bob"])
    elif end == "deleted":
        groups.delete(Context(acme.database, acme.id, OKTA), group)
    else:
        mappings.remove(Context(acme.database, acme.id, OPERATOR), "Admins")
    activate(acme, "bob", active=True)

    assert acme.roles("bob") == ["user"]
    acme.recount()


def test_a_reactivated_person_has_the_role_and_priority_of_groups_joined_while_inactive(acme: Mapped) -> None:
    activate(acme, "bob", active=False)
    acme.provision("dee", "eve")
    acme.map("Admins", role=Role.ADMIN, priority=5)

    acme.group("Admins", "bob")
    activate(acme, "bob", active=True)
    acme.remove("cy")

    assert (acme.roles("bob"), acme.person("bob").priority) == (["admin"], 5)
    assert acme.whereabouts("dee", "bob", "eve") == ["standard", "standard", "waiting"]
    acme.recount()


def test_an_inactive_owner_does_not_count_as_the_last_owner(acme: Mapped) -> None:
    group = acme.group("Owners", "ann", "bob")
    acme.map("Owners", role=Role.OWNER)
    activate(acme, "bob", active=False)

    acme.change_group(group, remove=["bob"])

    assert acme.roles("ann", "bob") == ["owner", "user"]


# In the queue


@pytest.mark.parametrize(("overflow", "now"), [("queue", ("none", None)), ("fallback", ("standard", None))])
def test_a_person_who_leaves_the_group_no_longer_waits_for_its_tier(
    database: Database, overflow: str, now: tuple[str, str | None]
) -> None:
    acme = Mapped(database, "2026-03-01", terms(), {"standard": 1}, overflow=overflow)
    acme.map("Engineering", tier="premium")
    acme.unmapped(Unmapped.NONE)
    acme.provision("ann")
    group = acme.group("Engineering", "ann")
    waited = acme.person("ann").wants

    acme.change_group(group, remove=["ann"])
    acme.buy(premium=1)

    assert waited == "premium"
    assert (*acme.whereabouts("ann"), acme.person("ann").wants) == now
    assert acme.seats()["premium"] == (1, 0)
    acme.recount()


# Refused


def test_a_retry_admits_a_person_refused_the_seat_of_their_group(strict: Mapped) -> None:
    strict.group("Engineering", "bob")
    strict.remove("ann")

    retried = clearing.retry(strict.context(), None)

    assert [one.outcome for one in retried.tried] == ["seated"]
    assert strict.seats_of("bob") == [("standard", None)]
    assert (left_out(strict), strict.person("bob").unconfirmed is not None) == ([], True)
    strict.recount()


def test_a_retry_is_refused_again_while_no_seat_is_free(
    strict: Mapped,
) -> None:
    strict.group("Engineering", "bob")

    retried = clearing.retry(strict.context(), None)

    assert [one.outcome for one in retried.tried] == ["rejected"]
    assert str(retried.tried[0].detail).startswith("No free seat: 1 of 1 standard seats are in use.")
    strict.recount()


def test_a_seat_bought_for_a_person_refused_the_seat_of_their_group_goes_to_that_person(
    strict: Mapped,
) -> None:
    strict.group("Engineering", "bob")

    cleared = done(clearing.buy(strict.context())).result

    assert (cleared.order.adds, [one.outcome for one in cleared.retried]) == ({"standard": 1}, ["seated"])
    assert strict.seats()["standard"] == (2, 2)
    strict.recount()


@pytest.mark.parametrize("end", ["removed from it", "deactivated"])
def test_a_person_who_leaves_the_group_or_becomes_inactive_is_no_longer_left_out(
    strict: Mapped, end: str
) -> None:
    group = strict.group("Engineering", "bob")
    before = left_out(strict)

    if end == "deactivated":
        activate(strict, "bob", active=False)
    else:
        strict.change_group(group, remove=["bob"])

    assert (before, left_out(strict)) == (["bob@example.com"], [])
    strict.recount()


def test_a_refused_person_whom_the_provider_sends_as_inactive_is_not_left_out(
    strict: Mapped,
) -> None:
    mappings.remove(Context(strict.database, strict.id, OPERATOR), "Engineering")
    activate(strict, "bob", active=False)
    activate(strict, "bob", active=True)
    before, events = left_out(strict), len(strict.events())

    activate(strict, "bob", active=False)
    activate(strict, "bob", active=False)

    assert (before, left_out(strict)) == (["bob@example.com"], [])
    assert strict.events()[events:] == ["person.dismissed"]
    strict.recount()


# Previews


def test_a_preview_names_people_who_get_seats_left_by_others(acme: Mapped) -> None:
    acme.map("Sales", tier="standard")
    acme.unmapped(Unmapped.NONE)
    acme.provision("dee")
    acme.group("Sales", "dee")
    acme.group("Engineering", "bob")
    acme.buy(premium=1)

    saved = acme.map("Engineering", tier="premium", preview=True)

    assert effects(saved) == {
        "bob": ("user", "premium", None, None),
        "dee": ("user", "standard", None, None),
    }


def test_the_missing_seats_are_of_the_refused_tier(database: Database) -> None:
    acme = Mapped(database, "2026-03-01", terms(), {"standard": 1}, overflow="reject")
    acme.provision("ann")
    acme.group("Engineering", "ann")

    saved = acme.map("Engineering", tier="premium", preview=True)

    assert (saved.missing, str(saved.price and saved.price.total)) == ({"premium": 1}, "1000.00")


def test_a_preview_names_the_seats_to_buy_and_their_price(acme: Mapped) -> None:
    organizations.configure(
        Context(acme.database, acme.id, OPERATOR),
        Changes(policies={"premium": Overflow.BUY}, ceilings={"premium": 1}),
    )
    acme.group("Engineering", "bob", "cy")

    saved = acme.map("Engineering", tier="premium", preview=True)

    assert (saved.bought, str(saved.bought_price and saved.bought_price.total)) == ({"premium": 1}, "1000.00")
    assert (saved.missing, str(saved.price and saved.price.total)) == ({"premium": 1}, "1000.00")
    assert acme.seats()["premium"] == (1, 1)


# Owners


def test_mappings_do_not_affect_the_primary_owner(acme: Mapped) -> None:
    people.transfer(Context(acme.database, acme.id, OPERATOR), "bob@example.com")
    acme.remove("ann")
    before = acme.person("bob")

    acme.map("Engineering", tier="premium", role=Role.USER, priority=5)
    acme.group("Engineering", "bob")

    after = acme.person("bob")
    assert (after.tier, after.role, after.priority) == (before.tier, "primary_owner", 100)
    people.assign(Context(acme.database, acme.id, OPERATOR), "bob@example.com", "premium")
    assert acme.seats_of("bob") == [("premium", None)]
    acme.recount()


def test_a_former_primary_owner_stays_an_owner_after_leaving_the_group(acme: Mapped) -> None:
    group = acme.group("Owners", "bob")
    acme.map("Owners", role=Role.OWNER)
    people.transfer(Context(acme.database, acme.id, OPERATOR), "bob@example.com")
    acme.change_group(group, remove=["bob"])

    people.transfer(Context(acme.database, acme.id, OPERATOR), "cy@example.com")
    acme.map("Urgent", priority=5)
    acme.group("Urgent", "bob")

    assert acme.roles("bob", "cy") == ["owner", "primary_owner"]


# Groups by their externalId


def test_a_group_mapped_by_external_id_may_be_renamed(acme: Mapped) -> None:
    body, _ = parse_group({"displayName": "Admins", "externalId": "00g1"}, GROUPS)
    group = groups.create(Context(acme.database, acme.id, OKTA), body, acme.ids(["bob"])).group.id
    acme.map("00g1", role=Role.ADMIN)

    acme.rename_group(group, "Administrators")

    assert acme.roles("bob") == ["admin"]
    assert "mapping.group_gone" not in acme.events()
