"""Seats and billing: one order with its review, the next term, automatic purchases, and the invoices."""

import csv
import io
from collections.abc import Callable

import pytest

from scim_server.services.billing import commands as billing
from scim_server.services.billing import queries
from scim_server.services.billing.commands import Request, Terms
from scim_server.services.invoicing import commands as invoicing
from scim_server.services.invoicing import queries as invoices
from scim_server.services.organizations import commands as organizations_commands
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import queries as members
from scim_server.services.seats import queries as seats
from seat_policy.bill import Order
from seat_policy.overflow import Overflow
from seat_policy.roles import Role
from tests.console.conftest import Found
from tests.console.visiting import Place, Visit

PRICES = {"standard": "240.00", "premium": "1200.00"}
ORDER = {"add-standard": "5", "upgrade-standard-premium": "3"}
CONFIRMED = ("confirmation", "key", *ORDER)


@pytest.fixture
def place(new_place: Found) -> Place:
    """Ten standard seats and one premium seat, which the Owner has."""
    return new_place({"standard": 10, "premium": 1}, overflow="queue", prices=PRICES)


def purchased(place: Place) -> dict[str, int]:
    """The purchased seats by tier."""
    return {one.tier.name: one.purchased for one in seats.show(place.context).tiers}


def issued(place: Place) -> list[str]:
    """The totals of the invoices and credit notes, oldest first."""
    return [f"{one.invoice.total / 100:.2f}" for one in reversed(invoices.every(place.context).data)]


def reviewed(owner: Visit, order: dict[str, str] | None = None) -> Visit:
    """The review of an order."""
    return owner.get("/billing/change").post("/billing/change/review", order or ORDER)


def confirmed(owner: Visit) -> Visit:
    """The answer to the button of the review that is shown."""
    fields = {name: owner.hidden(name) for name in CONFIRMED if f'name="{name}"' in owner.page}
    return owner.post("/billing/change", fields)


def missing(visit: Visit, *words: str) -> list[str]:
    """Those of the texts that the page does not show."""
    return [one for one in words if one not in visit.words]


def test_the_page_shows_the_contract_the_seats_and_the_next_term(place: Place) -> None:
    owner = place.enter().get("/billing")

    # In use is one premium seat, so the next term costs 1,200; with all purchased seats
    # 10 x 240 + 1,200 = 3,600.
    assert not missing(
        owner,
        "2026-01-01 to 2026-12-31 (term 1)",
        "It renews on 2027-01-01 for 12 months, with the seats that are in use then.",
        "240.00 USD a term",
        "Price as it stands 1,200.00 USD",
        "With the purchased seats 3,600.00 USD",
        "No invoices yet",
    ), owner.words


def test_one_review_shows_adding_and_upgrading_with_the_price_and_buys_nothing(place: Place) -> None:
    owner = reviewed(place.enter())

    # On 15 March, 9 months and 17 of 31 days of 12 months are left: (9 + 17/31) / 12 = 74/93.
    # Five standard: 5 x 240 x 74/93 = 954.838... Three upgrades: 3 x 960 x 74/93 = 2,291.612...,
    # of which the charge is 3 x 1,200 x 74/93 = 2,864.516... Together 3,246.45.
    assert owner.status == 200
    assert not missing(
        owner,
        "Add 5 standard seats and turn 3 standard seats into premium",
        "240.00 USD a term, for 9 months and 17 days of 12 months (74/93) 954.84 USD",
        "3 premium seats from a lower tier",
        "2,864.52 USD",
        "Credit for 3 standard seats turned into a better tier",
        "-572.91 USD",
        "Total, billed now 3,246.45 USD",
        "You are billed now, for 2026-03-15 to 2026-12-31.",
        "They are not removed before 2027-01-01.",
        "Add 5 standard seats, turn 3 standard seats into premium and bill 3,246.45 USD",
    ), owner.words
    assert (purchased(place), issued(place)) == ({"standard": 10, "premium": 1}, [])


def test_the_confirmed_order_is_one_purchase_with_one_invoice(place: Place) -> None:
    owner = confirmed(reviewed(place.enter()))

    assert owner.status == 200
    assert purchased(place) == {"standard": 12, "premium": 4}
    assert issued(place) == ["3246.45"]
    assert not missing(owner, "Done: Add 5 standard seats", f"Invoice {place.slug}-INV-0001"), owner.words


def test_the_people_who_get_in_are_named_before_and_after(new_place: Found) -> None:
    place = new_place({"standard": 1}, overflow="queue", prices=PRICES)
    place.create("ada@example.com", "grace@example.com", "alan@example.com")

    owner = reviewed(place.enter(), {"add-standard": "2"})
    before = owner.words
    after = confirmed(owner).words

    for shown in (before, after):
        assert "ada@example.com" in shown
        assert "grace@example.com" in shown
        assert "alan@example.com" not in shown
    assert "2 people get in" in before
    assert "1 person was left out" in owner.get("").words


def test_the_same_confirmation_twice_buys_once(place: Place) -> None:
    owner = reviewed(place.enter())
    fields = {name: owner.hidden(name) for name in CONFIRMED}

    owner.post("/billing/change", fields)
    owner.get("/billing")
    again = owner.post("/billing/change", fields)

    assert "This order was already placed" in again.words
    assert (purchased(place), issued(place)) == ({"standard": 12, "premium": 4}, ["3246.45"])


def test_a_stale_confirmation_buys_nothing_and_says_what_changed(place: Place) -> None:
    owner = reviewed(place.enter(), {"add-standard": "5"})
    billing.buy(place.context, Request(Order({"standard": 1})))

    stale = confirmed(owner)

    assert stale.status == 409
    assert not missing(
        stale,
        "nothing was bought",
        "The seats that you have: now 11 standard seats and 1 premium seat.",
        "The seats after this purchase: now 16 standard seats and 1 premium seat.",
    ), stale.words
    assert "The price: now" not in stale.words
    assert purchased(place) == {"standard": 11, "premium": 1}
    # The new review can be confirmed.
    assert confirmed(stale).status == 200
    assert purchased(place) == {"standard": 16, "premium": 1}


@pytest.mark.parametrize("given", ["", "x", "0" * 54])
def test_without_the_confirmation_of_a_review_nothing_is_bought(place: Place, given: str) -> None:
    owner = place.enter().get("/billing/change")

    answer = owner.post("/billing/change", {**ORDER, "confirmation": given, "key": "k"})

    assert (answer.status, issued(place)) == (409, [])


BAD: tuple[tuple[dict[str, str], str], ...] = (
    ({}, "Enter how many seats you need."),
    ({"add-standard": "-1"}, "Enter whole numbers"),
    ({"add-standard": "1.5"}, "Enter whole numbers"),
    ({"add-standard": "9" * 30}, "Enter whole numbers"),
    ({"add-standard": "٣"}, "Enter whole numbers"),
    ({"add-standard": "999999999"}, "maximum"),
    ({"upgrade-standard-premium": "11"}, "cannot be upgraded"),
    ({"add-standard": "1", "people": "nobody@example.com"}, "nobody@example.com"),
)


@pytest.mark.parametrize(("order", "why"), BAD)
def test_a_wrong_order_is_explained_and_what_was_typed_is_kept(
    place: Place, order: dict[str, str], why: str
) -> None:
    owner = place.enter().get("/billing/change").post("/billing/change/review", order)

    assert (owner.status, why in owner.words) == (409, True), owner.words
    assert all(f'value="{text}"' in owner.page or text in owner.words for text in order.values())
    assert issued(place) == []


def test_the_price_beside_the_form_is_a_part_of_a_page_and_buys_nothing(place: Place) -> None:
    owner = place.enter().get("/billing/change")

    part = owner.post("/billing/change/price", {"add-standard": "5"})

    # 5 x 240 x 74/93 = 954.838...
    assert "Total, billed now 954.84 USD" in part.words
    assert "<html" not in part.page
    assert issued(place) == []


def test_occupied_seats_are_upgraded_for_the_people_in_them(new_place: Found) -> None:
    place = new_place({"premium": 1, "standard": 1}, overflow="queue", prices=PRICES)
    place.member("ada@example.com")
    upgrade = {"upgrade-standard-premium": "1"}

    refused = reviewed(place.enter(), upgrade)
    assert (refused.status, "Fewer seats are free" in refused.words) == (409, True)
    owner = reviewed(place.enter(), {**upgrade, "people": "ada@example.com"})
    fields = {name: owner.hidden(name) for name in ("upgrade-standard-premium", "people", "confirmation")}
    owner.post("/billing/change", fields)

    [ada] = [one for one in members.page(place.context).data if one.user_name == "ada@example.com"]
    assert (ada.tier, purchased(place)) == ("premium", {"standard": 0, "premium": 2})


def test_buying_needs_a_recent_sign_in_and_the_order_is_kept(
    place: Place, clock: Callable[[str], None]
) -> None:
    owner = reviewed(place.enter())
    fields = {name: owner.hidden(name) for name in CONFIRMED}

    clock("2026-03-15T09:30:01Z")
    refused = owner.post("/billing/change", fields).status
    later = reviewed(owner)

    assert (refused, issued(place)) == (403, [])
    assert "sign in again to buy" in later.words
    assert 'value="/billing/change?add-standard=5&amp;upgrade-standard-premium=3"' in later.page


PAGES = ("/billing", "/billing/change", "/billing/invoices", "/billing/invoices/1", "/billing/invoices.csv")


@pytest.mark.parametrize("page", PAGES)
def test_admins_see_nothing_about_money(place: Place, page: str) -> None:
    admin = place.enter(place.member("ada@example.com", Role.ADMIN))

    assert admin.get(page).status == 403
    assert admin.get("").post(page, {}).status in (403, 404)


def test_without_a_contract_the_vendor_grants_and_there_is_no_form(new_place: Found) -> None:
    owner = new_place({"standard": 5}).enter().get("/billing")

    assert "Your vendor grants your seats." in owner.words
    assert "/billing/change" not in owner.page
    assert owner.get("/billing/change").path == "/billing"
    assert owner.post("/billing/change/review", ORDER).path == "/billing"


def test_fewer_seats_are_set_for_the_next_term_and_the_undo_is_exact(place: Place) -> None:
    owner = place.enter().get("/billing")

    owner.post("/billing/schedule", {"tier": "standard", "seats": "4"})
    plan = queries.contract(place.context)
    assert plan is not None
    # 4 x 240 + 1,200 = 2,160.
    assert not missing(owner, "The next term has 4 standard seats", "Price as it stands 2,160.00 USD")
    assert plan.plan.scheduled == {"standard": 4}

    owner.post("/billing/schedule", {"tier": "standard", "seats": owner.hidden("seats")})
    plan = queries.contract(place.context)
    assert plan is not None
    assert plan.plan.scheduled == {}


@pytest.mark.parametrize(
    "fields", [{"tier": "standard", "seats": "11"}, {"tier": "none", "seats": "1"}, {"seats": "x"}]
)
def test_a_wrong_number_for_the_next_term_changes_nothing(place: Place, fields: dict[str, str]) -> None:
    owner = place.enter().get("/billing").post("/billing/schedule", fields)

    plan = queries.contract(place.context)
    assert plan is not None
    assert (owner.path, plan.plan.scheduled) == ("/billing", {})
    assert 'class="notice bad"' in owner.page


def test_the_billing_page_shows_what_happens_without_a_free_seat_and_links_to_where_it_is_set(
    place: Place,
) -> None:
    changes = Changes(policies={"standard": Overflow.BUY}, ceilings={"standard": 7})
    organizations_commands.configure(place.context, changes)

    owner = place.enter().get("/billing")

    assert not missing(owner, "standard buy a seat 7", "7 of them can still be bought in this term")
    assert f'href="/console/{place.slug}/provisioning">Change this in Provisioning' in owner.page
    assert 'name="overflow' not in owner.page


def test_an_invoice_is_a_page_and_a_pdf_and_a_credit_note_leads_back_to_it(place: Place) -> None:
    confirmed(reviewed(place.enter()))
    invoicing.credit(place.context, 1, reason="ordered by mistake", positions=[1])
    owner = place.enter()

    listed = owner.get("/billing/invoices").words
    first, pdf = owner.get("/billing/invoices/1").words, owner.get("/billing/invoices/1.pdf").answer
    note = owner.get("/billing/invoices/2")

    assert f"{place.slug}-INV-0001" in listed
    assert "Credit note" in listed
    # The amounts are those of the review above.
    assert "5 standard seats 240.00 USD a term, for 9 months and 17 days of 12 months (74/93)" in first
    assert "3,246.45 USD" in first
    assert f"credited by {place.slug}-INV-0002" in first
    assert (pdf.headers["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert not missing(note, "ordered by mistake", "Credit for line 1: 5 standard seats", "-954.84 USD")
    assert 'href="/console/' + place.slug + '/billing/invoices/1"' in note.page


def test_the_list_of_invoices_is_filtered_and_saved_as_a_file(place: Place) -> None:
    billing.buy(place.context, Request(Order({"standard": 1})))
    invoicing.credit(place.context, 1, reason="wrong")
    owner = place.enter()

    credit = owner.get("/billing/invoices?reason=credit").words
    rows = list(csv.DictReader(io.StringIO(owner.get("/billing/invoices.csv").page.lstrip("\ufeff"))))

    assert f"{place.slug}-INV-0002" in credit
    assert f"{place.slug}-INV-0001" not in credit
    # 240 x 74/93 = 190.967...; a spreadsheet must not compute the negative amount.
    assert [(one["number"], one["total"], one["corrects"]) for one in rows] == [
        (f"{place.slug}-INV-0002", "'-190.97", f"{place.slug}-INV-0001"),
        (f"{place.slug}-INV-0001", "190.97", ""),
    ]


@pytest.mark.parametrize("number", ["2", "0", "-1", "x", "1x", "9" * 30, "2.pdf"])
def test_an_invoice_that_does_not_exist_here_has_no_page(place: Place, new_place: Found, number: str) -> None:
    billing.buy(place.context, Request(Order({"standard": 1})))
    other = new_place({"standard": 1}, prices=PRICES)

    assert place.enter().get(f"/billing/invoices/{number}").status == 404
    assert other.enter().get("/billing/invoices/1").status == 404


def test_spanish_pages_say_prices_parts_and_days_in_spanish(place: Place) -> None:
    owner = place.enter()
    owner.post("/language", {"language": "es", "next": "/billing/change"})

    review = reviewed(owner, {"add-standard": "5"}).words

    assert "240,00 USD por periodo, por 9 meses y 17 días de 12 meses (74/93)" in review
    assert "Añadir 5 asientos standard y facturar 954,84 USD" in review
    assert "954,84 USD" in review
    assert "31 de diciembre de 2026" in review


def test_a_contract_that_has_ended_sells_nothing_and_says_so(
    place: Place, clock: Callable[[str], None]
) -> None:
    owner = place.enter()
    billing.set_contract(place.context, Terms(auto_renew=False))
    assert "It ends, and nobody gets a seat from 2027-01-01" in owner.get("/billing").words

    clock("2027-01-01T09:00:00Z")
    billing.renew(place.context)
    later = place.enter().get("/billing")

    assert "The contract has ended." in later.words
    assert "/billing/change" not in later.page
