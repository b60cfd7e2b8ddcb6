"""Sign-ins of existing people: the entitlement of their groups, and the Primary Owner."""

import pytest

from scim_server.protocol.attributes import JSON
from scim_server.services.context import Context
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import commands as jit
from scim_server.services.people import commands as members
from scim_server.services.people.sign_in import Answer, SignIn
from scim_server.store.database.session import OPERATOR, Actor, Database
from seat_policy.contract import Tier
from seat_policy.overflow import Overflow
from seat_policy.ways_in import WayIn
from tests.support.builders.customer import terms
from tests.support.builders.mapped import Mapped

APP = Actor("app", WayIn.JIT)


class Vendor(Mapped):
    def sign_in(self, name: str, *groups: str, **said: JSON) -> Answer:
        address = f"{name}@example.com"
        signing = SignIn(address, {"userName": address, **said}, groups)
        return jit.answer_sign_in(Context(self.database, self.id, APP), signing)


@pytest.fixture
def acme(database: Database) -> Vendor:
    """One standard seat and no premium one; people are created by sign-ins."""
    customer = Vendor(database, "2026-03-01", terms(), {"standard": 1})
    organizations.configure(Context(database, customer.id, OPERATOR), Changes({"mode": "jit"}))
    customer.map("Gold", tier="premium")
    customer.map("Sales", tier="standard")
    return customer


def test_a_person_waiting_for_a_tier_that_no_group_gives_any_more_waits_for_any(acme: Vendor) -> None:
    acme.sign_in("ann", "Gold")
    waiting = acme.seats_of("ann")

    answer = acme.sign_in("ann")

    assert waiting == [(None, "premium")]
    assert (answer.decision, answer.tier) == ("admitted", "standard")
    acme.recount()


def test_a_person_with_the_tier_of_their_group_does_not_wait_for_another(acme: Vendor) -> None:
    acme.sign_in("ann", "Sales")
    acme.sign_in("ann", "Gold")
    waiting = acme.seats_of("ann")

    acme.sign_in("ann", "Sales")

    assert (waiting, acme.seats_of("ann")) == ([("standard", "premium")], [("standard", None)])
    acme.recount()


def test_the_primary_owner_keeps_the_address_when_signing_in_with_another(acme: Vendor) -> None:
    acme.sign_in("ann", "Sales", emails=[{"value": "ann@example.com"}])
    members.transfer(Context(acme.database, acme.id, OPERATOR), "ann@example.com")
    before = acme.person("ann").document

    answer = acme.sign_in("ann", "Gold", emails=[{"value": "ann@example.org"}])

    assert (answer.decision, answer.role, answer.tier) == ("admitted", "primary_owner", "standard")
    assert acme.person("ann").document == before


def test_a_sign_in_outside_the_contract_is_refused_as_contract_inactive(acme: Vendor) -> None:
    acme.sign(terms(auto_renew=False))
    acme.today = "2027-01-01"

    answer = acme.sign_in("bob")

    assert (answer.decision, answer.reason) == ("refused", "contract_inactive")


def test_a_tier_refused_again_after_a_wait_for_another_is_recorded_again(database: Database) -> None:
    tiers = [Tier(name, rank) for rank, name in enumerate(("basic", "standard", "premium"), start=1)]
    acme = Vendor(database, "2026-03-01", None, {"standard": 1}, overflow="reject", tiers=tiers)
    organizations.configure(Context(database, acme.id, OPERATOR), Changes({"mode": "jit"}))
    organizations.configure(
        Context(database, acme.id, OPERATOR), Changes(policies={"premium": Overflow.QUEUE}, ceilings={})
    )
    acme.map("Gold", tier="premium")
    acme.map("Crew", tier="basic")
    acme.sign_in("ann")

    for group in ("Crew", "Gold", "Crew", "Crew"):
        acme.sign_in("ann", group)

    types = [one.partition(".")[2] for one in acme.events() if one.startswith("person.")]
    assert types == ["provisioned", "tier_refused", "queued", "wait_ended", "tier_refused"]
