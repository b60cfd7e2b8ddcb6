"""Mass removals by /v1: confirmed, or restored with the price of the seats that other people have."""

from tests.admin.calling import OWNER, Place
from tests.admin.prepared import prepare, provider_requests, removed


def test_a_removal_is_listed_shown_and_confirmed_as_its_preview_showed(acme: Place) -> None:
    id_ = prepare("removals.confirm", acme)["removal"]
    (listed,) = acme.get("/removals")["data"]
    details = acme.get(f"/removals/{id_}")
    shown = acme.post(f"/removals/{id_}/confirm?preview=true")

    done = acme.post(f"/removals/{id_}/confirm", {"confirmation": shown["confirmation"], "owner": OWNER})

    assert (listed["people"], listed["held"], listed["state"]) == (20, {"standard": 20}, "open")
    assert (details["id"], len(details["left"])) == (id_, 20)
    assert (shown["preview"], shown["freed"], done["preview"]) == (True, {"standard": 20}, False)
    assert acme.get(f"/removals/{id_}")["state"] == "confirmed"
    assert acme.refused("POST", f"/removals/{id_}/confirm", {}) == (409, "removal_closed")
    assert acme.refused("GET", "/removals/nothing") == (404, "unknown_removal")


def test_restoring_gives_back_the_held_seats_without_a_purchase(acme: Place) -> None:
    id_ = prepare("removals.restore", acme)["removal"]
    shown = acme.post(f"/removals/{id_}/restore?preview=true")

    done = acme.post(f"/removals/{id_}/restore", {"confirmation": shown["confirmation"]})

    assert (shown["preview"], shown["added"], shown["total"], done["preview"]) == (True, {}, None, False)
    assert {(one["outcome"], one["tier"], one["seat"]) for one in done["people"]} == {
        ("seated", "standard", "held")
    }
    assert len(done["people"]) == 20
    assert acme.get("/seats")["tiers"]["standard"]["assigned"] == 20


def test_the_seats_that_other_people_have_are_bought_only_by_the_call_that_buys(acme: Place) -> None:
    id_ = removed(acme, holds=False)["removal"]
    new = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "joan@example.com"}
    provider_requests(acme, [{"method": "POST", "path": "/Users", "bulkId": "joan", "data": new}])

    free = acme.post(f"/removals/{id_}/restore?preview=true")
    shown = acme.post(f"/removals/{id_}/restore-and-buy?preview=true", {"owner": OWNER})
    bought = acme.post(
        f"/removals/{id_}/restore-and-buy", {"owner": OWNER, "confirmation": shown["confirmation"]}
    )

    assert sorted(one["outcome"] for one in free["people"]) == ["seated"] * 19 + ["waiting"]
    # Joan has one of the 20 seats, so one standard seat is missing: 12 months x 20.00.
    assert shown["total"] == bought["total"] == {"amount": "240.00", "currency": "USD"}
    assert (shown["added"], shown["invoice"]) == ({"standard": 1}, None)
    assert {one["outcome"] for one in bought["people"]} == {"seated"}
