"""Seats: bought with a preview, for an acting Owner or for the vendor, and moved between people."""

import pytest

from scim_server.store.rows import audit
from scim_server.store.rows.audit import Wanted
from tests.admin.calling import OWNER, Place, Vendor, problem
from tests.admin.prepared import prepare


def joined(acme: Place, *names: str) -> dict[str, str]:
    """People who have become members, by name."""
    acme.call("PATCH", "", {"mode": "jit"})
    return {name: acme.post("/sign-ins", {"userName": f"{name}@example.com"})["person"] for name in names}


def last_actor(acme: Place, type_: str) -> str:
    with acme.context.read() as read:
        return audit.part(read, Wanted(type=type_), before=None, limit=1).events[0].actor


def tier(acme: Place, person: str) -> object:
    return acme.get(f"/people/{person}")["tier"]


def test_a_purchase_does_what_its_preview_showed(acme: Place) -> None:
    prepare("seats.schedule", acme)
    before = acme.get("/seats")
    shown = acme.post("/seats/add?preview=true", {"seats": {"standard": 5}, "owner": OWNER})
    unchanged = acme.get("/seats")

    bought = acme.post(
        "/seats/add", {"seats": {"standard": 5}, "owner": OWNER, "confirmation": shown["confirmation"]}
    )

    assert unchanged == before
    assert (shown["preview"], shown["total"], shown["invoice"]) == (True, bought["total"], None)
    assert bought["tiers"] == shown["tiers"]
    assert bought["invoice"]["total"] == bought["total"] != {"amount": "0.00", "currency": "USD"}
    assert acme.get("/seats")["tiers"]["standard"]["purchased"] == 10
    assert last_actor(acme, "seats.added") == OWNER


def test_a_purchase_whose_preview_is_outdated_buys_nothing_and_shows_the_new_one(acme: Place) -> None:
    prepare("seats.schedule", acme)
    order = {"seats": {"standard": 5}}
    shown = acme.post("/seats/add?preview=true", order)
    acme.post("/seats/add", order)

    late = acme.call("POST", "/seats/add", {**order, "confirmation": shown["confirmation"]})

    assert problem(late) == (409, "stale_confirmation")
    assert late.json()["preview"]["tiers"]["standard"]["purchased"] == 15
    again = acme.post("/seats/add", {**order, "confirmation": late.json()["preview"]["confirmation"]})
    assert again["tiers"]["standard"]["purchased"] == 15


def test_a_purchase_with_an_idempotency_key_is_billed_once(acme: Place) -> None:
    prepare("seats.schedule", acme)

    answers = [acme.post("/seats/add", {"seats": {"standard": 1}}, Idempotency_Key="order-1") for _ in "12"]

    assert answers[0] == answers[1]
    assert acme.get("/seats")["tiers"]["standard"]["purchased"] == 6


def test_without_a_contract_the_vendor_grants_seats_and_an_owner_cannot(acme: Place) -> None:
    refused = acme.refused("POST", "/seats/add", {"seats": {"standard": 1}, "owner": OWNER})

    granted = acme.post("/seats/add", {"seats": {"standard": 1}})

    assert refused == (409, "no_contract")
    assert (granted["total"], granted["tiers"]["standard"]["purchased"]) == (None, 6)
    assert last_actor(acme, "seats.added").startswith("all-")


def test_only_an_owner_with_access_can_be_named_as_acting(acme: Place) -> None:
    joined(acme, "ada")

    answers = [
        acme.refused("POST", "/seats/add", {"seats": {"standard": 1}, "owner": name})
        for name in ("ada@example.com", "nobody@example.com", "boss")
    ]

    assert answers == [(403, "role_too_low"), (404, "unknown_person"), (404, "unknown_person")]


def test_the_role_of_an_acting_owner_limits_the_change(acme: Place) -> None:
    ids = joined(acme, "ada", "grace")
    acme.post("/people/ada@example.com/role", {"role": "owner"})

    refused = acme.refused("POST", f"/people/{ids['grace']}/transfer", {"owner": "ada@example.com"})
    done = acme.post(f"/people/{ids['grace']}/transfer", {"owner": OWNER})

    assert refused == (403, "role_too_low")
    assert {one["user_name"]: one["role"] for one in done["people"]} == {
        "grace@example.com": "primary_owner",
        OWNER: "owner",
    }


def test_seats_move_between_people_as_the_previews_show(acme: Place) -> None:
    ids = joined(acme, "ada", "grace")
    acme.post("/seats/assign", {"person": "ada@example.com", "tier": "standard"})
    acme.post("/seats/unassign", {"person": "grace@example.com"})
    body = {"from": ids["ada"], "to": "grace@example.com"}

    shown = acme.post("/seats/reassign?preview=true", body)
    still = tier(acme, ids["ada"])
    done = acme.post("/seats/reassign", {**body, "confirmation": shown["confirmation"]})
    swapped = acme.post("/seats/swap", {"people": [ids["grace"], OWNER]})

    assert (shown["preview"], still, done["preview"]) == (True, "standard", False)
    assert [(one["id"], one["tier"]) for one in done["people"]] == [
        (ids["ada"], None),
        (ids["grace"], "standard"),
    ]
    assert [one["tier"] for one in swapped["people"]] == ["premium", "standard"]


def test_without_a_free_seat_nobody_is_assigned_one(vendor: Vendor) -> None:
    place = vendor.organization(standard=0, premium=1)
    joined(place, "ada")

    assert place.refused("POST", "/seats/assign", {"person": "ada@example.com"}) == (409, "no_free_seat")


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("add", {"seats": {}}, "invalid_order"),
        ("add", {"seats": {"gold": 1}}, "unknown_tier"),
        ("add", {"seats": {"standard": 0}}, "invalid_body"),
        ("add", {"seats": {"standard": 1}, "on": "0001-01-01"}, "invalid_day"),
        ("upgrade", {"upgrades": [{"quantity": 1, "from": "premium", "to": "standard"}]}, "invalid_order"),
        ("change", {}, "invalid_order"),
        ("schedule", {"seats": {"standard": 1}}, "no_contract"),
        ("swap", {"people": ["x"]}, "invalid_body"),
        ("assign", {"person": "boss"}, "unknown_person"),
    ],
)
def test_an_impossible_change_is_refused_with_its_code(
    acme: Place, path: str, body: dict[str, object], code: str
) -> None:
    before = acme.get("/seats")

    status, found = acme.refused("POST", f"/seats/{path}", body)

    assert (found, status in (400, 404, 409)) == (code, True)
    assert acme.get("/seats") == before
