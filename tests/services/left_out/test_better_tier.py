"""People who have a seat and were refused the tier that their groups give are left out too (SEATS 20, 32)."""

import pytest

from scim_server.services.left_out import commands, queries
from scim_server.services.left_out.queries import LeftOut
from scim_server.services.mappings import commands as mappings
from scim_server.services.organizations import commands as organizations
from scim_server.store.database.session import Database
from tests.support.builders.customer import done as settled
from tests.support.builders.customer import terms
from tests.support.builders.mapped import Mapped


@pytest.fixture
def acme(database: Database) -> Mapped:
    """Ann and bob have standard seats; bob's group gives premium, which has no seats."""
    customer = Mapped(database, "2026-03-01", terms(), {"standard": 2}, overflow="reject")
    customer.provision("ann", "bob")
    customer.map("Gold", tier="premium")
    customer.group("Gold", "bob")
    return customer


def left_out(acme: Mapped) -> LeftOut:
    return queries.left_out(acme.context())


def test_people_refused_a_better_tier_are_listed_separately_with_the_reason(acme: Mapped) -> None:
    found = left_out(acme)

    (one,) = found.wants_better_tier
    assert (found.waiting, found.rejected) == ((), ())
    assert (one.person.user_name, one.tier, one.wants) == ("bob@example.com", "standard", "premium")
    assert (one.reason, one.detail) == (
        "no_free_seat",
        "no premium seat was free, so this person keeps the standard seat",
    )
    assert one.provider_answer == "the change of the group was accepted"


def test_buying_for_all_buys_the_refused_tier_and_moves_these_people(acme: Mapped) -> None:
    preview = settled(commands.buy(acme.context(), preview=True)).result
    done = settled(commands.buy(acme.context())).result

    for cleared in (preview, done):
        assert (cleared.order.adds, cleared.promoted) == ({"premium": 1}, 1)
        assert [one.user_name for one in cleared.let_in] == ["bob@example.com"]
    assert acme.seats_of("bob") == [("premium", None)]
    assert left_out(acme).wants_better_tier == ()
    acme.recount()


def test_a_seat_left_for_a_better_tier_is_not_bought_for_a_refused_newcomer(acme: Mapped) -> None:
    acme.provision("cy")

    done = settled(commands.buy(acme.context())).result

    assert done.order.adds == {"premium": 1}
    assert acme.seats_of("bob", "cy") == [("premium", None), ("standard", None)]
    acme.recount()


@pytest.mark.parametrize("end", ["mapping removed", "left the group", "deactivated", "seat added"])
def test_a_person_without_a_claim_to_another_tier_is_not_listed(acme: Mapped, end: str) -> None:
    if end == "mapping removed":
        mappings.remove(acme.context(), "Gold")
    elif end == "left the group":
        (group,) = acme.rows('SELECT id FROM "groups"')
        acme.change_group(group.id, remove=["bob"])
    elif end == "deactivated":
        acme.remove("bob")
    else:
        commands.buy(acme.context())

    assert left_out(acme).wants_better_tier == ()


def test_in_a_suspended_organization_the_reason_is_the_suspension(acme: Mapped) -> None:
    organizations.suspend(acme.context())

    (one,) = left_out(acme).wants_better_tier

    assert one.reason == "organization_suspended"
