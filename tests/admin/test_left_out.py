"""People who are left out by /v1: listed, retried, dismissed, and let in by a purchase."""

import base64
import json

import pytest

from scim_server.representations.base import dump
from scim_server.representations.left_out import LEFT_OUT
from scim_server.services.left_out import queries
from tests.admin.calling import OWNER, Place, problem
from tests.admin.prepared import prepare


@pytest.fixture
def full(acme: Place) -> Place:
    """One standard and one premium seat, both taken; grace was refused; the Owners can buy."""
    prepare("left-out.buy", acme)
    return acme


def test_the_lists_have_the_people_of_the_command_and_the_price(full: Place) -> None:
    full.call("PATCH", "", {"overflow": "queue"})
    full.call("PATCH", "", {"mode": "jit"})
    full.post("/sign-ins", {"userName": "joan@example.com"})
    command = dump(LEFT_OUT, queries.left_out(full.context))

    found = {name: full.get(f"/left-out/{name}")["data"] for name in ("waiting", "refused")}
    summary = full.get("/left-out")

    assert found == {"waiting": command["waiting"], "refused": command["rejected"]}
    (refused,) = found["refused"]
    assert (refused["user_name"], refused["reason"], refused["attempts"]) == (
        "grace@example.com",
        "no_free_seat",
        1,
    )
    assert [one["user_name"] for one in found["waiting"]] == ["joan@example.com"]
    assert (summary["waiting"], summary["refused"]) == ({"any": 1}, {"any": 1})
    # Two standard seats for the whole term: 2 x 240.00.
    assert summary["missing_seats"] == {"standard": 2}
    assert summary["price"]["total"] == {"amount": "480.00", "currency": "USD"}


def test_the_queue_is_listed_in_pages_with_the_places_of_the_people(full: Place) -> None:
    full.call("PATCH", "", {"overflow": "queue", "mode": "jit"})
    for name in ("joan", "kay", "lea"):
        full.post("/sign-ins", {"userName": f"{name}@example.com"})
    full.post("/left-out/waiting/lea@example.com/priority", {"priority": 1})

    first = full.get("/left-out/waiting?limit=2")
    rest = full.get(f"/left-out/waiting?limit=2&cursor={first['next_cursor']}")

    assert [(one["place"], one["user_name"]) for one in (*first["data"], *rest["data"])] == [
        (1, "lea@example.com"),
        (2, "joan@example.com"),
        (3, "kay@example.com"),
    ]
    assert rest["next_cursor"] is None


def test_a_purchase_lets_in_everyone_as_its_preview_showed(full: Place) -> None:
    shown = full.post("/left-out/buy?preview=true", {"owner": OWNER})
    unchanged = full.get("/left-out/refused")["data"]

    bought = full.post("/left-out/buy", {"owner": OWNER, "confirmation": shown["confirmation"]})

    # One standard seat for the whole term: 12 months x 20.00.
    assert shown["total"] == bought["total"] == {"amount": "240.00", "currency": "USD"}
    assert (shown["preview"], shown["invoice"], len(unchanged)) == (True, None, 1)
    assert (bought["added"], bought["invoice"]["total"]) == ({"standard": 1}, bought["total"])
    assert [(one["user_name"], one["outcome"]) for one in bought["retried"]] == [
        ("grace@example.com", "seated")
    ]
    assert full.get("/left-out/refused")["data"] == []
    assert full.refused("POST", "/left-out/buy", {}) == (409, "nobody_left_out")


def test_a_purchase_whose_preview_is_outdated_does_nothing_and_shows_the_new_one(full: Place) -> None:
    shown = full.post("/left-out/buy?preview=true", {})
    full.call("PATCH", "", {"mode": "jit"})
    full.call("POST", "/sign-ins", {"userName": "joan@example.com"})
    seats = full.get("/seats")

    late = full.call("POST", "/left-out/buy", {"confirmation": shown["confirmation"]})

    assert problem(late) == (409, "stale_confirmation")
    # Two standard seats now: 2 x 240.00.
    assert late.json()["preview"]["total"] == {"amount": "480.00", "currency": "USD"}
    assert full.get("/seats") == seats
    assert len(full.get("/left-out/refused")["data"]) == 2


def test_only_an_owner_can_be_named_as_the_buyer(full: Place) -> None:
    assert full.refused("POST", "/left-out/buy", {"owner": "ada@example.com"}) == (403, "role_too_low")


def test_a_retry_has_a_result_for_each_person(full: Place) -> None:
    full.call("PATCH", "", {"mode": "jit"})
    full.call("POST", "/sign-ins", {"userName": "joan@example.com"})
    refused = full.get("/left-out/refused?limit=1")
    (grace,) = refused["data"]
    again = full.post(f"/left-out/{grace['id']}/retry")
    full.post("/seats/add", {"seats": {"standard": 1}})

    done = full.post("/left-out/retry", {"owner": OWNER})

    assert refused["next_cursor"] is not None
    assert [one["outcome"] for one in again["retried"]] == ["rejected"]
    assert [(one["user_name"], one["outcome"]) for one in done["retried"]] == [
        ("grace@example.com", "seated"),
        ("joan@example.com", "rejected"),
    ]
    assert full.refused("POST", f"/left-out/{grace['id']}/retry") == (404, "unknown_refusal")


def test_a_dismissal_needs_a_reason_and_closes_the_refusal(full: Place) -> None:
    id_ = full.get("/left-out/refused")["data"][0]["id"]
    shown = full.post(f"/left-out/{id_}/dismiss?preview=true", {"reason": "left the company"})

    blank = full.refused("POST", f"/left-out/{id_}/dismiss", {"reason": " "})
    done = full.post(f"/left-out/{id_}/dismiss", {"reason": "left the company"})

    assert (shown["preview"], done["preview"], blank) == (True, False, (400, "reason_missing"))
    assert full.get("/left-out/refused")["data"] == []
    assert full.refused("POST", "/left-out/x/dismiss", {"reason": "x"}) == (404, "unknown_refusal")


@pytest.mark.parametrize("path", ["left-out/waiting", "left-out/refused", "invitations", "removals"])
def test_a_cursor_that_no_list_has_given_is_refused(acme: Place, path: str) -> None:
    place = [f"/v1/organizations/{acme.slug}/{path}", []]
    cursor = base64.urlsafe_b64encode(json.dumps([place, "x"]).encode()).decode()

    assert acme.refused("GET", f"/{path}?cursor={cursor}") == (400, "invalid_cursor")
