"""The result of a simulation for each kind of person."""

import pytest

from scim_server.services.context import Context
from scim_server.services.errors import ServiceError
from scim_server.services.mappings import commands as mappings
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.admission import Reason
from seat_policy.errors import PolicyError
from seat_policy.mapping import Unmapped
from seat_policy.overflow import Overflow
from seat_policy.roles import Role
from tests.support.builders.arriving import Simulated, Stage, counts_of, fate_of
from tests.support.builders.customer import terms
from tests.support.builders.staging import ANN, BOB, CY, DEE, fates, map_group, of_group, staged


def test_the_first_people_get_the_seats_and_the_others_are_refused_with_a_price(
    database: Database,
) -> None:
    acme = staged(database, standard=1, premium=1)

    foreseen = acme.foresee(ANN, BOB, CY, DEE)

    assert fates(foreseen) == [
        (None, "seated", "premium", None, None),
        (None, "seated", "standard", None, None),
        (None, "refused", None, None, "no_free_seat"),
        (None, "refused", None, None, "no_free_seat"),
    ]
    # 2 x 20.00 x 10 months
    assert (foreseen.missing, str(foreseen.price and foreseen.price.total)) == ({"standard": 2}, "400.00")


def test_without_a_contract_missing_seats_have_no_price(database: Database) -> None:
    acme = staged(database, signed=False, standard=1)

    foreseen = acme.foresee(ANN, BOB)

    assert (foreseen.missing, foreseen.price) == ({"standard": 1}, None)


def test_named_groups_give_their_tier_and_others_are_priced_at_the_lowest(
    database: Database,
) -> None:
    acme = staged(database, "queue", standard=0, premium=0)
    map_group(acme, "Engineering", tier="premium")

    foreseen = acme.foresee(ANN, Simulated("bob", groups=("engineering",)), Simulated("cy", wants="standard"))

    assert [one.waits_for for one in foreseen.people] == ["any", "premium", "standard"]
    assert foreseen.missing == {"standard": 2, "premium": 1}


def test_under_unmapped_none_people_without_a_mapped_group_get_no_seat(database: Database) -> None:
    acme = staged(database, standard=2)
    map_group(acme, "Sales", tier="standard")
    mappings.choose_unmapped(Context(database, acme.id, OPERATOR), Unmapped.NONE)
    acme.provision_person("bob")

    foreseen = acme.foresee(ANN, BOB, Simulated("cy", groups=("Sales",)))
    with_groups = acme.foresee(Simulated("bob", groups=("Sales",)))

    assert fates(foreseen) == [
        (None, "none", None, None, "awaiting_group"),
        ("none", "here", None, None, "awaiting_group"),
        (None, "seated", "standard", None, None),
    ]
    assert fates(with_groups) == [("none", "seated", "standard", None, None)]


def test_existing_members_keep_their_state_and_an_inactive_one_is_reactivated(database: Database) -> None:
    acme = staged(database, "queue", standard=1)
    for name in ("ann", "bob", "cy"):
        acme.provision_person(name)
    acme.deactivate("cy")

    foreseen = acme.foresee(ANN, BOB, CY, Simulated("DEE", active=False))

    assert fates(foreseen) == [
        ("seated", "here", "standard", None, None),
        ("waiting", "here", None, "any", None),
        ("inactive", "waiting", None, "any", "no_free_seat"),
        (None, "inactive", None, None, None),
    ]
    assert (foreseen.missing, foreseen.waiting_already) == ({"standard": 2}, 1)


def test_a_member_is_simulated_with_their_stored_groups(database: Database) -> None:
    acme = staged(database, standard=1, premium=0)
    acme.provision_person("ann")
    acme.deactivate("ann")
    acme.group("Sales", "ann")
    map_group(acme, "Sales", tier="premium")

    assert fates(acme.foresee(ANN)) == [("inactive", "refused", None, None, "no_free_seat")]


def test_an_inactive_person_takes_over_an_invitation_to_their_stored_address(database: Database) -> None:
    acme = staged(database, standard=2)
    acme.provision_person("ann", emails=[{"value": acme.address("a")}])
    acme.deactivate("ann", emails=[{"value": acme.address("a")}])
    acme.invite("a")

    assert fates(acme.foresee(ANN)) == [("inactive", "seated", "standard", None, "invited")]


def test_an_invitee_takes_the_held_seat_by_user_name_or_address(database: Database) -> None:
    acme = staged(database, standard=3)
    acme.invite("ann", "bob")
    acme.invite("dee", role=Role.ADMIN)

    foreseen = acme.foresee(CY, ANN, Simulated("robert", emails=("bob",)), Simulated("d", emails=("dee",)))

    # A role above User waits for the very userName.
    assert fates(foreseen) == [
        (None, "refused", None, None, "no_free_seat"),
        (None, "seated", "standard", None, "invited"),
        (None, "seated", "standard", None, "invited"),
        (None, "refused", None, None, "no_free_seat"),
    ]


def test_a_named_group_gives_an_invitee_another_tier_and_frees_the_held_seat(
    database: Database,
) -> None:
    acme = staged(database, standard=1, premium=0)
    map_group(acme, "Engineering", tier="premium")
    acme.invite("ann")
    organizations.configure(
        Context(database, acme.id, OPERATOR), Changes(policies={"premium": Overflow.QUEUE}, ceilings={})
    )
    simulated = [Simulated("ann", groups=("Engineering",)), BOB]

    foreseen = acme.foresee(*simulated)

    assert [fate_of(one) for one in foreseen.people] == [acme.take_in(one) for one in simulated]
    assert fate_of(foreseen.people[0]) == ("seated", "standard", "premium")


def test_an_invitation_can_be_taken_over_once(database: Database) -> None:
    acme = staged(database, standard=1)
    acme.invite("ann")

    foreseen = acme.foresee(Simulated("a", emails=("ann",)), ANN)

    assert [one.reason for one in foreseen.people] == ["invited", "no_free_seat"]


def test_a_person_who_returns_after_a_mass_removal_gets_the_held_seat(
    database: Database,
) -> None:
    acme = staged(database, standard=25)
    organizations.configure(Context(database, acme.id, OPERATOR), Changes({"hold_removals": True}))
    everybody = [f"p{number:02}" for number in range(25)]
    for name in everybody:
        acme.provision_person(name)
    for name in everybody[:20]:
        acme.deactivate(name)
    acme.delete("p20")
    simulated = [ANN, *map(Simulated, everybody[:21]), BOB]

    foreseen = acme.foresee(*simulated)
    happened = [acme.take_in(one) for one in simulated]

    assert [fate_of(one) for one in foreseen.people] == happened
    assert {one.reason for one in foreseen.people} == {"held", "no_free_seat"}
    assert counts_of(foreseen) == acme.counts()


def test_an_expired_invitation_holds_no_seat(database: Database) -> None:
    acme = staged(database, standard=1)
    acme.invite("ann")
    acme.today = "2026-03-25"

    foreseen = acme.foresee(BOB, ANN)

    assert [fate_of(one)[0] for one in foreseen.people] == ["seated", "refused"]
    assert acme.invited()["ann"] == ("pending", "standard")


def test_the_overflow_policy_of_each_tier_applies_and_fallback_gives_a_lower_seat(database: Database) -> None:
    acme = staged(database, standard=1, premium=0)
    organizations.configure(
        Context(database, acme.id, OPERATOR),
        Changes(policies={"premium": Overflow.FALLBACK, "standard": None}, ceilings={}),
    )
    premium = [Simulated(name, wants="premium") for name in ("ann", "bob")]

    foreseen = acme.foresee(*premium, CY)

    assert [fate_of(one) for one in foreseen.people] == [
        ("seated", "standard", "premium"),
        ("waiting", None, "premium"),
        ("refused", None, None),
    ]
    # Ann gives her standard seat back, and cy takes it.
    assert foreseen.missing == {"premium": 2}


def test_seats_bought_up_to_the_ceiling_are_shown_with_their_price(database: Database) -> None:
    acme = staged(database, "buy", standard=1, ceilings={"standard": 2})

    foreseen = acme.foresee(ANN, BOB, CY, DEE)

    assert [(one.outcome, one.reason) for one in foreseen.people] == [
        ("seated", None),
        ("seated", "bought"),
        ("seated", "bought"),
        ("waiting", "no_free_seat"),
    ]
    assert (foreseen.bought, str(foreseen.price_of_bought and foreseen.price_of_bought.total)) == (
        {"standard": 2},
        "400.00",
    )
    assert (foreseen.missing, str(foreseen.price and foreseen.price.total)) == ({"standard": 1}, "200.00")


@pytest.mark.parametrize(
    ("when", "reason"), [("suspended", Reason.SUSPENDED), ("2027-01-01", Reason.CONTRACT_INACTIVE)]
)
def test_while_no_seats_are_given_all_are_refused_and_none_count_as_missing(
    database: Database, when: str, reason: Reason
) -> None:
    acme = Stage(database, {"standard": 2}, terms=terms(auto_renew=False), overflow="queue")
    acme.invite("ann")
    if when == "suspended":
        organizations.suspend(Context(database, acme.id, OPERATOR))
    else:
        acme.today = when

    foreseen = acme.foresee(ANN, BOB, CY)

    assert {one.reason for one in foreseen.people} == {reason}
    assert (foreseen.standstill, foreseen.missing, foreseen.price) == (reason, {}, None)


def test_the_mode_does_not_affect_a_simulation(database: Database) -> None:
    acme = staged(database, standard=1)
    organizations.configure(Context(database, acme.id, OPERATOR), Changes({"mode": "manual"}))

    assert [one.outcome for one in acme.foresee(ANN).people] == ["seated"]


# An existing group


def test_a_group_is_simulated_as_if_all_members_were_active(database: Database) -> None:
    acme = staged(database, standard=3)
    for name in ("ann", "bob", "cy"):
        acme.provision_person(name)
        if name != "bob":
            acme.deactivate(name)
    acme.provision_person("dee")
    acme.group("Sales", "cy", "bob", "ann")

    foreseen = of_group(acme, "SALES")

    assert [one.simulated.user_name for one in foreseen.people] == [*map(acme.address, ("ann", "bob", "cy"))]
    assert fates(foreseen) == [
        ("inactive", "seated", "standard", None, None),
        ("seated", "here", "standard", None, None),
        ("inactive", "refused", None, None, "no_free_seat"),
    ]


def test_a_group_can_be_simulated_with_another_tier(database: Database) -> None:
    acme = staged(database, standard=1, premium=0)
    acme.provision_person("ann")
    acme.deactivate("ann")
    acme.group("Sales", "ann")

    assert [fate_of(one)[:2] for one in of_group(acme, "sales").people] == [("seated", "standard")]
    assert [one.outcome for one in of_group(acme, "sales", "premium").people] == ["refused"]


def test_a_person_unassigned_by_an_admin_stays_without_a_seat(database: Database) -> None:
    acme = staged(database, standard=1)
    acme.provision_person("ann")
    acme.group("Sales", "ann")
    acme.unassign("ann")

    assert fates(of_group(acme, "Sales")) == [("none", "here", None, None, "unassigned")]


def test_the_error_about_an_unknown_group_or_tier_names_it(database: Database) -> None:
    acme = staged(database, standard=1)

    with pytest.raises(ServiceError, match="this organization has no group 'Sales'"):
        of_group(acme, "Sales")
    with pytest.raises(PolicyError, match="has no tier 'gold'"):
        acme.foresee(Simulated("ann", wants="gold"))
