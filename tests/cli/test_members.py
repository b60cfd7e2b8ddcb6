"""The operator's commands for people, mappings, left-out people and keys."""

import json
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from scim_server.cli import main
from tests.support.servers.running import Organization, Server


def run(server: Server, *arguments: str) -> Result:
    done = CliRunner().invoke(main, arguments, env=dict(server.environment))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def run_json(server: Server, *arguments: str) -> dict[str, Any]:
    done = run(server, *arguments, "--json")
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.fixture
def acme(server: Server) -> Organization:
    """Ann has premium, bob standard; cy and dee were refused."""
    slug = f"o{uuid4().hex}"
    made = run_json(server, "org", "create", slug, "--seats", "standard=1", "--seats", "premium=1")
    organization = Organization(made["org"], made["base_url"], made["token"])
    with organization.client() as client:
        for name in ("ann", "bob", "cy", "dee"):
            client.post("/Users", json={"userName": f"{name}@example.com"})
    return organization


def test_members_are_filtered_by_status_and_listed_in_pages(server: Server, acme: Organization) -> None:
    first = run_json(server, "people", "list", acme.slug, "--limit", "1")
    rest = run_json(server, "people", "list", acme.slug, "--after", first["next_cursor"])
    inactive = run_json(server, "people", "list", acme.slug, "--status", "inactive")

    found = [*first["data"], *rest["data"]]
    assert [(one["user_name"], one["status"], one["tier"]) for one in found] == [
        ("ann@example.com", "seated", "premium"),
        ("bob@example.com", "seated", "standard"),
    ]
    assert (rest["next_cursor"], inactive) == (None, {"data": [], "next_cursor": None})


def test_seats_are_assigned_removed_and_swapped(server: Server, acme: Organization) -> None:
    swapped = run_json(server, "people", "swap", acme.slug, "ann@example.com", "bob@example.com", "--yes")
    taken = run_json(server, "people", "unassign", acme.slug, "ann@example.com", "--yes")
    given = run_json(server, "people", "assign", acme.slug, "ann@example.com")
    refused = run(server, "people", "assign", acme.slug, "ann@example.com", "--tier", "premium")

    assert [one["tier"] for one in swapped["people"]] == ["standard", "premium"]
    assert [(one["status"], one["reason"]) for one in taken["people"]] == [("none", "unassigned")]
    assert [one["tier"] for one in given["people"]] == ["standard"]
    assert (refused.exit_code, "no premium seat is free" in refused.output) == (1, True)


def test_a_member_is_shown_with_their_history(server: Server, acme: Organization) -> None:
    run_json(server, "people", "unassign", acme.slug, "ann@example.com", "--yes")

    shown = run_json(server, "people", "show", acme.slug, "ANN@example.com")

    assert [one["outcome"] for one in shown["history"]] == ["unassigned", "provisioned"]
    assert "unassigned" in run(server, "people", "show", acme.slug, "ann@example.com").output


def test_roles_are_set_and_the_primary_owner_is_transferred(server: Server, acme: Organization) -> None:
    role = run_json(server, "people", "role", acme.slug, "ann@example.com", "owner", "--yes")
    primary = run_json(server, "people", "transfer", acme.slug, "bob@example.com", "--yes")
    last = run(server, "people", "role", acme.slug, "bob@example.com", "user", "--yes")

    assert [one["role"] for one in role["people"]] == ["owner"]
    assert [one["role"] for one in primary["people"]] == ["primary_owner"]
    assert (last.exit_code, "Primary Owner" in last.output) == (1, True)


def test_a_person_is_deactivated_and_activated_again(server: Server, acme: Organization) -> None:
    ended = run_json(server, "people", "deactivate", acme.slug, "bob@example.com", "--yes")
    again = run(server, "people", "deactivate", acme.slug, "bob@example.com", "--yes")
    given = run_json(server, "people", "activate", acme.slug, "bob@example.com")
    run_json(server, "people", "deactivate", acme.slug, "bob@example.com", "--yes")
    run_json(server, "left-out", "retry", acme.slug, "--all")
    refused = run(server, "people", "activate", acme.slug, "bob@example.com")

    assert [(one["status"], one["tier"]) for one in ended["people"]] == [("inactive", None)]
    assert (again.exit_code, again.stderr) == (1, "scim-seats: bob@example.com is already inactive\n")
    assert [(one["id"], one["status"], one["tier"]) for one in given["people"]] == [
        (ended["people"][0]["id"], "seated", "standard")
    ]
    assert refused.exit_code == 1
    assert refused.stderr.startswith(
        "scim-seats: bob@example.com could not get a seat: No free seat: 1 of 1 standard"
    )
    assert "bob@example.com" in run(server, "left-out", "list", acme.slug).output


def test_a_mapping_is_shown_saved_listed_and_removed(server: Server, acme: Organization) -> None:
    with acme.client() as client:
        people = {one["userName"]: one["id"] for one in client.get("/Users").json()["Resources"]}
        members = [{"value": people["bob@example.com"]}]
        client.post("/Groups", json={"displayName": "Engineering", "members": members})
    command = ("mapping", "set", acme.slug, "engineering", "--role", "admin", "--priority", "5")

    preview = run_json(server, *command)
    saved = run_json(server, *command, "--yes")
    listed = run_json(server, "mapping", "list", acme.slug)
    removed = run_json(server, "mapping", "remove", acme.slug, "ENGINEERING", "--yes")

    effect = {
        "user_name": "bob@example.com",
        "role": {"from": "user", "to": "admin"},
        "status": {"from": "seated", "to": "seated"},
        "tier": {"from": "standard", "to": "standard"},
        "waits_for": None,
        "refused": None,
    }
    assert (preview["preview"], preview["effects"]) == (True, [effect])
    assert (saved["preview"], saved["effects"]) == (False, [effect])
    assert listed == {
        "organization": acme.slug,
        "data": [{"group": "engineering", "tier": None, "role": "admin", "priority": 5}],
        "next_cursor": None,
        "unmapped": "highest",
    }
    assert [one["role"]["to"] for one in removed["effects"]] == ["user"]
    assert "No group is mapped yet" in run(server, "mapping", "list", acme.slug).output


def test_a_left_out_person_is_listed_dismissed_and_admitted(server: Server, acme: Organization) -> None:
    listed = run_json(server, "left-out", "list", acme.slug)
    cy, dee = (one["id"] for one in listed["rejected"])

    dismissed = run_json(
        server, "left-out", "dismiss", acme.slug, cy, "--reason", "left the company", "--yes"
    )
    preview = run_json(server, "left-out", "buy", acme.slug)
    bought = run_json(server, "left-out", "buy", acme.slug, "--confirm", preview["confirmation"])

    assert [one["user_name"] for one in listed["rejected"]] == ["cy@example.com", "dee@example.com"]
    assert dismissed["user_name"] == "cy@example.com"
    assert (preview["preview"], preview["added"], preview["invoice"]) == (True, {"standard": 1}, None)
    assert bought["retried"] == [
        {"id": dee, "user_name": "dee@example.com", "outcome": "seated", "detail": None}
    ]
    assert run_json(server, "left-out", "list", acme.slug) == {
        "waiting": [],
        "rejected": [],
        "wants_better_tier": [],
    }


def test_a_person_who_wants_a_better_tier_is_retried_and_dismissed(
    server: Server, acme: Organization
) -> None:
    with acme.client() as client:
        people = {one["userName"]: one["id"] for one in client.get("/Users").json()["Resources"]}
        client.post(
            "/Groups", json={"displayName": "Gold", "members": [{"value": people["bob@example.com"]}]}
        )
    run_json(server, "mapping", "set", acme.slug, "Gold", "--tier", "premium", "--yes")
    (better,) = run_json(server, "left-out", "list", acme.slug)["wants_better_tier"]
    dismiss = ("left-out", "dismiss", acme.slug, better["id"], "--reason", "standard is enough")

    retried = run(server, "left-out", "retry", acme.slug, better["id"])
    every = run_json(server, "left-out", "retry", acme.slug, "--all")
    words = run(server, *dismiss).output
    dismissed = run_json(server, *dismiss, "--yes")

    assert retried.exit_code == 1
    assert "bob@example.com could not get a seat: No free seat: 1 of 1 premium seats" in retried.stderr
    assert (better["id"], "rejected") in [(one["id"], one["outcome"]) for one in every["retried"]]
    assert "of bob@example.com would be dismissed, and this person would keep the standard seat." in words
    assert (dismissed["id"], dismissed["tier"]) == (better["id"], "standard")
    assert run_json(server, "left-out", "list", acme.slug)["wants_better_tier"] == []


def test_the_queue_is_listed_in_order(server: Server, acme: Organization) -> None:
    run_json(server, "org", "set", acme.slug, "--overflow", "queue")
    with acme.client() as client:
        for name in ("eve", "fay"):
            client.post("/Users", json={"userName": f"{name}@example.com"})

    waiting = run_json(server, "waiting", "list", acme.slug)["data"]

    assert [(one["place"], one["user_name"], one["wants"]) for one in waiting] == [
        (1, "eve@example.com", "any"),
        (2, "fay@example.com", "any"),
    ]


def test_an_api_key_is_shown_once_and_listed_without_its_secret(server: Server) -> None:
    name = f"key-{uuid4().hex}"

    made = run_json(server, "api-key", "create", "--name", name, "--scope", "seats:buy")
    listed = run(server, "api-key", "list", "--json").output
    run_json(server, "api-key", "revoke", name, "--yes")
    again = run(server, "api-key", "revoke", name, "--yes")

    assert made["scopes"] == ["seats:buy"]
    assert made["key"].startswith("scs_live_")
    assert made["key"] not in listed
    assert made["id"] in listed
    assert (again.exit_code, "an active key" in again.output) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (["people", "assign", "{slug}", "nobody@example.com"], "this organization has no person called"),
        (["people", "role", "{slug}", "ann@example.com", "king"], "is not one of"),
        (["mapping", "set", "{slug}", "Engineering"], "give a tier, a role or a priority"),
        (["mapping", "set", "{slug}", "Engineering", "--tier", "gold"], "has no tier 'gold'"),
        (["mapping", "remove", "{slug}", "Engineering"], "has no mapping"),
        (["left-out", "retry", "{slug}"], "give one entry, or use --all"),
        (["left-out", "retry", "{slug}", "x-1"], "is not a reference"),
        (["left-out", "dismiss", "{slug}", "999", "--reason", "x"], "no open refusal has the id"),
        (["api-key", "create", "--scope", "everything"], "is not one of"),
    ],
)
def test_an_invalid_command_is_refused_with_the_reason(
    server: Server, acme: Organization, arguments: list[str], refusal: str
) -> None:
    done = run(server, *(argument.format(slug=acme.slug) for argument in arguments))

    assert done.exit_code in (1, 2)
    assert refusal in " ".join(done.output.split())


def test_buying_without_a_contract_adds_the_missing_seats_free_of_charge(server: Server) -> None:
    organization = server.organization(overflow="queue", standard=0)
    with organization.client() as client:
        for name in ("eve", "fay"):
            client.post("/Users", json={"userName": f"{name}@example.com"})

    preview = run(server, "left-out", "buy", organization.slug).output.splitlines()
    done = run(server, "left-out", "buy", organization.slug, "--yes", "--key", "once").output.splitlines()
    again = run(server, "left-out", "buy", organization.slug, "--yes", "--key", "once").output.splitlines()

    assert preview[:2] == [
        "2 standard seats would be added, free of charge: the organization has no contract.",
        "2 waiting people would get a seat: eve@example.com (standard), fay@example.com (standard).",
    ]
    assert preview[2].startswith("This was a preview, and nothing was changed.")
    assert done == [
        "2 standard seats were added, free of charge: the organization has no contract.",
        "2 waiting people got a seat: eve@example.com (standard), fay@example.com (standard).",
    ]
    assert again == [
        "This key was already used for the same purchase (nothing was owed). Nothing is bought again."
    ]


def test_retrying_all_names_the_people_who_were_not_tried(server: Server, acme: Organization) -> None:
    done = run_json(server, "left-out", "retry", acme.slug, "--all")
    words = run(server, "left-out", "retry", acme.slug, "--all").output.splitlines()

    assert [(one["user_name"], one["outcome"]) for one in done["retried"]] == [("cy@example.com", "rejected")]
    (dee,) = done["not_tried"]
    assert (dee["user_name"], dee["detail"]) == (
        "dee@example.com",
        "no seat was left for a person who was refused earlier",
    )
    assert words[-1] == "1 more was not tried: no seat was left for a person who was refused earlier."
