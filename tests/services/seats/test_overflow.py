"""People who find no seat, and the seats bought for them (SEATS 24, 26, 27)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from scim_server.services.billing import commands
from scim_server.services.billing.contracts import Terms
from scim_server.services.billing.purchases import Request
from scim_server.services.context import Context
from scim_server.services.errors import ServiceError
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.bill import Order, Upgrade
from seat_policy.contract import Per
from seat_policy.overflow import Overflow
from tests.support.builders.customer import at, moved
from tests.support.builders.organization import ANN, BOB, CY, DEE, Organization, described, small

PRICES = {"standard": ("20.00", Per.MONTH)}


@pytest.fixture(autouse=True)
def _in_march(database: Database) -> Iterator[None]:
    with moved(database):
        database.now = lambda: at("2026-03-01")
        yield


def buying(database: Database, ceiling: int, **terms: object) -> Organization:
    """Under a contract for standard seats, of which there are none yet."""
    organization = Organization(database, {"standard": 0}, "buy")
    commands.set_contract(organization.context(), Terms(prices=PRICES, **terms))  # type: ignore[arg-type]
    organization.set_tier_overflow("standard", None, ceiling)
    return organization


def create(organization: Organization, *names: str) -> list[str]:
    return [organization.create(described(name, "Artist")) for name in names]


def test_the_policy_of_a_tier_applies_to_that_tier_and_can_be_removed(database: Database) -> None:
    organization = Organization(database, {"standard": 0}, "reject")
    organization.set_tier_overflow("premium", "queue")
    queued = organization.create_wanting(described(ANN, "Artist"), "premium")
    others = [organization.create_wanting(described(BOB, "Artist"), wants) for wants in ("standard", "any")]
    organization.set_tier_overflow("premium", None)

    last = organization.create_wanting(described(CY, "Artist"), "premium")

    assert (queued, others, last) == ("waiting", ["refused"] * 2, "refused")
    assert organization.state()["queue"] == [ANN]


def test_after_fallback_is_switched_off_the_lower_seat_and_the_wait_stay(database: Database) -> None:
    organization = small(database)

    organization.set_overflow("reject")
    organization.delete(ANN)

    assert organization.seated() == {BOB: "seated on premium", CY: "seated on standard"}
    organization.recount()


def test_fallback_switched_on_later_gives_waiting_people_no_lower_seat(database: Database) -> None:
    organization = Organization(database, {"standard": 1}, "queue")
    organization.create_wanting(described(ANN, "Artist"), "premium")

    organization.set_overflow("fallback")

    assert organization.seated() == {}
    assert organization.state()["queue"] == [ANN]


def test_a_deactivated_person_loses_both_the_seat_and_the_queue_place(database: Database) -> None:
    organization = small(database)

    organization.patch(BOB, active=False)

    assert organization.seated() == {ANN: "seated on premium", CY: "seated on standard"}
    assert organization.state()["queue"] == []
    organization.recount()


def test_seats_are_bought_up_to_the_ceiling_and_then_newcomers_wait(database: Database) -> None:
    organization = buying(database, 2)

    outcomes = create(organization, ANN, BOB, CY)

    assert outcomes == ["seated on standard", "seated on standard", "waiting"]
    events = organization.state()["events"]
    bought = [
        ("seats.added", ""),
        ("person.provisioned", ANN),
        ("seats.added", ""),
        ("person.provisioned", BOB),
    ]
    assert isinstance(events, list)
    assert events[-5:] == [*bought, ("person.queued", CY)]
    organization.recount()


def test_a_seat_is_bought_for_a_newcomer_while_earlier_people_keep_waiting(database: Database) -> None:
    organization = buying(database, 1)
    organization.set_overflow("queue")
    create(organization, ANN)
    organization.set_overflow("buy")

    outcomes = create(organization, BOB)

    assert outcomes == ["seated on standard"]
    assert organization.state()["queue"] == [ANN]


def test_the_automatic_purchases_of_a_day_are_on_one_invoice_at_its_end(database: Database) -> None:
    organization = buying(database, 3)
    create(organization, ANN, BOB)
    before = organization.state()["invoices"]

    organization.end_day()
    create(organization, CY)
    organization.end_day()

    assert before == []
    billed = [("automatic", {"standard": 2}), ("automatic", {"standard": 1})]
    assert organization.state()["invoices"] == billed
    organization.recount()


def test_without_a_contract_no_seat_is_bought(database: Database) -> None:
    organization = Organization(database, {"standard": 0}, "buy")
    before = organization.state()

    with pytest.raises(ServiceError, match=r"^'buy' needs a contract with a price"):
        organizations.configure(
            Context(database, organization.id, OPERATOR), Changes(policies={}, ceilings={"standard": 1})
        )

    assert organization.state() == before
    assert create(organization, ANN) == ["waiting"]


def test_a_policy_for_an_unknown_tier_is_refused(database: Database) -> None:
    organization = Organization(database, {"standard": 0}, "buy")
    before = organization.state()

    with pytest.raises(ServiceError, match="has no tier 'gold'"):
        organizations.configure(
            Context(database, organization.id, OPERATOR),
            Changes(policies={"standard": Overflow.QUEUE, "gold": Overflow.QUEUE}, ceilings={}),
        )

    assert organization.state() == before


def test_after_a_renewal_the_ceiling_counts_from_zero(database: Database) -> None:
    organization = buying(database, 1, months=1)
    create(organization, ANN, BOB)
    database.now = lambda: at("2026-04-01")

    outcomes = create(organization, CY)

    assert outcomes == ["seated on standard"]
    assert organization.state()["queue"] == [BOB]
    organization.recount()


def test_in_the_next_contract_the_ceiling_counts_from_zero(database: Database) -> None:
    organization = buying(database, 1, months=1, auto_renew=False)
    create(organization, ANN)
    database.now = lambda: at("2026-04-01")
    organization.end_day()
    commands.set_contract(organization.context(), Terms(months=12))

    outcomes = create(organization, BOB)

    assert outcomes == ["seated on standard"]
    organization.recount()


@pytest.mark.parametrize(
    "terms",
    [Terms(months=6), Terms(start=(at("2026-03-01") - timedelta(days=1)).date())],
    ids=["months", "start"],
)
def test_seats_bought_but_not_yet_billed_also_fix_the_terms(database: Database, terms: Terms) -> None:
    organization = buying(database, 1)
    create(organization, ANN)
    before = organization.state()

    with pytest.raises(ServiceError, match="cannot change, because invoices"):
        commands.set_contract(organization.context(), terms)

    assert organization.state() == before


def test_an_upgrade_to_the_wanted_tier_ends_the_occupants_wait(
    database: Database,
) -> None:
    organization = small(database)
    order = Order({}, (Upgrade(1, "standard", "premium"),))

    commands.buy(organization.context(), Request(order, (BOB,)))

    assert organization.seated()[BOB] == "seated on premium"
    assert organization.state()["queue"] == [CY]
    organization.create_wanting(described(DEE, "Artist"), "premium")
    organization.add({"premium": 1})
    organization.recount()
