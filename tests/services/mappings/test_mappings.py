"""Groups that give tiers and roles: previewed person by person, applied at once, undone with the group."""

from collections.abc import Callable
from typing import Any

import pytest

from scim_server.protocol.change import Kind
from scim_server.protocol.group import MemberChange, parse_group
from scim_server.services.context import Context
from scim_server.services.errors import ServiceError
from scim_server.services.groups import commands as groups
from scim_server.services.mappings import commands as mappings
from scim_server.services.people import commands as members
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.mapping import Unmapped
from seat_policy.roles import Role
from tests.support.builders.customer import OKTA, terms
from tests.support.builders.mapped import GROUPS, Mapped, effects


@pytest.fixture
def acme(database: Database) -> Mapped:
    """Ann has the one premium seat, bob and cy the two standard ones."""
    customer = Mapped(database, "2026-03-01", terms(), {"standard": 2, "premium": 1})
    customer.provision("ann", "bob", "cy")
    return customer


def test_a_preview_shows_the_effects_and_the_price_and_changes_nothing(acme: Mapped) -> None:
    acme.group("Engineering", "ann", "bob")
    before = acme.events()

    saved = acme.map("engineering", tier="premium", role=Role.ADMIN, preview=True)

    assert effects(saved) == {
        "ann": ("admin", "premium", None, None),
        "bob": ("admin", "standard", "premium", None),
    }
    assert (saved.missing, str(saved.price and saved.price.total)) == ({"premium": 1}, "1000.00")
    assert (acme.events(), acme.roles("ann", "bob")) == (before, ["user", "user"])


def test_a_preview_counts_a_missing_seat_for_a_person_who_would_be_refused(database: Database) -> None:
    acme = Mapped(database, "2026-03-01", terms(), {"standard": 1}, overflow="reject")
    acme.provision("ann")
    acme.group("Engineering", "ann")

    saved = acme.map("engineering", tier="premium", preview=True)

    assert effects(saved) == {"ann": ("user", "standard", None, "no_free_seat")}
    assert (saved.missing, str(saved.price and saved.price.total)) == ({"premium": 1}, "1000.00")


def test_with_a_full_tier_people_keep_their_seat_and_move_when_a_seat_is_free(
    acme: Mapped,
) -> None:
    acme.group("Engineering", "bob")
    acme.map("Engineering", tier="premium")

    acme.remove("ann")

    assert acme.seats_of("bob") == [("premium", None)]
    assert acme.seats() == {"standard": (2, 1), "premium": (1, 1)}
    acme.recount()


def test_people_whose_groups_give_each_others_tier_exchange_seats(acme: Mapped) -> None:
    acme.map("Engineering", tier="premium")
    acme.map("Sales", tier="standard")
    engineering, sales = acme.group("Engineering", "ann"), acme.group("Sales", "bob")

    groups.replace(
        Context(acme.database, acme.id, OKTA),
        sales,
        parse_group({"displayName": "Sales"}, GROUPS)[0],
        acme.ids(["ann"]),
    )
    acme.change_group(engineering, add=["bob"], remove=["ann"])

    assert acme.seats_of("ann", "bob") == [("standard", None), ("premium", None)]
    acme.recount()


def test_reject_logs_the_tier_that_was_refused_and_keeps_the_seat(database: Database) -> None:
    acme = Mapped(database, "2026-03-01", terms(), {"standard": 1}, overflow="reject")
    acme.provision("ann")
    acme.group("Engineering", "ann")

    saved = acme.map("Engineering", tier="premium")

    assert effects(saved) == {"ann": ("user", "standard", None, "no_free_seat")}
    assert acme.events()[-1] == "person.tier_refused"
    acme.recount()


def test_under_unmapped_none_people_get_no_seat_until_a_group_gives_one(acme: Mapped) -> None:
    acme.map("Engineering", tier="standard")
    acme.unmapped(Unmapped.NONE)

    came = acme.provision("dee")
    group = acme.group("Engineering", "dee")
    acme.remove("bob")

    assert came == ["none"]
    assert acme.person("dee").unseated is None
    assert acme.seats_of("dee") == [("standard", None)]
    del group
    acme.recount()


def test_under_reject_a_person_whose_new_group_has_no_free_seat_is_refused(
    database: Database,
) -> None:
    acme = Mapped(database, "2026-03-01", terms(), {"standard": 1}, overflow="reject")
    acme.provision("ann")
    acme.map("Engineering", tier="standard")
    acme.unmapped(Unmapped.NONE)
    acme.provision("bob")

    acme.group("Engineering", "bob")

    assert acme.events()[-2:] == ["person.rejected", "seats.refusals_began"]
    assert [row.user_name for row in acme.rows("SELECT user_name FROM refusals")] == ["bob@example.com"]
    acme.recount()


def test_a_role_from_a_group_ends_with_the_membership_and_one_from_an_admin_stays(acme: Mapped) -> None:
    members.set_role(Context(acme.database, acme.id, OPERATOR), "cy@example.com", Role.ADMIN)
    group = acme.group("Admins", "bob")
    acme.map("Admins", role=Role.ADMIN)
    given = acme.roles("bob", "cy")

    acme.change_group(group, remove=["bob"])

    assert (given, acme.roles("bob", "cy")) == (["admin", "admin"], ["user", "admin"])


@pytest.mark.parametrize("end", ["renamed", "deleted", "unmapped"])
def test_a_deleted_or_renamed_group_gives_no_entitlement(acme: Mapped, end: str) -> None:
    group = acme.group("Admins", "bob")
    acme.map("Admins", role=Role.ADMIN, priority=5)

    if end == "renamed":
        acme.rename_group(group, "People")
    elif end == "deleted":
        groups.delete(Context(acme.database, acme.id, OKTA), group)
    else:
        mappings.remove(Context(acme.database, acme.id, OPERATOR), "ADMINS")

    assert (acme.roles("bob"), acme.person("bob").priority) == (["user"], 100)
    assert ("mapping.group_gone" in acme.events()) == (end != "unmapped")
    acme.recount()


def test_a_mapped_group_also_applies_to_members_of_its_inner_groups(acme: Mapped) -> None:
    inner = acme.group("Backend", "bob")
    outer = acme.group("Engineering")
    acme.map("Engineering", role=Role.ADMIN)

    groups.patch(Context(acme.database, acme.id, OKTA), outer, (), [MemberChange(Kind.ADD, (inner,))], GROUPS)
    inside = acme.roles("bob")
    groups.patch(
        Context(acme.database, acme.id, OKTA), outer, (), [MemberChange(Kind.REMOVE, (inner,))], GROUPS
    )

    assert (inside, acme.roles("bob")) == (["admin"], ["user"])


def test_an_admin_cannot_override_the_tier_or_role_of_a_group(acme: Mapped) -> None:
    acme.group("Engineering", "bob")
    acme.map("Engineering", tier="standard", role=Role.USER)
    acme.remove("ann")

    manually: tuple[Callable[[], object], ...] = (
        lambda: members.assign(Context(acme.database, acme.id, OPERATOR), "bob@example.com", "premium"),
        lambda: members.set_role(Context(acme.database, acme.id, OPERATOR), "bob@example.com", Role.ADMIN),
    )
    for change in manually:
        with pytest.raises(ServiceError, match="group"):
            change()


def test_an_owner_cannot_save_a_mapping_that_removes_their_own_role(acme: Mapped) -> None:
    members.set_role(Context(acme.database, acme.id, OPERATOR), "bob@example.com", Role.OWNER)
    members.set_role(Context(acme.database, acme.id, OPERATOR), "cy@example.com", Role.OWNER)
    acme.group("Everyone", "ann", "bob", "cy")
    before = acme.events()

    with pytest.raises(ServiceError, match=r"your own role \(bob@example\.com\) from owner to user"):
        acme.map("Everyone", role=Role.USER, saver=acme.person("bob").id)

    assert acme.events() == before


def test_a_mapping_does_not_remove_the_last_owner(acme: Mapped) -> None:
    for name in ("ann", "bob"):
        members.set_role(Context(acme.database, acme.id, OPERATOR), f"{name}@example.com", Role.OWNER)
    acme.group("Everyone", "ann", "bob", "cy")

    acme.map("Everyone", role=Role.USER)

    assert sorted(acme.roles("ann", "bob", "cy")) == ["owner", "user", "user"]
    assert acme.events().count("person.role_kept") == 1


def test_a_better_priority_changes_the_order_of_the_queue(acme: Mapped) -> None:
    acme.provision("dee", "eve")
    acme.group("Urgent", "eve")

    acme.map("Urgent", priority=1)
    acme.remove("bob")

    assert acme.whereabouts("dee", "eve") == ["waiting", "standard"]
    acme.recount()


def test_a_thousand_people_change_tier_at_once_and_all_keep_access(database: Database) -> None:
    acme = Mapped(database, "2026-03-01", terms(), {"standard": 300, "premium": 200})
    names = [f"p{number}" for number in range(300)]
    acme.map("Engineering", tier="premium")
    acme.unmapped(Unmapped.LOWEST)
    acme.provision(*names)

    acme.group("Engineering", *names)

    # 200 move in the order in which they came, 100 wait and keep their standard seats.
    assert acme.seats() == {"standard": (300, 100), "premium": (200, 200)}
    assert acme.seats_of("p0", "p199", "p200", "p299") == [
        ("premium", None), ("premium", None), ("standard", "premium"), ("standard", "premium"),
    ]  # fmt: skip
    acme.recount()


@pytest.mark.parametrize(
    ("group", "gives", "refusal"),
    [
        ("Engineering", {}, "give a tier, a role or a priority"),
        (" ", {"tier": "standard"}, "displayName or externalId of the group"),
        ("Engineering", {"tier": "gold"}, "has no tier 'gold'"),
        ("Engineering", {"role": Role.PRIMARY_OWNER}, "can only be transferred"),
    ],
)
def test_an_invalid_mapping_is_refused(acme: Mapped, group: str, gives: dict[str, Any], refusal: str) -> None:
    before = acme.events()

    with pytest.raises(ServiceError, match=refusal):
        acme.map(group, **gives)

    assert acme.events() == before
