"""One year of an organization, from the signature to the renewal, each amount derived manually."""

from scim_server.store.database.session import Database
from tests.support.builders.customer import Customer, terms


def test_a_year_of_a_customer_is_billed_and_renewed_as_signed(database: Database) -> None:
    # Signed: 3 standard and 1 premium seat for 2026, billed for the whole year at once:
    # 3 x 20.00 x 12 + 1 x 100.00 x 12 = 720.00 + 1,200.00 = 1,920.00
    acme = Customer(database, "2026-01-01", terms(), {"standard": 3, "premium": 1}, bill_opening=True)
    assert acme.invoices() == [(1, "opening", 1_920_00)]

    # January: the provider sends six people to four seats; the highest tier first, then the queue.
    acme.today = "2026-01-10"
    assert acme.provision("ann", "bob", "cy", "dee", "eve", "fay") == [
        "premium", "standard", "standard", "standard", "waiting", "waiting",
    ]  # fmt: skip

    # March: one standard seat for fay by name, although eve came first.
    # From 15 March 9 months and 17 of 31 days are left: 20.00 x (9 + 17/31) = 190.967... = 190.97
    acme.today = "2026-03-15"
    seen = acme.seen(standard=1, for_people=["fay"])
    assert (str(seen.result.bill and seen.result.bill.total), acme.seats()["standard"]) == ("190.97", (3, 3))
    bought = acme.buy(standard=1, for_people=["fay"], confirmation=seen.confirmation)
    assert (bought.seated, bought.promoted) == (("fay@example.com",), 0)
    assert acme.whereabouts("eve", "fay") == ["waiting", "standard"]

    # May: bob leaves; his seat goes to eve in the same transaction, and the plan does not shrink.
    acme.today = "2026-05-20"
    acme.remove("bob")
    assert acme.whereabouts("eve") == ["standard"]
    assert acme.seats() == {"standard": (4, 4), "premium": (1, 1)}

    # July: two standard seats become premium, for cy and dee, who sit on them and move with them.
    # 6 months are left: 2 x (100.00 - 20.00) x 6 = 960.00
    acme.today = "2026-07-01"
    upgraded = acme.buy((2, "standard", "premium"), for_people=["cy", "dee"])
    assert upgraded.moved == ("cy@example.com", "dee@example.com")
    assert acme.whereabouts("cy", "dee") == ["premium", "premium"]
    assert acme.seats() == {"standard": (2, 2), "premium": (3, 3)}

    # September: dee leaves. From the renewal on 1 standard seat is wanted, though two are in use.
    acme.today = "2026-09-09"
    acme.remove("dee")
    acme.schedule(standard=1)

    # 2027: the first change of the year renews first. Two people sit on standard, so the order for one is
    # raised to 2; premium keeps the two in use of three: 2 x 240.00 + 2 x 1,200.00 = 2,880.00
    acme.today = "2027-01-01T00:00"
    assert acme.provision("gus") == ["waiting"]
    assert acme.seats() == {"standard": (2, 2), "premium": (2, 2)}
    assert acme.whereabouts("ann", "cy", "eve", "fay") == ["premium", "premium", "standard", "standard"]
    assert acme.invoices() == [
        (1, "opening", 1_920_00),
        (2, "purchase", 190_97),
        (3, "purchase", 960_00),
        (4, "renewal", 2_880_00),
    ]

    # Nothing is renewed twice.
    assert acme.renew() == ()
    assert len(acme.invoices()) == 4
    acme.recount()


def test_the_events_list_the_changes_in_order(database: Database) -> None:
    acme = Customer(database, "2026-01-01", terms(), {"standard": 1}, bill_opening=True)
    acme.provision("ann", "bob")
    acme.today = "2026-03-01"
    acme.buy(standard=1)
    acme.schedule(standard=1)
    acme.today = "2027-01-02"
    acme.remove("ann")

    assert acme.events() == [
        "organization.created",
        "token.created",
        "contract.signed",
        "person.provisioned",
        "seats.threshold",
        "person.queued",
        "seats.added",
        "person.promoted",
        "contract.reduction_scheduled",
        "contract.renewed",
        "person.deleted",
    ]
    acme.recount()
