"""Contracts: signed, changed within the limits of invoices, begun, ended, suspended."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from scim_server.services.billing import queries
from scim_server.services.billing.contracts import Terms
from scim_server.services.context import Context
from scim_server.services.errors import ServiceError
from scim_server.services.organizations import commands as organizations
from scim_server.services.seats import commands as seats
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.contract import Per, Renewal, Tier
from seat_policy.proration import Proration
from tests.support.builders.customer import PRICES, Customer, terms


def test_a_contract_takes_over_the_granted_seats_as_its_opening_quantity(database: Database) -> None:
    acme = Customer(database, "2026-03-01", None, {"standard": 50})

    acme.sign(terms())

    assert (acme.seats(), acme.invoices()) == ({"standard": (50, 0), "premium": (0, 0)}, [])
    assert acme.events()[-1] == "contract.signed"
    with pytest.raises(ServiceError, match="bought seats stay until the renewal"):
        seats.grant(acme.context(), {"standard": 40})
    acme.recount()


SHAPES: list[tuple[str, str, Terms, str]] = [
    # 5 x 20.00 x 10
    ("USD for a year", "2026-03-01", terms(), "1000.00"),
    # 5 x 3000 x (9 + 17/31) = 143,225.8
    ("JPY", "2026-03-15", terms(currency="JPY", prices={"standard": ("3000", Per.MONTH)}), "143226"),
    # 5 x 6.125 x (9 + 17/31) = 292.4193
    ("KWD", "2026-03-15", terms(currency="KWD", prices={"standard": ("6.125", Per.MONTH)}), "292.419"),
    # 5 x 20.00 x 22
    ("24 months", "2026-03-01", terms(months=24), "2200.00"),
    # month 1 is 28 February to 30 March: 5 x 20.00 x (10 + 1/31) = 1,003.2258
    ("begun on 31 January", "2026-03-30", terms("2026-01-31"), "1003.23"),
    # 5 x 20.00 x 11
    ("begun on a leap day", "2024-03-29", terms("2024-02-29"), "1100.00"),
    # the third term of a leap-day contract begins on 28 February 2026: 5 x 20.00 x 12
    ("a later term", "2026-02-28", terms("2024-02-29", term=3), "1200.00"),
    # 5 x 250.00 x 10/12 = 1,041.666
    ("priced per term", "2026-03-01", terms(prices={"standard": ("250.00", Per.TERM)}), "1041.67"),
    # 5 x 20.00 x 10 = 1,000.00, of which 19/119 = 159.66 are tax: the total stays
    ("tax inclusive", "2026-03-01", terms(tax=Decimal(19), tax_inclusive=True), "1000.00"),
    ("tax exclusive", "2026-03-01", terms(tax=Decimal(19)), "1190.00"),
    # 292 of 365 days
    ("by days", "2026-03-15", terms(proration=Proration.DAY_ACTUAL), "960.00"),
]


@pytest.mark.parametrize(("shape", "today", "signed", "total"), SHAPES, ids=[shape[0] for shape in SHAPES])
def test_the_price_of_five_seats_is_correct_for_each_kind_of_contract(
    database: Database, shape: str, today: str, signed: Terms, total: str
) -> None:
    del shape
    acme = Customer(database, today, signed, {"standard": 1})

    bought = acme.buy(standard=5)

    assert bought.bill is not None
    assert str(bought.bill.total) == total
    acme.recount()


def test_an_organization_may_have_any_tiers(database: Database) -> None:
    tiers = [Tier("view", 1), Tier("edit", 2), Tier("admin", 3)]
    prices = {"view": ("5", Per.MONTH), "edit": ("15", Per.MONTH), "admin": ("40", Per.MONTH)}
    acme = Customer(database, "2026-07-01", terms(prices=prices), {"view": 3, "admin": 1}, tiers=tiers)

    acme.provision("ann", "bob")
    acme.buy((2, "view", "edit"))

    # 2 x (15 - 5) x 6
    assert acme.invoices() == [(1, "purchase", 120_00)]
    assert acme.whereabouts("ann", "bob") == ["admin", "view"]
    assert acme.seats() == {"view": (1, 1), "edit": (2, 0), "admin": (1, 1)}
    acme.recount()


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"months": 0}, "a term of 0 months"),
        ({"months": 121}, "a term of 121 months"),
        ({"currency": "XXX"}, "'XXX' is not a currency"),
        ({"time_zone": "Mars/Base"}, "not a time zone"),
        ({"time_zone": "../etc/passwd"}, "not a time zone"),
        ({"prices": {"gold": ("1", Per.MONTH)}}, "has no tier 'gold'"),
        ({"prices": {"premium": ("1", Per.MONTH)}}, "standard needs a price"),
        ({"prices": {"standard": ("20.001", Per.MONTH)}}, "too many decimals; USD has 2"),
        ({"prices": {"standard": ("-1", Per.MONTH)}}, "not an amount of money"),
        ({"prices": {"standard": ("9" * 15, Per.MONTH)}}, "too large"),
        ({"minimum": -1}, "a minimum of -1"),
        ({"tax": Decimal(101)}, "a tax of 101"),
        ({"tax": Decimal("1.00001")}, "a tax of 1.00001"),
        ({"term": 0}, "term 0 does not exist"),
        ({"tax_inclusive": True}, "prices include tax, but its percentage is missing"),
        ({"start": date(1, 1, 1)}, "check the year"),
        ({"start": date(9999, 12, 31)}, "beyond the calendar|check the year"),
    ],
)
def test_invalid_terms_are_refused_and_change_nothing(
    database: Database, said: dict[str, Any], refusal: str
) -> None:
    acme = Customer(database, "2026-03-01", None, {"standard": 1})
    before = acme.events()

    with pytest.raises(ServiceError, match=refusal):
        acme.sign(Terms(**{"start": date(2026, 1, 1), "prices": PRICES, **said}))

    assert (queries.contract(acme.context()), acme.events()) == (None, before)


def test_prices_and_choices_of_a_running_contract_can_be_changed(database: Database) -> None:
    acme = Customer(database, "2026-03-01", terms(), {"standard": 1})

    after = acme.sign(Terms(prices={"premium": ("90", Per.MONTH)}, minimum=5, auto_renew=False)).plan.contract
    acme.buy(premium=1)

    assert (after.minimum, after.auto_renew, after.renewal) == (5, False, Renewal.IN_USE)
    assert acme.invoices() == [(1, "purchase", 900_00)]


def test_signing_unchanged_terms_adds_no_event(database: Database) -> None:
    acme = Customer(database, "2026-03-01", terms(), {"standard": 1})
    before = acme.events()

    acme.sign(terms())

    assert acme.events() == before


@pytest.mark.parametrize(
    "said",
    [
        {"start": date(2026, 2, 1)},
        {"months": 6},
        {"currency": "EUR"},
        {"time_zone": "Asia/Tokyo"},
    ],
)
def test_after_the_first_invoice_its_inputs_cannot_be_changed(
    database: Database, said: dict[str, Any]
) -> None:
    acme = Customer(database, "2026-03-01", terms(), {"standard": 1})
    change = Terms(**{"prices": PRICES, **said})
    other = Customer(database, "2026-03-01", terms(), {"standard": 1})

    acme.buy(standard=1)

    with pytest.raises(ServiceError, match="is fixed: invoices were computed with it"):
        acme.sign(change)
    other.sign(change)


# The beginning and the end


def test_the_queue_moves_only_when_the_contract_begins(database: Database) -> None:
    acme = Customer(database, "2025-12-30", None, {"standard": 2})
    acme.provision("ann", "bob", "cy")
    acme.sign(terms())

    refused = acme.provision("dee")
    acme.remove("ann")
    stands = acme.whereabouts("cy")
    acme.recount()
    acme.today = "2026-01-01T00:00"
    acme.provision("eve")

    assert refused == ["refused: No seats are assigned now, because the contract begins on 2026-01-01"]
    assert (stands, acme.whereabouts("bob", "cy", "eve")) == (
        ["waiting"],
        ["standard", "standard", "waiting"],
    )
    acme.recount()


def test_after_the_end_of_the_contract_people_keep_seats_but_none_are_admitted(database: Database) -> None:
    acme = Customer(database, "2026-12-31", terms(auto_renew=False), {"standard": 2})
    acme.provision("ann", "bob", "cy")
    acme.today = "2027-01-01T00:00"

    refused = acme.provision("dee")
    acme.remove("ann")

    assert refused == [
        "refused: No seats are assigned now, because the contract ended on 2026-12-31. "
        "The vendor can renew it"
    ]
    assert acme.whereabouts("bob", "cy") == ["standard", "waiting"]
    assert (acme.seats()["standard"], acme.invoices()) == ((2, 1), [])
    acme.recount()


def test_a_new_contract_after_the_end_takes_over_the_seats_and_moves_the_queue(database: Database) -> None:
    acme = Customer(database, "2026-12-31", terms(auto_renew=False), {"standard": 1})
    acme.provision("ann", "bob")
    acme.today = "2027-02-01"
    acme.remove("ann")

    acme.sign(terms("2027-02-01", currency="EUR"), bill_opening=True)

    assert acme.whereabouts("bob") == ["standard"]
    assert acme.invoices() == [(1, "opening", 240_00)]
    acme.recount()


def test_a_term_ends_at_midnight_in_the_contracts_time_zone(database: Database) -> None:
    zone = "America/Los_Angeles"
    acme = Customer(database, "2026-12-31", terms(time_zone=zone, auto_renew=False), {"standard": 2})

    acme.today = "2027-01-01T07:59:59"
    last = acme.provision("ann")
    acme.today = "2027-01-01T08:00:00"
    after = acme.provision("bob")

    assert last == ["standard"]
    assert after[0].startswith("refused: No seats are assigned now, because the contract ended")


def test_a_suspended_organization_assigns_no_seat_and_removes_none(database: Database) -> None:
    acme = Customer(database, "2026-03-01", terms(), {"standard": 1})
    acme.provision("ann", "bob")
    organizations.suspend(Context(database, acme.id, OPERATOR))

    refused = acme.provision("cy")
    acme.remove("ann")
    waits = acme.whereabouts("bob")
    acme.recount()
    with pytest.raises(ServiceError, match="suspended"):
        acme.buy(standard=1)
    organizations.resume(Context(database, acme.id, OPERATOR))

    assert refused[0].startswith("refused: No seats are assigned now, because this organization is suspended")
    assert (waits, acme.whereabouts("bob")) == (["waiting"], ["standard"])
    assert not organizations.resume(Context(database, acme.id, OPERATOR)).changed
    assert acme.events()[-3:] == ["organization.resumed", "person.promoted", "seats.threshold"]
    acme.recount()


def test_a_start_mistyped_into_the_past_can_be_corrected_before_any_renewal(database: Database) -> None:
    acme = Customer(database, "2026-03-01", None, {"standard": 5})
    assert acme.sign(terms("2016-01-01")).status == "renewal_due"

    corrected = acme.sign(terms("2026-01-01"))

    assert (corrected.status, corrected.plan.contract.term) == ("active", 1)
    assert (acme.seats()["standard"], acme.invoices()) == ((5, 0), [])


def test_a_named_term_must_be_the_current_one(database: Database) -> None:
    acme = Customer(database, "2026-03-01", None, {"standard": 5})

    with pytest.raises(ServiceError, match="term 9 goes from 2034-01-01 to 2034-12-31"):
        acme.sign(terms(term=9))

    assert queries.contract(acme.context()) is None


def test_the_next_contract_keeps_omitted_values(database: Database) -> None:
    first = terms(tax=Decimal(19), seller="Seller", currency="EUR", auto_renew=False)
    acme = Customer(database, "2026-12-31", first, {"standard": 1})
    acme.buy(standard=1)
    acme.today = "2027-01-02"

    second = acme.sign(Terms(start=date(2027, 6, 1))).plan
    corrected = acme.sign(Terms(start=date(2027, 1, 1))).plan

    assert (second.seller, second.contract.currency, second.contract.tax) == (
        "Seller",
        "EUR",
        corrected.contract.tax,
    )
    assert (second.contract.term, corrected.contract.start) == (1, date(2027, 1, 1))
