"""Renewals: due, scheduled, in advance, and the end of a contract."""

import pytest

from scim_server.services.billing.contracts import Terms
from scim_server.services.billing.renewal import Ended, Renewed
from scim_server.services.errors import ServiceError
from scim_server.store.database.session import Database
from seat_policy.contract import Renewal
from tests.support.builders.customer import Customer, terms


def renewed(step: object) -> dict[str, int]:
    assert isinstance(step, Renewed)
    return {tier.tier: tier.renewed for tier in step.tiers}


def test_a_renewal_keeps_the_seats_in_use_and_bills_the_whole_term(database: Database) -> None:
    # The vector: 105 bought, 97 in use; 97 x 240.00 and 105 x 240.00
    acme = Customer(database, "2026-12-01", terms(), {"standard": 105})
    acme.provision(*(f"p{number}" for number in range(97)))

    (seen,) = acme.renew("2027-01-01", preview=True)
    untouched = acme.seats()["standard"]
    acme.today = "2027-01-01T00:00"
    (step,) = acme.renew()

    assert isinstance(step, Renewed)
    assert isinstance(seen, Renewed)
    assert (untouched, acme.seats()["standard"]) == ((105, 97), (97, 97))
    assert [str(bill.total) for bill in (step.bill, step.bill_in_use, step.bill_purchased)] == [
        "23280.00", "23280.00", "25200.00",
    ]  # fmt: skip
    assert (seen.bill, seen.tiers) == (step.bill, step.tiers)
    assert acme.invoices() == [(1, "renewal", 23_280_00)]
    acme.recount()


def test_a_contract_may_renew_all_purchased_seats(database: Database) -> None:
    acme = Customer(database, "2026-12-01", terms(renewal=Renewal.PURCHASED), {"standard": 105})

    acme.today = "2027-01-01"
    (step,) = acme.renew()

    assert renewed(step) == {"standard": 105, "premium": 0}
    assert acme.invoices() == [(1, "renewal", 25_200_00)]
    acme.recount()


def test_a_scheduled_reduction_applies_down_to_the_seats_in_use(database: Database) -> None:
    acme = Customer(database, "2026-12-01", terms(renewal=Renewal.PURCHASED), {"standard": 9, "premium": 4})
    acme.provision("ann", "bob", "cy", "dee", "eve")
    acme.schedule(standard=5, premium=1)
    acme.today = "2027-01-01"

    (step,) = acme.renew()

    assert isinstance(step, Renewed)
    assert renewed(step) == {"standard": 5, "premium": 4}
    assert [tier.clamped for tier in step.tiers] == [False, True]
    # a schedule is for one renewal
    acme.buy(standard=3)
    acme.today = "2028-01-01"
    assert renewed(acme.renew()[0]) == {"standard": 8, "premium": 4}
    acme.recount()


@pytest.mark.parametrize(
    ("quantities", "refusal"),
    [({"standard": 10}, "10 is not a reduction of the 9"), ({"gold": 1}, "has no tier 'gold'")],
)
def test_only_a_reduction_can_be_scheduled(
    database: Database, quantities: dict[str, int], refusal: str
) -> None:
    acme = Customer(database, "2026-12-01", terms(), {"standard": 9})

    with pytest.raises((ServiceError, ValueError), match=refusal):
        acme.schedule(**quantities)


def test_a_scheduled_number_is_limited_to_the_seats_left_after_an_upgrade(database: Database) -> None:
    acme = Customer(database, "2026-12-01", terms(), {"standard": 9})
    acme.schedule(standard=8)
    acme.buy((4, "standard", "premium"))

    (step,) = acme.renew("2027-01-01")

    assert renewed(step) == {"standard": 5, "premium": 0}


def test_a_scheduled_reduction_can_be_cancelled(database: Database) -> None:
    acme = Customer(database, "2026-12-01", terms(renewal=Renewal.PURCHASED), {"standard": 9})
    acme.schedule(standard=5)

    acme.schedule(standard=None)

    assert renewed(acme.renew("2027-01-01")[0]) == {"standard": 9, "premium": 0}


def test_seats_added_to_reach_the_minimum_go_to_the_queue(database: Database) -> None:
    acme = Customer(database, "2026-12-01", terms(minimum=4), {"premium": 1})
    acme.provision("ann", "bob")
    acme.today = "2027-01-01T00:00"

    (step,) = acme.renew()

    assert renewed(step) == {"standard": 3, "premium": 1}
    assert acme.whereabouts("ann", "bob") == ["premium", "standard"]
    # 3 x 240.00 + 1,200.00
    assert acme.invoices() == [(1, "renewal", 1_920_00)]
    acme.recount()


def test_any_write_first_renews_once_for_each_term_that_has_ended(database: Database) -> None:
    acme = Customer(database, "2026-01-31", terms("2026-01-31", months=1), {"standard": 2})
    acme.provision("ann")
    acme.today = "2026-04-30"

    acme.provision("bob")

    # Boundaries of 31 January: 28 February, 31 March, 30 April; each term 1 seat x 20.00.
    assert acme.invoices() == [(number, "renewal", 20_00) for number in (1, 2, 3)]
    days = sorted(tuple(row) for row in acme.rows("SELECT since, until FROM invoices"))
    assert days == [
        ("2026-02-28", "2026-03-31"),
        ("2026-03-31", "2026-04-30"),
        ("2026-04-30", "2026-05-31"),
    ]
    assert acme.whereabouts("ann", "bob") == ["standard", "waiting"]
    acme.recount()


def test_a_renewal_in_advance_is_billed_once_and_changes_the_seats_on_its_first_day(
    database: Database,
) -> None:
    acme = Customer(database, "2026-11-22", terms(), {"standard": 5})
    acme.provision("ann", "bob")

    first, again = acme.renew("2027-01-01"), acme.renew("2027-12-31")
    with pytest.raises(ServiceError, match="2028-01-01 is after the end of the next term"):
        acme.renew("2028-01-01")

    # 2 seats are in use: 2 x 240.00. Until the term ends nothing is taken away (SEATS 3).
    assert (len(first), again, acme.invoices()) == (1, (), [(1, "renewal", 480_00)])
    assert (acme.seats()["standard"], acme.provision("cy")) == ((5, 2), ["standard"])
    # December has its own price: 20.00 x (1 + 9/30)
    acme.buy(standard=1)
    assert acme.invoices()[1:] == [(2, "purchase", 26_00)]
    acme.recount()
    # On the first day three people are seated: the third seat is billed, the two paid ones are not.
    acme.today = "2027-01-01T00:00"
    acme.provision("dee")
    assert (acme.seats()["standard"], acme.invoices()[2:]) == ((3, 3), [(3, "renewal", 240_00)])
    acme.recount()


def test_seats_billed_in_advance_exist_in_the_next_term_even_if_people_leave(database: Database) -> None:
    acme = Customer(database, "2026-11-22", terms(), {"standard": 5})
    acme.provision("ann", "bob")
    acme.renew("2027-01-01")
    acme.remove("ann")

    acme.today = "2027-01-02"
    acme.provision("cy")

    assert acme.seats()["standard"] == (2, 2)
    assert acme.invoices() == [(1, "renewal", 480_00)]
    acme.recount()


def test_a_renewal_in_advance_does_not_end_a_contract_early(database: Database) -> None:
    acme = Customer(database, "2026-11-22", terms(auto_renew=False), {"standard": 1})
    before = acme.events()

    (step,) = acme.renew("2027-01-01")

    assert isinstance(step, Ended)
    assert (step.ahead, acme.events()) == (True, before)
    acme.sign(Terms(auto_renew=True))
    assert acme.provision("ann") == ["standard"]


def test_a_contract_without_renewal_ends_once(database: Database) -> None:
    acme = Customer(database, "2026-12-01", terms(auto_renew=False), {"standard": 1})
    acme.today = "2027-01-01"

    first = acme.renew()
    with pytest.raises(ServiceError, match=r"the contract ended on 2026-12-31\. Sign a new contract"):
        acme.renew()

    assert isinstance(first[0], Ended)
    assert acme.events().count("contract.ended") == 1


def test_a_renewal_of_no_seats_is_an_event_without_an_invoice(database: Database) -> None:
    acme = Customer(database, "2027-01-01", terms(), {"standard": 3})

    acme.renew()

    assert (acme.seats()["standard"], acme.invoices(), acme.events()[-1]) == ((0, 0), [], "contract.renewed")
    acme.recount()


def test_granted_seats_are_not_renewed(database: Database) -> None:
    acme = Customer(database, "2026-12-01", None, {"standard": 3})

    with pytest.raises(ServiceError, match="no contract to renew"):
        acme.renew()
