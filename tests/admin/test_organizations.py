"""Organizations: created, listed, configured, suspended and resumed by /v1."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from scim_server.store.rows import audit
from scim_server.store.rows.audit import Wanted
from tests.admin.calling import OWNER, Place, Vendor, problem, succeeded


def created(vendor: Vendor, **values: object) -> httpx.Response:
    body = {"slug": f"o{uuid4().hex}", "seats": {"standard": 2}, **values}
    return vendor.client.post("/organizations", json=body)


def test_a_new_organization_has_what_its_provider_and_its_owner_need(vendor: Vendor) -> None:
    slug = f"o{uuid4().hex}"

    made = succeeded(created(vendor, slug=slug, owner={"email": OWNER}, overflow="queue", mode="jit"))

    assert {**made, "token": None, "console_url": None} == {
        "org": slug,
        "organization": slug,
        "base_url": f"http://127.0.0.1:8080/orgs/{slug}/scim/v2",
        "token": None,
        "owner": {"email": OWNER, "status": "invited"},
        "console_url": None,
    }
    assert made["token"].startswith("scs_")
    assert made["console_url"].startswith(f"http://127.0.0.1:8080/console/{slug}/sign-in/scl_")
    shown = succeeded(vendor.client.get(f"/organizations/{slug}"))
    assert (shown["mode"], shown["overflow"]) == ("jit", "queue")
    assert shown["tiers"]["standard"] == {
        "purchased": 2, "assigned": 0, "held": 1, "free": 1, "waiting": 0, "overflow": None, "ceiling": None,
    }  # fmt: skip


def test_a_contract_can_be_signed_at_the_creation(vendor: Vendor) -> None:
    terms = {
        "start": "2026-01-01",
        "currency": "EUR",
        "prices": {"standard": {"amount": "20.00"}},
        "tax": "19",
    }

    made = succeeded(created(vendor, contract=terms))

    assert made["contract"]["currency"] == "EUR"
    assert made["contract"]["prices"]["standard"]["amount"] == {"amount": "20.00", "currency": "EUR"}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"slug": "Not A Slug"}, (400, "invalid_slug")),
        ({"seats": {"gold": 1}}, (400, "invalid_tier")),
        ({"tiers": ["one", "one"]}, (400, "invalid_tier")),
        ({"seats": {"standard": 0}, "owner": {"email": OWNER, "active": True}}, (409, "owner_without_seat")),
        ({"contract": {"prices": {"premium": {"amount": "20.00"}}}}, (400, "price_missing")),
        ({"overflow": "buy"}, (409, "buy_needs_contract")),
    ],
)
def test_an_impossible_organization_is_refused_and_not_created(
    vendor: Vendor, values: dict[str, object], expected: tuple[int, str]
) -> None:
    body = {"slug": f"o{uuid4().hex}", "seats": {"standard": 2}, **values}

    answer = vendor.client.post("/organizations", json=body)

    assert problem(answer) == expected
    assert vendor.client.get(f"/organizations/{body['slug']}").status_code == 404


def test_a_slug_is_taken_once(vendor: Vendor, acme: Place) -> None:
    assert problem(created(vendor, slug=acme.slug)) == (409, "slug_taken")


def test_every_wrong_field_is_named_at_once(vendor: Vendor) -> None:
    answer = created(
        vendor, seats={"standard": -1, "premium": "x"}, mode="x", colour="red", owner={"active": 1}
    )

    assert problem(answer) == (400, "invalid_body")
    assert answer.json()["errors"] == {
        "seats.standard": ["Must be greater than or equal to 0 and less than or equal to 10000000."],
        "seats.premium": ["Not a valid integer."],
        "mode": ["Must be one of: manual, jit, scim."],
        "owner.email": ["Missing data for required field."],
        "owner.active": ["Not a valid boolean."],
        "colour": ["Unknown field."],
    }


def pages(vendor: Vendor, limit: int) -> Iterator[list[str]]:
    cursor: str | None = ""
    while cursor is not None:
        query = f"limit={limit}{f'&cursor={cursor}' if cursor else ''}"
        body = succeeded(vendor.client.get(f"/organizations?{query}"))
        yield [one["organization"] for one in body["data"]]
        cursor = body["next_cursor"]


def test_pages_list_every_organization_once_in_the_order_of_the_slugs(vendor: Vendor, acme: Place) -> None:
    listed = list(pages(vendor, 7))

    slugs = [slug for page in listed for slug in page]
    assert slugs == sorted(set(slugs))
    assert acme.slug in slugs
    assert slugs == [slug for page in pages(vendor, 200) for slug in page]
    assert {len(page) for page in listed[:-1]} <= {7}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("cursor=x", "invalid_cursor"),
        ("cursor=%00", "invalid_query"),
        ("cursor=WyJ4Iiwi", "invalid_cursor"),
        ("limit=0", "invalid_query"),
        ("limit=201", "invalid_query"),
        ("limit=x", "invalid_query"),
        ("limit=1&limit=2", "invalid_query"),
    ],
)
def test_a_wrong_page_is_refused(vendor: Vendor, query: str, code: str) -> None:
    assert problem(vendor.client.get(f"/organizations?{query}")) == (400, code)


def test_settings_change_together_or_not_at_all(acme: Place) -> None:
    changed = succeeded(
        acme.call("PATCH", "", {"overflow": "reject", "strict": True, "seats": {"premium": 7}})
    )

    refused = acme.refused("PATCH", "", {"overflow": "queue", "seats": {"premium": 0}})

    after = acme.get("")
    assert (changed["overflow"], changed["strict"], changed["tiers"]["premium"]["purchased"]) == (
        "reject",
        True,
        7,
    )
    assert refused == (409, "seats_in_use")
    assert after == changed


def test_a_change_of_settings_that_another_admin_changed_is_refused_with_the_present_ones(
    acme: Place,
) -> None:
    tag = acme.call("GET", "").headers["ETag"]
    first = acme.call("PATCH", "", {"strict": True}, If_Match=tag)

    late = acme.call("PATCH", "", {"hold_removals": True}, If_Match=tag)
    now = acme.call("PATCH", "", {"hold_removals": True}, If_Match=first.headers["ETag"])

    assert tag.startswith('W/"')
    assert problem(late) == (412, "changed")
    assert late.json()["current"] == first.json()
    assert late.headers["ETag"] == first.headers["ETag"] != tag
    assert (now.status_code, now.json()["strict"], now.json()["hold_removals"]) == (200, True, True)


def test_the_tag_of_the_settings_does_not_change_with_the_seats_in_use(acme: Place) -> None:
    acme.call("PATCH", "", {"mode": "jit"})
    tag = acme.call("GET", "").headers["ETag"]

    acme.post("/sign-ins", {"userName": "ada@example.com"})

    assert acme.call("GET", "").headers["ETag"] == tag


def test_a_suspended_organization_refuses_sign_ins_until_it_is_resumed(acme: Place) -> None:
    acme.call("PATCH", "", {"mode": "jit"})
    shown = acme.post("/suspend?preview=true")
    before = acme.get("")["suspended"]

    acme.post("/suspend")
    refused = acme.post("/sign-ins", {"userName": "ada@example.com"})
    suspended = acme.get("")["suspended"]
    resumed = acme.post("/resume")

    assert (shown["preview"], shown["changed"], before) == (True, True, None)
    assert (refused["decision"], refused["reason"]) == ("refused", "organization_suspended")
    assert suspended is not None
    assert (resumed["suspended"], resumed["changed"]) == (False, True)
    assert acme.post("/sign-ins", {"userName": "ada@example.com"})["decision"] == "admitted"


def test_a_deletion_is_scheduled_for_the_repeated_slug_and_can_be_cancelled(acme: Place) -> None:
    wrong = acme.refused("POST", "/deletion", {"slug": "acme"})
    shown = acme.post("/deletion?preview=true", {"slug": acme.slug})
    before = acme.get("")

    first, again = (acme.post("/deletion", {"slug": acme.slug}) for _ in range(2))
    scheduled = acme.get("")
    resumed_before = acme.refused("POST", "/resume")
    cancelled = succeeded(acme.call("DELETE", "/deletion"))
    after = acme.get("")
    acme.post("/resume")

    assert wrong == (400, "slug_not_repeated")
    assert (shown["preview"], shown["people"], before["deletes"], before["suspended"]) == (
        True,
        1,
        None,
        None,
    )
    assert first == again
    grace = datetime.fromisoformat(first["deletes"]) - datetime.fromisoformat(scheduled["suspended"])
    assert (scheduled["deletes"], grace) == (first["deletes"], timedelta(days=30))
    assert resumed_before == (409, "deletion_scheduled")
    assert (cancelled["deletes"], after["deletes"], after["suspended"]) == (
        None,
        None,
        scheduled["suspended"],
    )
    assert acme.refused("DELETE", "/deletion") == (409, "no_deletion")
    assert acme.get("") == before


def test_the_key_is_the_actor_of_the_change(acme: Place) -> None:
    acme.call("PATCH", "", {"strict": True})

    with acme.context.read() as read:
        newest = audit.part(read, Wanted(), before=None, limit=1).events[0]

    assert (newest.actor[:4], newest.way_in) == ("all-", "api")
