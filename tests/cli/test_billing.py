"""The operator's billing commands, in JSON and as text."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from click.testing import CliRunner, Result

from scim_server.cli import main
from tests.support.servers.running import Organization, Server

TODAY = datetime.now(UTC).date()


def months_ago(months: int) -> date:
    """The first of a month, so that today is never on a boundary that moves under the test at midnight."""
    year, month = divmod(TODAY.year * 12 + TODAY.month - 1 - months, 12)
    return date(year, month + 1, 1)


def run(server: Server, *arguments: str) -> Result:
    done = CliRunner().invoke(main, arguments, env=dict(server.environment))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def run_json(server: Server, *arguments: str) -> dict[str, Any]:
    done = run(server, *arguments, "--json")
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def refused(server: Server, *arguments: str) -> str:
    done = run(server, *arguments)
    assert done.exit_code in (1, 2)
    assert "Traceback" not in done.output
    return done.output


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


@pytest.fixture
def signed(server: Server) -> Organization:
    """A customer two months into a year, billed by the month started: 10 months are left all month long."""
    slug = f"o{uuid4().hex}"
    made = run_json(
        server, "org", "create", slug, "--seats", "standard=2", "--overflow", "queue",
        "--start", str(months_ago(2)), "--months", "12", "--currency", "usd", "--method", "month_started",
        "--price", "standard=20.00", "--term-price", "premium=1200",
    )  # fmt: skip
    return Organization(made["org"], made["base_url"], made["token"])


def create(organization: Organization, *names: str) -> list[httpx.Response]:
    with organization.client() as client:
        return [client.post("/Users", json={"userName": f"{name}@example.com"}) for name in names]


def test_org_create_with_prices_signs_a_contract(server: Server, signed: Organization) -> None:
    shown = run_json(server, "contract", "show", signed.slug)

    start, end = months_ago(2), months_ago(-10)
    assert shown == {
        "organization": signed.slug,
        "status": "active",
        "suspended": None,
        "start": str(start),
        "months": 12,
        "term": {"number": 1, "start": str(start), "end": str(end)},
        "currency": "USD",
        "prices": {
            "premium": {"amount": usd("1200.00"), "per": "term", "term": usd("1200.00")},
            "standard": {"amount": usd("20.00"), "per": "month", "term": usd("240.00")},
        },
        "time_zone": "UTC",
        "method": "month_started",
        "minimum": 0,
        "auto_renew": True,
        "renewal": "in_use",
        "tax": None,
        "purchased": {"standard": 2, "premium": 0},
        "scheduled": {},
        "seller": "",
        "bill_to": signed.slug,
        "ended": None,
        "invoice": None,
    }


def test_a_confirmed_purchase_is_billed_and_seats_waiting_people(
    server: Server, signed: Organization
) -> None:
    create(signed, "ann", "bob", "cy", "dee")
    order = ("seats", "add", signed.slug, "standard=5", "--for", "dee@example.com")

    preview = run_json(server, *order)
    done = run_json(server, *order, "--confirm", preview["confirmation"])

    assert (preview["preview"], preview["invoice"], preview["total"]) == (True, None, usd("1000.00"))
    assert (done["preview"], done["total"], done["invoice"]["number"]) == (False, usd("1000.00"), 1)
    assert (done["seated_for"], done["promoted"]) == (["dee@example.com"], 1)
    assert done["tiers"]["standard"] == {"purchased": 7, "assigned": 4, "held": 0, "free": 3, "waiting": 0}
    assert run_json(server, "invoice", "list", signed.slug)["data"] == [done["invoice"]]
    assert "the order is now 5 standard" in refused(server, *order[:4], "--confirm", preview["confirmation"])


def test_a_preview_names_the_people_who_would_get_a_seat(server: Server, signed: Organization) -> None:
    create(signed, "ann", "bob", "cy", "dee")

    shown = run(server, "seats", "add", signed.slug, "standard=2", "--for", "dee@example.com").output

    lines = shown.splitlines()
    assert lines[0] == "Seats after the change:"
    assert "Would get a seat first: dee@example.com." in lines
    assert "1 waiting person would get a seat: cy@example.com (standard)." in lines
    assert lines[-1].startswith("--confirm ")
    assert max(map(len, lines)) <= 80


def test_added_and_upgraded_seats_are_one_purchase_and_one_invoice(server: Server) -> None:
    slug = f"o{uuid4().hex}"
    run_json(
        server, "org", "create", slug, "--seats", "standard=10", "--start", str(months_ago(2)), "--method",
        "month_started", "--price", "standard=20.00", "--price", "premium=100.00",
    )  # fmt: skip
    order = ("seats", "change", slug, "standard=+5", "standard:premium=10")

    preview = run_json(server, *order)
    done = run_json(server, *order, "--confirm", preview["confirmation"])

    assert (preview["total"], done["total"]) == (usd("9000.00"), usd("9000.00"))
    assert (done["added"], done["upgraded"]) == (
        {"standard": 5},
        [{"quantity": 10, "from": "standard", "to": "premium"}],
    )
    (invoice,) = run_json(server, "invoice", "list", slug)["data"]
    assert (invoice["total"], len(invoice["lines"])) == (usd("9000.00"), 3)
    assert {tier: one["purchased"] for tier, one in done["tiers"].items()} == {"standard": 5, "premium": 10}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("add", "{slug}", "standard=1"), ("change", "{slug}", "standard=+1")),
        (("upgrade", "{slug}", "standard=1:premium"), ("change", "{slug}", "standard:premium=1")),
    ],
)
def test_short_forms_place_the_same_order(
    server: Server, signed: Organization, first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    one, other = (
        run_json(server, "seats", *(word.format(slug=signed.slug) for word in words))
        for words in (first, second)
    )

    assert one == other


def test_a_confirmation_of_another_organization_is_refused_with_its_code(
    server: Server, signed: Organization
) -> None:
    slug = f"o{uuid4().hex}"
    run_json(
        server, "org", "create", slug, "--seats", "standard=2", "--start", str(months_ago(2)), "--method",
        "month_started", "--price", "standard=20.00",
    )  # fmt: skip
    token = run_json(server, "seats", "add", slug, "standard=5")["confirmation"]

    answer = run(server, "seats", "add", signed.slug, "standard=5", "--confirm", token, "--json")

    error = json.loads(answer.stderr)["error"]
    assert (answer.exit_code, answer.stdout, error["code"]) == (1, "", "stale_confirmation")
    assert "for another organization" in error["detail"]
    assert run_json(server, "invoice", "list", signed.slug) == {"data": [], "next_cursor": None}


def test_an_idempotency_key_buys_once(server: Server, signed: Organization) -> None:
    order = ("seats", "add", signed.slug, "standard=5", "--yes", "--key", "order-1")

    first, again = run_json(server, *order), run_json(server, *order)

    assert (first["repeated"], again["repeated"], again["invoice"]) == (False, True, first["invoice"])
    assert "was used for another order" in refused(
        server, "seats", "add", signed.slug, "standard=6", "--yes", "--key", "order-1"
    )


def test_an_upgrade_moves_seats_with_the_named_occupants(server: Server, signed: Organization) -> None:
    create(signed, "ann", "bob")
    order = ("seats", "upgrade", signed.slug, "standard=1:premium", "--yes")

    missing = refused(server, *order)
    done = run_json(server, *order, "--for", "ann@example.com")

    assert "1 more of the standard seats are in use" in missing
    # (1,200 - 240) x 10/12
    assert (done["total"], done["moved_for"]) == (usd("800.00"), ["ann@example.com"])


def test_an_invoice_is_shown_as_table_page_json_and_pdf(
    server: Server, signed: Organization, tmp_path: Path
) -> None:
    run_json(server, "seats", "add", signed.slug, "standard=5", "--yes")
    file = tmp_path / "one.pdf"

    text = run(server, "invoice", "show", signed.slug, "1").output
    html = run(server, "invoice", "show", signed.slug, f"{signed.slug}-INV-0001", "--html").output
    saved = run_json(server, "invoice", "pdf", signed.slug, "1", str(file))

    assert "5 seats x 20.00 x (10 months)" in text
    assert "<!doctype html>" in html
    assert file.read_bytes().startswith(b"%PDF-")
    assert saved == {"invoice": 1, "file": str(file), "bytes": file.stat().st_size}
    credit = ("invoice", "credit", signed.slug, "1", "--reason", "a mistake")
    seen = run_json(server, *credit)
    assert run_json(server, "invoice", "show", signed.slug, "1")["lines"][0]["credited_by"] is None
    assert "a credit note needs a reason" in refused(server, *credit[:-1], " ")
    note = run_json(server, *credit, "--confirm", seen["confirmation"])
    assert (seen["preview"], note["preview"], note["kind"]) == (True, False, "credit_note")
    assert (note["credits"], note["total"]) == (1, usd("-1000.00"))
    assert run_json(server, "invoice", "show", signed.slug, "1")["lines"][0]["credited_by"] == 2


def test_a_write_after_the_end_of_the_term_renews_the_contract(server: Server) -> None:
    slug = f"o{uuid4().hex}"
    made = run_json(
        server, "org", "create", slug, "--seats", "standard=5", "--owner", "owner@example.com", "--active",
        "--start", str(months_ago(13)), "--price", "standard=20.00",
    )  # fmt: skip
    due = run_json(server, "contract", "show", slug)["status"]
    dry = run_json(server, "renew", slug)

    answers = create(Organization(slug, made["base_url"], made["token"]), "ann")

    assert (due, dry["steps"][0]["total"], dry["steps"][0]["total_purchased"]) == (
        "renewal_due",
        usd("240.00"),
        usd("1200.00"),
    )
    assert [answer.status_code for answer in answers] == [403]  # the one seat in use was renewed
    (invoice,) = run_json(server, "invoice", "list", slug)["data"]
    assert (invoice["reason"], invoice["by"], invoice["total"]) == ("renewal", "calendar", usd("240.00"))
    assert run_json(server, "renew", slug)["steps"] == []


def test_the_seats_of_the_next_term_can_be_set(server: Server, signed: Organization) -> None:
    run_json(server, "seats", "schedule", signed.slug, "standard=1")

    scheduled = run_json(server, "contract", "show", signed.slug)["scheduled"]
    renewed = run_json(server, "renew", signed.slug, "--as-of", str(months_ago(-10)))["steps"][0]
    taken_back = run_json(server, "seats", "schedule", signed.slug, "standard=none")["scheduled"]

    assert (scheduled, renewed["tiers"]["standard"]["renewed"], taken_back) == ({"standard": 1}, 1, {})


def test_a_suspended_organization_refuses_creates_but_serves_reads_and_deletions(
    server: Server, signed: Organization
) -> None:
    (ann,) = create(signed, "ann")
    run_json(server, "org", "suspend", signed.slug, "--yes")

    (bob,) = create(signed, "bob")
    with signed.client() as client:
        read, gone = client.get("/Users"), client.delete(f"/Users/{ann.json()['id']}")
    run_json(server, "org", "resume", signed.slug, "--yes")

    assert (bob.status_code, "is suspended" in bob.json()["detail"]) == (403, True)
    assert (read.status_code, gone.status_code) == (200, 204)
    assert [one.status_code for one in create(signed, "bob")] == [201]


def test_an_empty_list_of_invoices_names_the_command_that_buys_seats(
    server: Server, signed: Organization
) -> None:
    assert f"seats add {signed.slug}" in run(server, "invoice", "list", signed.slug).output


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (["seats", "add", "{slug}", "standard"], "not of the form TIER=NUMBER"),
        (["seats", "add", "{slug}", "gold=1"], "has no tier 'gold'"),
        (["seats", "add", "{slug}", "standard=0"], "a whole number above 0"),
        (["seats", "add", "{slug}", "standard=1", "--on", "2020-01-01"], "The earliest day is"),
        (["seats", "add", "{slug}", "standard=1", "--on", str(TODAY + timedelta(days=2))], "in the future"),
        (["seats", "add", "{slug}", "standard=1", "--on", "yesterday"], "is not a day"),
        (["seats", "upgrade", "{slug}", "standard=1"], "not of the form TIER=NUMBER:TIER"),
        (["seats", "upgrade", "{slug}", "premium=1:standard"], "cannot be upgraded to standard"),
        (["seats", "schedule", "{slug}", "standard=9"], "9 is not a reduction"),
        (["invoice", "show", "{slug}", "7"], "invoice 7 does not exist"),
        (["invoice", "show", "{slug}", "seven"], "is not the number of an invoice"),
        (["invoice", "show", "{slug}", "9999999999999999999999"], "is not the number of an invoice"),
        (["invoice", "pdf", "{slug}", "7", "/nowhere/x.pdf"], "invoice 7 does not exist"),
        (
            ["contract", "set", "{slug}", "--price", "standard=1", "--term-price", "standard=2"],
            "a price per month",
        ),
        (["contract", "set", "{slug}", "--price", "gold=1"], "has no tier 'gold'"),
        (["contract", "set", "{slug}", "--tax", "NaN"], "is not a percentage"),
        (["contract", "set", "{slug}", "--bill-opening"], "a contract already exists"),
        (["contract", "show", "nobody-here"], "the organization 'nobody-here' does not exist"),
        (["renew", "{slug}", "--as-of", "9999-12-31"], "is after the end of the next term"),
        (["org", "set", "{slug}", "--seats", "standard=1"], "stay until the renewal"),
        (["org", "create", "x", "--seats", "standard=1", "--months", "12"], "standard needs a price"),
        (["org", "create", "x", "--seats", "a=1", "--tier", "a", "--tier", "a"], "each only once"),
        (["org", "create", "x", "--seats", "any=1", "--tier", "any"], "a tier cannot be called 'any'"),
    ],
)
def test_an_invalid_command_is_refused_with_the_reason_and_changes_nothing(
    server: Server, signed: Organization, arguments: list[str], refusal: str
) -> None:
    before = [
        run_json(server, *command, signed.slug) for command in (("contract", "show"), ("seats", "show"))
    ]

    output = refused(server, *(argument.format(slug=signed.slug) for argument in arguments))

    assert refusal in " ".join(output.split())
    assert before == [
        run_json(server, *command, signed.slug) for command in (("contract", "show"), ("seats", "show"))
    ]
    assert "x" not in [one["organization"] for one in run_json(server, "org", "list")["data"]]


def test_a_dry_run_of_another_mode_shows_the_effects_and_changes_nothing(
    server: Server, signed: Organization
) -> None:
    create(signed, "ann")

    shown = run_json(server, "org", "set", signed.slug, "--mode", "jit", "--dry-run")
    unchanged = run_json(server, "org", "set", signed.slug, "--strict")["mode"]

    assert (shown["preview"], shown["before"], shown["after"]) == (True, "scim", "jit")
    assert (shown["members"], shown["removed"]) == ({"scim": 1}, 0)
    assert unchanged == "scim"
    assert "only the effect of --mode" in refused(server, "org", "set", signed.slug, "--strict", "--dry-run")


def test_overflow_and_ceiling_can_be_set_for_one_tier(server: Server, signed: Organization) -> None:
    done = run_json(
        server, "org", "set", signed.slug, "--tier-overflow", "premium=buy", "--ceiling", "premium=2"
    )

    policies = {tier: (one["overflow"], one["ceiling"]) for tier, one in done["tiers"].items()}
    assert policies == {"standard": (None, None), "premium": ("buy", 2)}
    back = run_json(server, "org", "set", signed.slug, "--tier-overflow", "premium=none")["tiers"]["premium"]
    assert (back["overflow"], back["ceiling"]) == (None, 2)
    assert "policies: reject, queue, fallback, buy" in " ".join(
        refused(server, "org", "set", signed.slug, "--tier-overflow", "premium=explode").split()
    )
