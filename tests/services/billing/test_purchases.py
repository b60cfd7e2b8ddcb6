"""Buying and upgrading: previewed, confirmed, billed and seated in one transaction, or not at all."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from scim_server.services.billing.contracts import Terms
from scim_server.services.confirmations import Stale
from scim_server.services.context import Context
from scim_server.services.errors import KeyReused, ServiceError
from scim_server.services.organizations import commands as organizations
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.contract import Per
from tests.support.builders.customer import PRICES, Customer, done, terms

MARCH = date(2026, 3, 1)


@pytest.fixture
def acme(database: Database) -> Customer:
    """Two standard seats, both taken, and a person who waits; 1 March: 10 months are left."""
    customer = Customer(database, "2026-03-01", terms(), {"standard": 2})
    customer.provision("ann", "bob", "cy")
    return customer


def untouched(customer: Customer) -> tuple[object, ...]:
    people = customer.rows("SELECT user_name, tier, wants, version FROM people")
    return customer.seats(), customer.invoices(), customer.events(), sorted(map(tuple, people))


def test_purchased_seats_are_billed_and_usable_at_once(acme: Customer) -> None:
    bought = acme.buy(standard=5)

    assert (acme.invoices(), acme.seats()["standard"]) == ([(1, "purchase", 1_000_00)], (7, 3))
    assert (bought.promoted, acme.whereabouts("cy")) == (1, ["standard"])
    acme.recount()


def test_added_and_upgraded_seats_are_on_one_invoice(database: Database) -> None:
    acme = Customer(database, "2026-03-01", terms(), {"standard": 10})

    bought = acme.buy((10, "standard", "premium"), standard=5)

    assert bought.bill is not None
    # 5 x 20.00 x 10; 10 x 100.00 x 10; the credit is the rounded difference of 8,000.00 less the charge
    assert [str(line.net) for line in bought.bill.lines] == ["1000.00", "10000.00", "-2000.00"]
    assert acme.invoices() == [(1, "purchase", 9_000_00)]
    assert acme.seats() == {"standard": (5, 0), "premium": (10, 0)}
    acme.recount()


def test_a_preview_changes_nothing_and_shows_the_later_bill(acme: Customer) -> None:
    before = untouched(acme)

    seen = acme.seen(standard=5, premium=1)
    after_preview = untouched(acme)
    bought = acme.buy(standard=5, premium=1, confirmation=seen.confirmation)

    assert before == after_preview
    assert (seen.result.bill, seen.result.let_in, seen.result.after) == (
        bought.bill,
        bought.let_in,
        bought.after,
    )
    assert [one.user_name for one in bought.let_in] == ["cy@example.com"]
    assert bought.invoice is not None


def another_price(acme: Customer) -> None:
    acme.sign(Terms(prices={"standard": ("21.00", Per.MONTH)}))


def other_seats(acme: Customer) -> None:
    acme.buy(standard=1)


def another_day(acme: Customer) -> None:
    acme.today = "2026-03-02"


def another_in_the_queue(acme: Customer) -> None:
    acme.provision("dee")


def another_before(acme: Customer) -> None:
    acme.remove("cy")
    acme.provision("dee")


CHANGES = [
    # 5 x 21.00 x 10
    (another_price, ["the price is now 1050.00 USD"]),
    (
        other_seats,
        ["the present seats are now 3 standard, 0 premium", "the people who get a seat are now nobody"],
    ),
    # 5 x 20.00 x (9 + 30/31)
    (another_day, ["the price is now 996.77 USD"]),
    (another_in_the_queue, ["the people who get a seat are now cy@example.com, dee@example.com"]),
    (another_before, ["the people who get a seat are now dee@example.com"]),
]


@pytest.mark.parametrize(("change", "words"), CHANGES, ids=[change.__name__ for change, _ in CHANGES])
def test_a_purchase_is_refused_with_the_changes_since_its_preview(
    acme: Customer, change: Callable[[Customer], None], words: list[str]
) -> None:
    seen = acme.seen(standard=5)
    change(acme)
    before = untouched(acme)

    outcome = acme.order(standard=5, confirmation=seen.confirmation)

    assert isinstance(outcome, Stale)
    assert not outcome.foreign
    assert [word for word in words if word not in outcome.detail] == []
    assert len(outcome.changed) == len(words) + (change is other_seats)  # the seats after the change, too
    assert untouched(acme) == before


@pytest.mark.parametrize(
    "other",
    [{"standard": 6}, {"premium": 5}, {"standard": 5, "for_people": ["cy"]}, {"standard": 5, "on": MARCH}],
)
def test_a_confirmation_is_valid_for_one_order_only(acme: Customer, other: dict[str, Any]) -> None:
    acme.today = "2026-03-02"
    seen = acme.seen(standard=5)
    before = untouched(acme)

    outcome = acme.order(**other, confirmation=seen.confirmation)

    assert isinstance(outcome, Stale)
    assert outcome.changed[0].name == "the order is"
    assert untouched(acme) == before


def test_a_confirmation_of_another_organization_or_command_is_refused(acme: Customer) -> None:
    twin = Customer(acme.database, "2026-03-01", terms(), {"standard": 2})
    twin.provision("ann", "bob", "cy")
    tokens = [twin.seen(standard=5).confirmation, done(acme.renewal("2027-01-01", preview=True)).confirmation]
    before = untouched(acme)

    outcomes = [
        acme.order(standard=5, confirmation=str(token)) for token in (*tokens, "", "0" * 32, "x" * 500)
    ]

    assert [isinstance(one, Stale) and one.foreign for one in outcomes] == [True] * 5
    assert all("another organization" in one.detail for one in outcomes if isinstance(one, Stale))
    assert untouched(acme) == before


def test_repeated_previews_give_the_same_confirmation(acme: Customer) -> None:
    tokens = {acme.seen(standard=5).confirmation for _ in range(3)}

    assert len(tokens) == 1


def test_seats_without_a_price_are_confirmed_the_same_way(database: Database) -> None:
    acme = Customer(database, "2026-03-01", None, {"standard": 1})
    acme.provision("ann", "bob")
    seen = acme.seen(standard=1)
    acme.provision("cy")
    acme.remove("bob")

    outcome = acme.order(standard=1, confirmation=seen.confirmation)

    assert isinstance(outcome, Stale)
    assert "the people who get a seat are now cy@example.com" in outcome.detail


def test_an_idempotency_key_buys_once_however_often_it_is_sent(acme: Customer) -> None:
    first = acme.buy(standard=5, key="order-1")
    after = untouched(acme)

    again = acme.buy(standard=5, key="order-1")

    assert (again.invoice, again.repeated, first.repeated) == (first.invoice, True, False)
    assert untouched(acme) == after


def test_a_repeated_key_gets_its_invoice_even_after_sales_have_ended(acme: Customer) -> None:
    first = acme.buy(standard=5, key="order-1")
    organizations.suspend(Context(acme.database, acme.id, OPERATOR))

    again = acme.buy(standard=5, key="order-1")

    assert again.invoice == first.invoice


@pytest.mark.parametrize("other", [{"standard": 6}, {"premium": 5}, {"standard": 5, "for_people": ["cy"]}])
def test_a_key_used_for_another_order_is_refused(acme: Customer, other: dict[str, Any]) -> None:
    acme.buy(standard=5, key="order-1")
    before = untouched(acme)

    with pytest.raises(KeyReused, match="'order-1' was used for another order"):
        acme.buy(**other, key="order-1")

    assert untouched(acme) == before


@pytest.mark.parametrize("key", ["", "  ", "x" * 256])
def test_an_invalid_key_is_refused(acme: Customer, key: str) -> None:
    before = untouched(acme)

    with pytest.raises(ServiceError, match="an idempotency key must have 1 to 255 characters"):
        acme.buy(standard=1, key=key)

    assert untouched(acme) == before


def test_an_upgrade_to_more_seats_than_a_renewal_can_bill_is_refused(database: Database) -> None:
    most = {"standard": 10_000_000, "premium": 10_000_000}
    acme = Customer(database, "2026-03-01", terms(), most)

    with pytest.raises(ServiceError, match="too many premium seats"):
        acme.buy((1, "standard", "premium"))


def test_a_day_of_an_earlier_term_is_refused(database: Database) -> None:
    acme = Customer(database, "2026-12-20", terms(), {"standard": 1})
    acme.provision("ann")
    acme.today = "2027-01-10"

    with pytest.raises(ServiceError, match="2026-12-20 is before the current term"):
        acme.buy(standard=1, on=date.fromisoformat("2026-12-20"))


def test_a_day_without_a_contract_is_refused(database: Database) -> None:
    acme = Customer(database, "2026-03-01", None, {"standard": 1})

    with pytest.raises(ServiceError, match="a day is possible only with a contract"):
        acme.buy(standard=1, on=date.fromisoformat("2026-02-28"))


def test_a_free_purchase_is_an_event_without_an_invoice(database: Database) -> None:
    free = {"standard": ("0", Per.MONTH)}
    acme = Customer(database, "2026-03-01", terms(prices=free), {"standard": 1})

    bought = acme.buy(standard=1, key="free")

    assert (bought.invoice, acme.invoices(), acme.seats()["standard"]) == (None, [], (2, 0))
    assert acme.events()[-1] == "seats.added"
    assert acme.buy(standard=1, key="free").repeated


def test_an_upgrade_takes_free_seats_first(database: Database) -> None:
    acme = Customer(database, "2026-03-01", terms(), {"standard": 3})
    acme.provision("ann")

    acme.buy((2, "standard", "premium"))

    assert acme.seats() == {"standard": (1, 1), "premium": (2, 0)}
    assert acme.whereabouts("ann") == ["standard"]
    acme.recount()


def test_an_upgrade_of_seats_in_use_is_refused_with_the_number_of_people_to_name(acme: Customer) -> None:
    before = untouched(acme)

    with pytest.raises(ServiceError, match="1 more of the standard seats are in use"):
        acme.buy((2, "standard", "premium"), for_people=["ann"])

    assert untouched(acme) == before


def test_named_occupants_move_with_their_seats(acme: Customer) -> None:
    bought = acme.buy((2, "standard", "premium"), for_people=["ann", "bob"])

    assert bought.moved == ("ann@example.com", "bob@example.com")
    assert acme.whereabouts("ann", "bob", "cy") == ["premium", "premium", "waiting"]
    assert acme.seats() == {"standard": (0, 0), "premium": (2, 2)}
    acme.recount()


def test_a_person_who_waits_for_any_tier_gets_an_upgraded_seat(database: Database) -> None:
    acme = Customer(database, "2026-03-01", terms(), {"standard": 2})
    acme.provision("ann", "bob", "cy", "dee")

    acme.buy((1, "standard", "premium"), for_people=["ann"], premium=1)

    assert acme.whereabouts("ann", "bob", "cy", "dee") == ["premium", "standard", "premium", "waiting"]
    acme.recount()


def test_a_purchase_for_a_person_seats_them_before_the_queue(acme: Customer) -> None:
    acme.provision("dee")

    bought = acme.buy(standard=1, for_people=["dee"])

    assert (bought.seated, bought.promoted) == (("dee@example.com",), 0)
    assert acme.whereabouts("cy", "dee") == ["waiting", "standard"]
    acme.recount()


@pytest.mark.parametrize(
    ("order", "refusal"),
    [
        ({}, "nothing is ordered"),
        ({"standard": 0}, "a whole number above 0"),
        ({"standard": -1}, "a whole number above 0"),
        ({"standard": 10**9}, "too many standard seats"),
        ({"gold": 1}, "this organization has no tier 'gold'. Its tiers are: premium, standard"),
        ({"standard": 1, "for_people": ["cy", "cy"]}, "the order contains more people than seats"),
        ({"standard": 2, "for_people": ["cy", "cy"]}, "cy@example.com is seated"),
        (
            {"standard": 1, "for_people": ["nobody"]},
            "this organization has no person with the id or userName 'nobody@example.com'",
        ),
        ({"standard": 1, "for_people": ["ann"]}, "ann@example.com is seated"),
        ({"upgrades": [(1, "premium", "standard")]}, "premium seats cannot be upgraded to standard"),
        ({"upgrades": [(1, "standard", "standard")]}, "standard seats cannot be upgraded to standard"),
        ({"upgrades": [(3, "standard", "premium")]}, "3 standard seats cannot be upgraded: there are 2"),
        ({"upgrades": [(0, "standard", "premium")]}, "0 standard seats cannot be upgraded"),
        ({"upgrades": [(1, "standard", "gold")]}, "has no tier 'gold'"),
    ],
)
def test_an_invalid_order_is_refused_and_changes_nothing(
    acme: Customer, order: dict[str, object], refusal: str
) -> None:
    before = untouched(acme)
    wanted: dict[str, Any] = dict(order)
    upgrades = wanted.pop("upgrades", [])

    with pytest.raises(ServiceError, match=refusal):
        acme.buy(*upgrades, **wanted)

    assert untouched(acme) == before


def test_a_tier_without_a_price_cannot_be_bought(database: Database) -> None:
    acme = Customer(database, "2026-03-01", terms(prices={"standard": PRICES["standard"]}), {"standard": 1})

    with pytest.raises(ServiceError, match="no price for premium"):
        acme.buy(premium=1)
    with pytest.raises(ServiceError, match="no price for premium"):
        acme.buy((1, "standard", "premium"))


def test_the_operator_may_backdate_a_purchase_by_31_days_but_not_postdate_it(acme: Customer) -> None:
    acme.today = "2026-04-01"

    for day, refusal in (("2026-04-02", "in the future"), ("2026-02-28", "The earliest day is 2026-03-01")):
        with pytest.raises(ServiceError, match=refusal):
            acme.buy(standard=1, on=date.fromisoformat(day))
    acme.buy(standard=5, on=date.fromisoformat("2026-03-01"))

    assert acme.invoices() == [(1, "purchase", 1_000_00)]


def test_a_purchase_is_billed_from_its_day_in_the_contracts_time_zone(database: Database) -> None:
    # At 07:30 UTC it is still 28 February in Los Angeles: 5 x 20.00 x (10 + 1/28) = 1,003.57
    acme = Customer(database, "2026-03-01T07:30", terms(time_zone="America/Los_Angeles"), {"standard": 1})

    acme.buy(standard=5)

    assert acme.invoices() == [(1, "purchase", 1_003_57)]


@pytest.mark.parametrize(
    ("today", "reason"),
    [
        ("2025-12-31", "the contract begins on 2026-01-01"),
        ("2027-01-01", "the contract ended on 2026-12-31"),
    ],
)
def test_a_purchase_outside_the_contract_is_refused(database: Database, today: str, reason: str) -> None:
    acme = Customer(database, "2025-12-01", terms(auto_renew=False), {"standard": 1})
    acme.today = today

    with pytest.raises(ServiceError, match=reason):
        acme.buy(standard=1)
    with pytest.raises(ServiceError, match=reason):
        acme.seen(standard=1)

    assert acme.invoices() == []


def test_granted_seats_are_added_without_a_bill(database: Database) -> None:
    acme = Customer(database, "2026-03-01", None, {"standard": 1})
    acme.provision("ann", "bob")

    added = acme.buy((1, "standard", "premium"), standard=1, for_people=["ann"])

    assert (added.bill, acme.invoices()) == (None, [])
    assert acme.seats() == {"standard": (1, 1), "premium": (1, 1)}
    assert acme.whereabouts("ann", "bob") == ["premium", "standard"]
    acme.recount()
