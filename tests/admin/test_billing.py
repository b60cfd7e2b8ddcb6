"""Contracts, quotes, invoices and credit notes, which equal those of the commands."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner

from scim_server.cli import main
from tests.admin.calling import Place, problem
from tests.admin.prepared import prepare
from tests.support.builders.customer import at, moved

STANDARD, PREMIUM = {"amount": "20.00"}, {"amount": "100.00"}
TERMS = {
    "start": "2026-01-01",
    "months": 12,
    "currency": "USD",
    "prices": {"standard": STANDARD, "premium": PREMIUM},
}
TEN = {"quantity": 10, "from": "standard", "to": "premium"}
FIVE = {"standard": 5}


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


def command(acme: Place, *arguments: str) -> Any:  # noqa: ANN401 - JSON
    """What a command prints with --json."""
    url = {"SCIM_SEATS_DATABASE_URL": acme.context.database.url}
    done = CliRunner().invoke(main, [*arguments, "--json"], env=url)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture
def in_march(acme: Place) -> Iterator[Place]:
    """An organization whose contract of 2026 is two months old."""
    with moved(acme.context.database):
        acme.context.database.now = lambda: at("2026-03-01")
        acme.post("/contract", TERMS)
        yield acme


@pytest.mark.parametrize(
    ("order", "terms", "total"),
    [
        ({"seats": FIVE, "on": "2026-03-01"}, {}, "1000.00"),
        ({"upgrades": [TEN], "on": "2026-03-01"}, {}, "8000.00"),
        ({"seats": FIVE, "upgrades": [TEN], "on": "2026-03-01"}, {}, "9000.00"),
        ({"seats": FIVE, "on": "2026-03-15"}, {}, "954.84"),
        ({"seats": FIVE, "on": "2026-03-15"}, {"method": "day_actual"}, "960.00"),
        ({"seats": FIVE, "on": "2026-03-15"}, {"tax": "19"}, "1136.26"),
        ({"seats": FIVE, "on": "2026-03-01T07:30Z"}, {"time_zone": "America/Los_Angeles"}, "1003.57"),
        ({"seats": FIVE, "on": "2026-03-01T07:30"}, {}, "1000.00"),
    ],
)
def test_a_quote_by_terms_alone_has_the_price_of_the_rules(
    acme: Place, order: dict[str, object], terms: dict[str, object], total: str
) -> None:
    quoted = acme.post("/quotes", {**order, "terms": {**TERMS, **terms}})

    assert quoted["total"] == usd(total)
    assert acme.get("/contract") == {"organization": acme.slug, "status": "none"}


def test_a_quote_without_terms_is_the_price_of_a_purchase_now(in_march: Place) -> None:
    order = {"seats": FIVE, "upgrades": [{**TEN, "quantity": 2}]}
    before = in_march.get("/seats")

    quoted = in_march.post("/quotes", order)
    same = in_march.get("/seats") == before
    bought = in_march.post("/seats/change", order)

    assert same
    assert quoted == {name: bought[name] for name in quoted}
    assert quoted["total"] == usd("2600.00")


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"seats": FIVE}, (409, "no_contract")),
        ({"seats": {}, "terms": TERMS}, (400, "invalid_order")),
        ({"seats": FIVE, "on": "2027-01-01", "terms": TERMS}, (400, "invalid_order")),
        ({"seats": {"gold": 1}, "on": "2026-03-01", "terms": TERMS}, (400, "invalid_order")),
        ({"seats": FIVE, "on": "0001-01-01T00:00+14:00", "terms": TERMS}, (400, "invalid_order")),
        ({"seats": FIVE, "on": "yesterday", "terms": TERMS}, (400, "invalid_body")),
        ({"seats": FIVE, "on": 20260301, "terms": TERMS}, (400, "invalid_body")),
        ({"seats": FIVE, "terms": {"tax_inclusive": True}}, (400, "tax_missing")),
        ({"seats": FIVE, "terms": {"time_zone": "../etc"}}, (400, "invalid_terms")),
        ({"seats": FIVE, "terms": {"colour": "red"}}, (400, "invalid_body")),
    ],
)
def test_an_order_without_a_price_is_refused(acme: Place, order: dict[str, object], code: object) -> None:
    assert acme.refused("POST", "/quotes", order) == code


def test_a_contract_is_signed_and_changed_as_the_command_shows(in_march: Place) -> None:
    changed = in_march.post("/contract", {"auto_renew": False, "bill_to": "Acme Inc."})

    assert (
        changed
        == in_march.get("/contract")
        == command(in_march, "contract", "show", in_march.slug) | {"status": "active"}
    )
    assert (changed["auto_renew"], changed["bill_to"], changed["status"]) == (False, "Acme Inc.", "active")
    assert changed["prices"]["standard"]["term"] == usd("240.00")
    assert in_march.get("/contract/next-term")["next_term"] == {
        "outcome": "will_end",
        "term": 1,
        "end": "2027-01-01",
    }


def test_the_opening_seats_of_a_new_contract_are_billed_once(acme: Place) -> None:
    signed = [acme.post("/contract", {**_now(), "bill_opening": True}, Idempotency_Key="k") for _ in "12"]

    assert signed[0] == signed[1]
    assert signed[0]["invoice"]["total"] == usd("7200.00")
    assert [one["reason"] for one in acme.get("/invoices")["data"]] == ["opening"]
    assert acme.refused("POST", "/contract", {**_now(), "bill_opening": True}) == (409, "contract_runs")


def _now() -> dict[str, object]:
    return {**TERMS, "start": datetime.now(UTC).date().isoformat()}


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({}, "invalid_body"),
        ({"prices": {}}, "invalid_body"),
        ({"prices": {"standard": STANDARD}}, "price_missing"),
        ({**TERMS, "prices": {"standard": STANDARD, "premium": PREMIUM, "gold": PREMIUM}}, "unknown_tier"),
        ({**TERMS, "currency": "XXY"}, "invalid_terms"),
        ({**TERMS, "start": "9999-12-31"}, "invalid_terms"),
    ],
)
def test_a_contract_with_impossible_terms_is_not_signed(
    acme: Place, terms: dict[str, object], code: str
) -> None:
    assert acme.refused("POST", "/contract", terms)[1] == code
    assert acme.get("/contract")["status"] == "none"


def test_fixed_terms_cannot_change_after_an_invoice(in_march: Place) -> None:
    in_march.post("/seats/add", {"seats": FIVE})

    assert in_march.refused("POST", "/contract", {"start": "2026-02-01"}) == (409, "terms_fixed")


def test_a_renewal_in_advance_bills_what_its_preview_showed(in_march: Place) -> None:
    in_march.post("/contract", {"renewal": "purchased"})
    body = {"as_of": "2027-01-01"}
    foreseen = in_march.get("/contract/next-term")["next_term"]
    shown = in_march.post("/contract/renew?preview=true", body)
    nothing = in_march.get("/invoices")["data"]
    in_march.post("/seats/add", {"seats": FIVE})

    late = in_march.call("POST", "/contract/renew", {**body, "confirmation": shown["confirmation"]})
    new = late.json()["preview"]
    done = in_march.post("/contract/renew", {**body, "confirmation": new["confirmation"]})

    assert (shown["steps"], nothing) == ([foreseen], [])
    assert problem(late) == (409, "stale_confirmation")
    assert [one["steps"][0]["total"] for one in (shown, new)] == [usd("7200.00"), usd("8400.00")]
    assert done["steps"][0]["invoice"]["total"] == usd("8400.00")
    assert in_march.get("/invoices?reason=renewal")["data"] == [done["steps"][0]["invoice"]]


def test_only_a_contract_is_renewed_and_only_its_next_term(acme: Place) -> None:
    without = acme.refused("POST", "/contract/renew")
    none = acme.get("/contract/next-term")["next_term"]
    prepare("contracts.renew", acme)

    assert (without, none) == ((409, "no_contract"), None)
    assert acme.refused("POST", "/contract/renew", {"as_of": "9999-12-31"}) == (400, "invalid_day")


def test_invoices_and_credit_notes_equal_those_of_the_commands(in_march: Place) -> None:
    slug = in_march.slug
    in_march.post("/seats/add", {"seats": FIVE})
    in_march.post("/credit-notes", {"invoice": 1, "reason": "ordered by mistake"})

    shown = {number: in_march.get(f"/invoices/{number}") for number in "12"}

    assert shown == {number: command(in_march, "invoice", "show", slug, number) for number in "12"}
    assert in_march.get("/invoices")["data"] == command(in_march, "invoice", "list", slug)["data"]
    assert in_march.get(f"/invoices/{slug}-INV-0001") == shown["1"]
    assert in_march.get("/credit-notes/2") == shown["2"]
    assert (shown["1"]["total"], shown["1"]["lines"][0]["credited_by"]) == (usd("1000.00"), 2)
    assert (shown["2"]["total"], shown["2"]["why"]) == (usd("-1000.00"), "ordered by mistake")


def test_a_credit_note_corrects_the_chosen_lines_once(in_march: Place) -> None:
    in_march.post("/seats/change", {"seats": FIVE, "upgrades": [{**TEN, "quantity": 2}]})
    body = {"invoice": 1, "reason": "too many", "lines": [1]}
    shown = in_march.post("/credit-notes?preview=true", body)
    nothing = in_march.get("/credit-notes")["data"]

    body["confirmation"] = shown["confirmation"]
    notes = [in_march.post("/credit-notes", body, Idempotency_Key="credit") for _ in "12"]
    rest = in_march.post("/credit-notes", {"invoice": 1, "reason": "too many", "lines": [3]})

    assert (shown["preview"], shown["total"], nothing) == (True, usd("-1000.00"), [])
    assert notes[0] == notes[1] == {**shown, "preview": False, "issued": notes[0]["issued"]}
    assert (rest["total"], len(rest["lines"])) == (usd("-1600.00"), 2)
    assert [one["number"] for one in in_march.get("/credit-notes")["data"]] == [3, 2]
    again = in_march.refused("POST", "/credit-notes", {"invoice": 1, "reason": "too many", "lines": [1]})
    assert again == (409, "credited_before")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"invoice": 9, "reason": "x"}, (404, "unknown_invoice")),
        ({"invoice": 1, "reason": "x", "lines": [9]}, (404, "unknown_line")),
        ({"invoice": 1, "reason": " "}, (400, "reason_missing")),
        ({"invoice": "1", "reason": "x"}, (400, "invalid_body")),
        ({"invoice": 10**30, "reason": "x"}, (400, "invalid_body")),
        ({"invoice": 1, "reason": "x", "lines": [0]}, (400, "invalid_body")),
        ({"invoice": 1, "reason": "x", "confirmation": "old"}, (409, "stale_confirmation")),
    ],
)
def test_an_impossible_correction_is_refused(acme: Place, body: dict[str, object], code: object) -> None:
    prepare("invoices.show", acme)

    assert acme.refused("POST", "/credit-notes", body) == code
    assert len(acme.get("/invoices")["data"]) == 1


def test_pages_list_every_invoice_once_and_a_reason_selects(in_march: Place) -> None:
    for _ in range(3):
        in_march.post("/seats/add", {"seats": {"standard": 1}})
    in_march.post("/credit-notes", {"invoice": 2, "reason": "ordered by mistake"})

    first = in_march.get("/invoices?limit=3")
    second = in_march.get(f"/invoices?limit=3&cursor={first['next_cursor']}")
    bought = in_march.get("/invoices?reason=purchase&limit=2")

    assert [one["number"] for page in (first, second) for one in page["data"]] == [4, 3, 2, 1]
    assert second["next_cursor"] is None
    assert [one["number"] for one in bought["data"]] == [3, 2]
    crossed = in_march.refused("GET", f"/invoices?cursor={bought['next_cursor']}")
    assert crossed == (400, "invalid_cursor")
    assert in_march.refused("GET", "/invoices?reason=gift") == (400, "invalid_query")


@pytest.mark.parametrize("key", ["x", "-1", "9" * 30, "٣"])
def test_a_forged_cursor_is_refused(acme: Place, key: str) -> None:
    for path in ("/invoices", "/people"):
        place = [f"/v1/organizations/{acme.slug}{path}", []]
        cursor = base64.urlsafe_b64encode(json.dumps([place, key]).encode()).decode()

        assert acme.refused("GET", f"{path}?cursor={cursor}") == (400, "invalid_cursor")


@pytest.mark.parametrize("name", ["0", "9", "seven", "9" * 30, "-1", "other-INV-0001", "%00"])
def test_an_unknown_invoice_is_not_found_in_any_form(acme: Place, name: str) -> None:
    prepare("invoices.show", acme)

    for path in (f"/invoices/{name}", f"/invoices/{name}/html", f"/invoices/{name}/pdf"):
        assert acme.refused("GET", path)[0] == 404
    assert acme.refused("GET", "/credit-notes/1") == (404, "unknown_invoice")


def test_documents_are_a_page_that_escapes_names_and_a_pdf(in_march: Place) -> None:
    in_march.post("/contract", {"bill_to": "<script>alert(1)</script> & Søn", "seller": '"Vendor" <x>'})
    in_march.post("/seats/add", {"seats": FIVE})

    page = in_march.call("GET", "/invoices/1/html")
    document = in_march.call("GET", "/invoices/1/pdf")

    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Søn" in page.text
    assert "<script" not in page.text
    assert "<x>" not in page.text
    assert "1,000.00" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert document.headers["Content-Type"] == "application/pdf"
    assert f"{in_march.slug}-INV-0001.pdf" in document.headers["Content-Disposition"]
    assert document.content.startswith(b"%PDF")
    assert {one.headers["Cache-Control"] for one in (page, document)} == {"no-store"}
