"""Buying and upgrading: previewed, confirmed, billed and seated in one transaction, or not at all."""

from datetime import date
from typing import Any

import pytest

from scim_server.services.billing.contracts import Terms
from scim_server.services.billing.purchases import Changed, KeyReused
from scim_server.services.context import Context
from scim_server.services.errors import OperatorError
from scim_server.services.organizations import commands as organizations
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.contract import Per
from seat_policy.errors import PolicyError
from tests.support.builders.customer import PRICES, Customer, terms


@pytest.fixture
def acme(database: Database) -> Customer:
    """Two standard seats, both taken, and somebody who waits; 1 March: 10 months are left."""
    customer = Customer(database, "2026-03-01", terms(), {"standard": 2})
    customer.provision("ann", "bob", "cy")
    return customer


def untouched(customer: Customer) -> tuple[object, ...]:
    people = customer.rows("SELECT user_name, tier, wants, version FROM people")
    return customer.seats(), customer.invoices(), customer.events(), sorted(map(tuple, people))


def test_seats_are_billed_and_usable_at_once(acme: Customer) -> None:
    bought = acme.buy(standard=5)

    assert (acme.invoices(), acme.seats()["standard"]) == ([(1, "purchase", 1_000_00)], (7, 3))
    assert (bought.promoted, acme.whereabouts("cy")) == (1, ["standard"])
    acme.recount()


def test_seats_and_upgrades_stand_on_one_invoice(database: Database) -> None:
    acme = Customer(database, "2026-03-01", terms(), {"standard": 10})

    bought = acme.buy((10, "standard", "premium"), standard=5)

    assert bought.bill is not None
    # 5 x 20.00 x 10; 10 x 100.00 x 10; the credit is the rounded difference of 8,000.00 less the charge
    assert [str(line.net) for line in bought.bill.lines] == ["1000.00", "10000.00", "-2000.00"]
    assert acme.invoices() == [(1, "purchase", 9_000_00)]
    assert acme.seats() == {"standard": (5, 0), "premium": (10, 0)}
    acme.recount()


def test_a_preview_changes_nothing_and_shows_what_is_billed(acme: Customer) -> None:
    before = untouched(acme)

    seen = acme.buy(standard=5, premium=1, preview=True)
    after_preview = untouched(acme)
    bought = acme.buy(standard=5, premium=1, confirmation=seen.confirmation)

    assert before == after_preview
    assert (seen.bill, seen.promoted, seen.after) == (bought.bill, bought.promoted, bought.after)
    assert bought.invoice is not None


@pytest.mark.parametrize("change", ["price", "seats", "day"])
def test_what_changed_since_the_preview_is_refused_with_the_new_figures(acme: Customer, change: str) -> None:
    seen = acme.buy(standard=5, preview=True)
    if change == "price":
        acme.sign(Terms(prices={"standard": ("21.00", Per.MONTH)}))
    elif change == "seats":
        acme.buy(standard=1)
    else:
        acme.today = "2026-03-02"
    before = untouched(acme)
    # 5 x 21.00 x 10; the same; 5 x 20.00 x (9 + 30/31)
    now = {"price": "1050.00", "seats": "1000.00", "day": "996.77"}[change]

    with pytest.raises(Changed, match=rf"is now {now} USD"):
        acme.buy(standard=5, confirmation=seen.confirmation)

    assert untouched(acme) == before


def test_a_key_buys_once_however_often_it_is_sent(acme: Customer) -> None:
    first = acme.buy(standard=5, key="order-1")
    after = untouched(acme)

    again = acme.buy(standard=5, key="order-1")

    assert (again.invoice, again.repeated, first.repeated) == (first.invoice, True, False)
    assert untouched(acme) == after


def test_a_key_is_answered_with_its_invoice_even_when_no_seat_is_sold_any_more(acme: Customer) -> None:
    first = acme.buy(standard=5, key="order-1")
    organizations.suspend(Context(acme.database, acme.id, OPERATOR))

    again = acme.buy(standard=5, key="order-1")

    assert again.invoice == first.invoice


@pytest.mark.parametrize("other", [{"standard": 6}, {"premium": 5}, {"standard": 5, "for_people": ["cy"]}])
def test_a_key_that_bought_something_else_is_refused(acme: Customer, other: dict[str, Any]) -> None:
    acme.buy(standard=5, key="order-1")
    before = untouched(acme)

    with pytest.raises(KeyReused, match="'order-1' has bought something else"):
        acme.buy(**other, key="order-1")

    assert untouched(acme) == before


@pytest.mark.parametrize("key", ["", "  ", "x" * 256])
def test_a_key_that_is_none_is_refused(acme: Customer, key: str) -> None:
    before = untouched(acme)

    with pytest.raises(OperatorError, match="an idempotency key is 1 to 255 letters"):
        acme.buy(standard=1, key=key)

    assert untouched(acme) == before


def test_no_upgrade_makes_more_seats_than_a_renewal_can_bill(database: Database) -> None:
    most = {"standard": 10_000_000, "premium": 10_000_000}
    acme = Customer(database, "2026-03-01", terms(), most)

    with pytest.raises(OperatorError, match="too many premium seats"):
        acme.buy((1, "standard", "premium"))


def test_a_day_of_an_earlier_term_is_refused(database: Database) -> None:
    acme = Customer(database, "2026-12-20", terms(), {"standard": 1})
    acme.provision("ann")
    acme.today = "2027-01-10"

    with pytest.raises(OperatorError, match="2026-12-20 lies before the term that runs"):
        acme.buy(standard=1, on=date.fromisoformat("2026-12-20"))


def test_granted_seats_have_no_day(database: Database) -> None:
    acme = Customer(database, "2026-03-01", None, {"standard": 1})

    with pytest.raises(OperatorError, match="only a purchase under a contract has a day"):
        acme.buy(standard=1, on=date.fromisoformat("2026-02-28"))


def test_what_costs_nothing_is_an_event_without_an_invoice(database: Database) -> None:
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


def test_an_upgrade_of_seats_in_use_says_how_many_people_must_be_named(acme: Customer) -> None:
    before = untouched(acme)

    with pytest.raises(OperatorError, match="1 more of the standard seats are in use"):
        acme.buy((2, "standard", "premium"), for_people=["ann"])

    assert untouched(acme) == before


def test_named_occupants_move_with_their_seats(acme: Customer) -> None:
    bought = acme.buy((2, "standard", "premium"), for_people=["ann", "bob"])

    assert bought.moved == ("ann@example.com", "bob@example.com")
    assert acme.whereabouts("ann", "bob", "cy") == ["premium", "premium", "waiting"]
    assert acme.seats() == {"standard": (0, 0), "premium": (2, 2)}
    acme.recount()


def test_who_waits_for_any_seat_gets_one_that_was_upgraded_into(database: Database) -> None:
    acme = Customer(database, "2026-03-01", terms(), {"standard": 2})
    acme.provision("ann", "bob", "cy", "dee")

    acme.buy((1, "standard", "premium"), for_people=["ann"], premium=1)

    assert acme.whereabouts("ann", "bob", "cy", "dee") == ["premium", "standard", "premium", "waiting"]
    acme.recount()


def test_a_purchase_for_somebody_seats_them_before_the_queue(acme: Customer) -> None:
    acme.provision("dee")

    bought = acme.buy(standard=1, for_people=["dee"])

    assert (bought.seated, bought.promoted) == (("dee@example.com",), 0)
    assert acme.whereabouts("cy", "dee") == ["waiting", "standard"]
    acme.recount()


@pytest.mark.parametrize(
    ("order", "refusal"),
    [
        ({}, "nothing is ordered"),
        ({"standard": 0}, "whole numbers above 0"),
        ({"standard": -1}, "whole numbers above 0"),
        ({"standard": 10**9}, "too many standard seats"),
        ({"gold": 1}, "there is no tier 'gold'; this organization has: premium, standard"),
        ({"standard": 1, "for_people": ["cy", "cy"]}, "more people are named than seats are ordered"),
        ({"standard": 2, "for_people": ["cy", "cy"]}, "cy@example.com is seated"),
        ({"standard": 1, "for_people": ["nobody"]}, "there is nobody called 'nobody@example.com'"),
        ({"standard": 1, "for_people": ["ann"]}, "ann@example.com is seated"),
        ({"upgrades": [(1, "premium", "standard")]}, "premium seats cannot be upgraded to standard"),
        ({"upgrades": [(1, "standard", "standard")]}, "standard seats cannot be upgraded to standard"),
        ({"upgrades": [(3, "standard", "premium")]}, "3 standard seats cannot be upgraded: there are 2"),
        ({"upgrades": [(0, "standard", "premium")]}, "0 standard seats cannot be upgraded"),
        ({"upgrades": [(1, "standard", "gold")]}, "there is no tier 'gold'"),
    ],
)
def test_an_order_that_cannot_be_is_refused_and_changes_nothing(
    acme: Customer, order: dict[str, object], refusal: str
) -> None:
    before = untouched(acme)
    wanted: dict[str, Any] = dict(order)
    upgrades = wanted.pop("upgrades", [])

    with pytest.raises((OperatorError, PolicyError), match=refusal):
        acme.buy(*upgrades, **wanted)

    assert untouched(acme) == before


def test_a_tier_without_a_price_cannot_be_bought(database: Database) -> None:
    acme = Customer(database, "2026-03-01", terms(prices={"standard": PRICES["standard"]}), {"standard": 1})

    with pytest.raises(OperatorError, match="no price for premium"):
        acme.buy(premium=1)
    with pytest.raises(OperatorError, match="no price for premium"):
        acme.buy((1, "standard", "premium"))


def test_the_operator_may_date_a_purchase_back_by_31_days_and_never_ahead(acme: Customer) -> None:
    acme.today = "2026-04-01"

    for day, refusal in (("2026-04-02", "in the future"), ("2026-02-28", "the earliest day is 2026-03-01")):
        with pytest.raises(OperatorError, match=refusal):
            acme.buy(standard=1, on=date.fromisoformat(day))
    acme.buy(standard=5, on=date.fromisoformat("2026-03-01"))

    assert acme.invoices() == [(1, "purchase", 1_000_00)]


def test_the_day_is_the_one_where_the_contract_counts(database: Database) -> None:
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
def test_nothing_is_bought_outside_the_contract(database: Database, today: str, reason: str) -> None:
    acme = Customer(database, "2025-12-01", terms(auto_renew=False), {"standard": 1})
    acme.today = today

    with pytest.raises(OperatorError, match=reason):
        acme.buy(standard=1)
    with pytest.raises(OperatorError, match=reason):
        acme.buy(standard=1, preview=True)

    assert acme.invoices() == []


def test_granted_seats_are_added_without_a_bill(database: Database) -> None:
    acme = Customer(database, "2026-03-01", None, {"standard": 1})
    acme.provision("ann", "bob")

    added = acme.buy((1, "standard", "premium"), standard=1, for_people=["ann"])

    assert (added.bill, acme.invoices()) == (None, [])
    assert acme.seats() == {"standard": (1, 1), "premium": (1, 1)}
    assert acme.whereabouts("ann", "bob") == ["premium", "standard"]
    acme.recount()
