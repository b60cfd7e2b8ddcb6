"""Imports by /v1: what is sent is shown, started, carried out by the worker, and reported."""

from threading import Event
from typing import Any

from scim_server.services.imports import commands
from tests.admin.calling import OWNER, Place, Vendor

ADA = {"id": "1", "userName": "ada@example.com", "tier": "premium"}
BOB = {"id": "2", "userName": "bob@example.com"}
GROUP = {"id": "g", "displayName": "Engineering", "members": [{"value": "1"}, {"value": "2"}]}


def test_an_import_is_sent_shown_started_and_carried_out_by_the_worker(vendor: Vendor) -> None:
    acme = vendor.organization(overflow="reject", standard=1, premium=1)
    made = acme.post("/imports", {"resources": [ADA, BOB, GROUP], "keep_ids": True})
    foreseen = acme.get(f"/imports/{made['id']}/preview")

    started = acme.post(f"/imports/{made['id']}/start")
    while commands.carry_out_started(vendor.database, Event()):
        pass

    report = acme.get(f"/imports/{made['id']}")
    assert (made["state"], started["state"], report["import"]["state"]) == ("ready", "running", "done")
    # The Owner has the premium seat that ada requests.
    assert (foreseen["people"], foreseen["seats"]["seated"], foreseen["seats"]["refused"]) == (
        {"new": 2},
        1,
        1,
    )
    assert report["import"]["people"] == {"created": 1, "refused": 1, "seated": 1}
    assert [one["user_name"] for one in report["left_out"]] == ["ada@example.com"]
    assert report["import"]["groups"] == {"created": 1}
    assert [one["state"] for one in acme.get("/imports")["data"]] == ["done"]


def test_the_same_resources_are_the_same_import_and_a_cancelled_one_does_not_start(acme: Place) -> None:
    sent = {"resources": [ADA], "keep_ids": True}
    first, second = (acme.post("/imports", sent)["id"] for _ in range(2))

    cancelled = acme.post(f"/imports/{first}/cancel")

    assert first == second
    assert cancelled["state"] == "cancelled"
    assert acme.refused("POST", f"/imports/{first}/start") == (409, "import_closed")
    assert acme.refused("GET", "/imports/unknown") == (404, "unknown_import")


def test_roles_cannot_be_sent(acme: Place) -> None:
    owner = {"type": "person", "scim": ADA, "role": "owner"}
    sent = {"resources": [{**BOB, "role": "owner"}, owner]}

    made = acme.post("/imports", sent)

    foreseen = acme.get(f"/imports/{made['id']}/preview")
    assert foreseen["roles"] == {}
    assert [one["line"] for one in foreseen["problems"]] == [2]


def test_bad_bodies_are_refused_by_field(acme: Place) -> None:
    bad: list[dict[str, Any]] = [
        {},
        {"resources": []},
        {"resources": ["x"]},
        {"resources": [ADA], "role": OWNER},
    ]
    for body in bad:
        assert acme.refused("POST", "/imports", body) == (400, "invalid_body")
