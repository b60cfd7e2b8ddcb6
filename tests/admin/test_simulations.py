"""Simulations by /v1: people of the body or of a group, with the price, and nothing written."""

from tests.admin.calling import Place, Vendor, problem
from tests.admin.prepared import prepare, provider_requests


def test_people_of_the_body_are_simulated_with_the_price_of_the_missing_seats(vendor: Vendor) -> None:
    place = vendor.organization(standard=2, premium=1)
    prepare("seats.schedule", place)
    before = place.get("/seats")
    people = [{"userName": f"p{number}@example.com"} for number in range(3)]

    found = place.post("/simulations", {"people": people})
    waiting = place.post("/simulations", {"people": people, "outcome": "waiting"})

    assert [(one["user_name"], one["outcome"]) for one in found["people"]] == [
        ("p0@example.com", "seated"),
        ("p1@example.com", "seated"),
        ("p2@example.com", "waiting"),
    ]
    # The Owner has the premium seat, so one standard seat is missing: 12 months x 20.00.
    assert (found["missing"], found["price"]["total"]["amount"]) == ({"standard": 1}, "240.00")
    assert [one["user_name"] for one in waiting["people"]] == ["p2@example.com"]
    assert waiting["summary"] == found["summary"]
    assert place.get("/seats") == before


def test_the_members_of_a_group_are_simulated_with_a_tier(acme: Place) -> None:
    group = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Engineering"}
    provider_requests(acme, [{"method": "POST", "path": "/Groups", "bulkId": "g", "data": group}])

    found = acme.post("/simulations", {"group": "engineering", "tier": "premium"})

    assert (found["people"], found["missing"]) == ([], {})
    assert acme.refused("POST", "/simulations", {"group": "Sales"}) == (404, "unknown_group")


def test_wrong_people_refuse_the_simulation_unless_they_are_skipped(acme: Place) -> None:
    body = {"people": [{"userName": "ada@example.com"}, {"tier": "gold", "userName": "x"}, {}]}

    refused = acme.refused("POST", "/simulations", body)
    found = acme.post("/simulations", {**body, "skip_bad": True})
    neither = acme.call("POST", "/simulations", {})

    assert refused == (400, "wrong_lines")
    assert [one["entry"] for one in found["bad"]] == [2, 3]
    assert [one["user_name"] for one in found["people"]] == ["ada@example.com"]
    assert problem(neither) == (400, "invalid_body")
    assert neither.json()["errors"] == {"people": ["Give either people or a group."]}
