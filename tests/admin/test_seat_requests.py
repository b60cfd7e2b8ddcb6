"""Requests for seats and priorities by /v1: asked for in a person's name, decided by a key or an Owner."""

from tests.admin.calling import OWNER, Place
from tests.admin.prepared import prepare


def asked(acme: Place, person: str = "ada@example.com") -> str:
    made = acme.post("/seat-requests", {"person": person, "reason": "a new project"})
    assert (made["state"], made["opened_by"][:4]) == ("open", "all-")
    return str(made["id"])


def test_a_request_is_listed_shown_declined_and_opened_again(acme: Place) -> None:
    prepare("seat-requests.create", acme)
    first, second = asked(acme), asked(acme, "grace@example.com")

    page = acme.get("/seat-requests?limit=1")
    rest = acme.get(f"/seat-requests?limit=1&cursor={page['next_cursor']}")
    declined = acme.post(f"/seat-requests/{first}/decline", {"reason": "no budget"})

    assert [one["id"] for one in (*page["data"], *rest["data"])] == [second, first]
    assert (declined["state"], declined["decision_reason"]) == ("declined", "no budget")
    assert acme.get(f"/seat-requests/{first}") == declined
    assert [one["id"] for one in acme.get("/seat-requests?state=open")["data"]] == [second]
    assert acme.refused("POST", f"/seat-requests/{first}/withdraw") == (409, "seat_request_closed")
    again = {"person": "grace@example.com", "reason": "again"}
    assert acme.refused("POST", "/seat-requests", again) == (409, "already_asked")
    assert acme.refused("GET", "/seat-requests/nothing") == (404, "unknown_seat_request")


def test_an_approval_without_the_scope_to_buy_gives_free_seats_only(acme: Place) -> None:
    request = prepare("seat-requests.approve", acme)["seat_request"]
    other = asked(acme, OWNER) if acme.get(f"/seat-requests/{request}")["tier"] == "premium" else request
    shown = acme.post(f"/seat-requests/{other}/approve?preview=true", {})

    approved = acme.post(f"/seat-requests/{other}/approve", {"confirmation": shown["confirmation"]})

    assert (shown["preview"], shown["request"]["tier"], shown["invoice"]) == (True, "premium", None)
    assert (approved["preview"], approved["request"]["state"]) == (False, "approved")


def test_without_a_free_seat_only_a_purchase_approves(acme: Place) -> None:
    request = prepare("seat-requests.buy", acme)["seat_request"]

    free = acme.refused("POST", f"/seat-requests/{request}/approve", {})
    user = acme.refused("POST", f"/seat-requests/{request}/buy", {"owner": "ada@example.com"})
    stale = acme.refused("POST", f"/seat-requests/{request}/buy", {"confirmation": "x"})
    bought = acme.post(f"/seat-requests/{request}/buy", {})

    assert (free, stale) == ((409, "no_free_seat"), (409, "stale_confirmation"))
    assert user == (403, "role_too_low")
    assert bought["upgraded"] == [{"quantity": 1, "from": "standard", "to": "premium"}]
    assert bought["request"]["state"] == "approved"


def test_the_policy_of_the_organization_grants_a_request_at_once(acme: Place) -> None:
    prepare("seat-requests.create", acme)
    changed = acme.call("PATCH", "", {"seat_requests": "if_free", "seats": {"premium": 3}}).json()

    made = acme.post("/seat-requests", {"person": "ada@example.com", "reason": "a new project"})

    assert changed["seat_requests"] == "if_free"
    assert (made["state"], made["tier"]) == ("approved", "premium")


def test_a_priority_is_changed_as_its_preview_showed(acme: Place) -> None:
    person = prepare("left-out.prioritise", acme)["person"]
    shown = acme.post(f"/left-out/waiting/{person}/priority?preview=true", {"priority": 10})

    done = acme.post(
        f"/left-out/waiting/{person}/priority", {"priority": 10, "confirmation": shown["confirmation"]}
    )

    assert (shown["preview"], done["preview"]) == (True, False)
    assert (done["priority_before"], done["priority"], done["place"], done["passed"]) == (100, 10, 1, [])
    assert done["person"]["priority"] == 10
    assert acme.refused("POST", "/left-out/waiting/boss@example.com/priority", {"priority": 10}) == (
        409,
        "not_waiting",
    )
