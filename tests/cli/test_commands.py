"""What scripts rely on: the JSON of every command."""

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from click.testing import CliRunner, Result

from scim_server.cli import main
from tests.api.wire import command, create, founded
from tests.support.servers.running import Organization, Server

EMPTY = {"purchased": 0, "assigned": 0, "held": 0, "free": 0, "waiting": 0}


def run(server: Server, *arguments: str) -> Result:
    """A command run in this process; it may raise only an exit."""
    done = CliRunner().invoke(main, arguments, env=dict(server.environment))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def tier(purchased: int, assigned: int = 0, waiting: int = 0) -> dict[str, int]:
    free = purchased - assigned
    return {"purchased": purchased, "assigned": assigned, "held": 0, "free": free, "waiting": waiting}


def is_moment(text: str) -> bool:
    return datetime.fromisoformat(text).tzinfo is not None


@pytest.fixture
def organization(server: Server) -> Organization:
    return founded(server, standard=2)


@pytest.fixture
def client(organization: Organization) -> Iterator[httpx.Client]:
    with organization.client() as opened:
        yield opened


def test_every_command_has_help() -> None:
    names = set(main.commands)

    helps = [CliRunner().invoke(main, [name, "--help"]) for name in sorted(names)]

    assert {"db", "demo", "log", "org", "seats", "serve", "token"} <= names
    assert [done.exit_code for done in helps] == [0] * len(names)
    assert CliRunner().invoke(main, ["--version"]).output.startswith("scim-seats, version ")


def test_org_create_prints_the_connection_details(server: Server) -> None:
    slug = f"o{uuid4().hex}"

    made = server.json(
        "org", "create", slug, "--seats", "standard=50", "--seats", "premium=10", "--overflow", "queue"
    )

    assert made == {
        "org": slug,
        "organization": slug,
        "base_url": f"{server.url}/orgs/{slug}/scim/v2",
        "token": made["token"],
    }
    assert re.fullmatch(r"scs_[A-Za-z0-9_-]{43}", made["token"])
    with Organization(made["org"], made["base_url"], made["token"]).client() as opened:
        assert opened.get("/Users").status_code == 200
    assert command(server, "seats", "show", slug) == {
        "tiers": {"standard": tier(50), "premium": tier(10)},
        "waiting_any": 0,
    }


def test_org_create_with_an_active_owner_seats_the_owner(server: Server) -> None:
    organization = founded(server, "--owner", "owner@example.com", "--active", premium=1)

    (entry,) = command(server, "log", "list", organization.slug)["data"]

    assert command(server, "seats", "show", organization.slug)["tiers"] == {
        "standard": EMPTY,
        "premium": tier(1, 1),
    }
    assert (entry["outcome"], entry["user_name"], entry["way_in"]) == (
        "provisioned",
        "owner@example.com",
        "cli",
    )


def test_org_create_invites_the_owner_and_holds_a_seat_for_them(server: Server) -> None:
    slug = f"o{uuid4().hex}"

    made = server.json(
        "org", "create", slug, "--seats", "premium=1", "--owner", "owner@example.com", "--language", "es"
    )
    (sent,) = command(server, "invitation", "list", slug)["data"]

    assert set(made) == {"org", "organization", "base_url", "token", "owner", "console_url"}
    assert made["console_url"].startswith(f"{server.url}/console/{slug}/sign-in/scl_")
    assert made["owner"] == {"email": "owner@example.com", "status": "invited"}
    assert (sent["email"], sent["role"], sent["held"], sent["language"], sent["state"], sent["mail"]) == (
        "owner@example.com",
        "primary_owner",
        "premium",
        "es",
        "pending",
        "to be sent",
    )


def test_org_set_changes_only_the_given_settings(server: Server, organization: Organization) -> None:
    slug = organization.slug
    before = {
        "organization": slug,
        "mode": "scim",
        "overflow": "reject",
        "strict": False,
        "seat_extension": False,
    }

    shown = [
        command(server, "org", "set", slug, *options)
        for options in (
            ("--overflow", "queue"),
            ("--mode", "manual", "--strict"),
            ("--seat-extension", "off"),
            ("--seat-extension", "auto", "--no-strict", "--mode", "scim", "--overflow", "reject"),
        )
    ]

    assert [{name: one[name] for name in before} for one in shown] == [
        before | {"overflow": "queue", "seat_extension": True},
        before | {"overflow": "queue", "seat_extension": True, "mode": "manual", "strict": True},
        before | {"overflow": "queue", "mode": "manual", "strict": True},
        before,
    ]


def test_org_list_shows_settings_and_seats(server: Server, organization: Organization) -> None:
    listed = command(server, "org", "list")["data"]

    (mine,) = [one for one in listed if one["organization"] == organization.slug]
    expected = {
        "organization": organization.slug,
        "mode": "scim",
        "overflow": "reject",
        "strict": False,
        "seat_extension": False,
        "base_url": organization.base_url,
        "tiers": {
            "standard": {**tier(2), "overflow": None, "ceiling": None},
            "premium": {**EMPTY, "overflow": None, "ceiling": None},
        },
        "waiting_any": 0,
    }
    assert {name: mine[name] for name in expected} == expected


def test_seats_add_previews_its_effects_and_applies_them_with_yes(server: Server) -> None:
    organization = founded(server, overflow="queue", standard=1)
    with organization.client() as opened:
        people = [create(opened) for _ in range(4)]
    add = ("seats", "add", organization.slug, "standard=2", "--for", people[3]["userName"])

    before = command(server, "seats", "show", organization.slug)
    preview = command(server, *add)
    untouched = command(server, "seats", "show", organization.slug)
    done = command(server, *add, "--yes")

    expected = {
        "added": {"standard": 2},
        "upgraded": [],
        "seated_for": [people[3]["userName"]],
        "moved_for": [],
        "promoted": 1,
        "let_in": [{"person": people[1]["id"], "user_name": people[1]["userName"], "tier": "standard"}],
        "organization": organization.slug,
        "repeated": False,
        "confirmation": preview["confirmation"],
        "invoice": None,
        **dict.fromkeys(("currency", "since", "until", "lines", "net", "tax", "total")),
        "tiers": {"standard": tier(3, 3), "premium": EMPTY},
        "waiting_any": 1,
    }
    assert before == untouched == {"tiers": {"standard": tier(1, 1), "premium": EMPTY}, "waiting_any": 3}
    assert preview == expected | {"preview": True}
    assert done == expected | {"preview": False}
    assert command(server, "seats", "show", organization.slug)["tiers"] == done["tiers"]
    newest = command(server, "log", "list", organization.slug)["data"][:2]
    assert [(one["outcome"], one["person"]) for one in newest] == [
        ("promoted", people[1]["id"]),
        ("provisioned", people[3]["id"]),
    ]


def test_granted_seats_cannot_be_set_below_the_seats_in_use(
    server: Server, organization: Organization, client: httpx.Client
) -> None:
    create(client)

    lower = run(server, "org", "set", organization.slug, "--seats", "standard=0", "--json")
    done = run(server, "org", "set", organization.slug, "--seats", "standard=1", "--json")

    assert (lower.exit_code, lower.stdout) == (1, "")
    assert json.loads(lower.stderr)["error"] == {
        "code": "seats_in_use",
        "detail": "1 standard seat is in use, so the total cannot be 0",
    }
    assert done.exit_code == 0
    assert command(server, "seats", "show", organization.slug)["tiers"]["standard"] == tier(1, 1)


def test_the_log_is_listed_by_outcome_time_and_page(
    server: Server, organization: Organization, client: httpx.Client
) -> None:
    slug = organization.slug
    for name in ("a@x", "b@x", "c@x", "d@x"):
        client.post("/Users", json={"userName": name})

    def listed(*options: str) -> list[str]:
        return [one["user_name"] for one in command(server, "log", "list", slug, *options)["data"]]

    page = command(server, "log", "list", slug, "--limit", "3")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    assert set(page) == {"data", "next_cursor"}
    assert [one["user_name"] for one in page["data"]] == ["d@x", "c@x", "b@x"]
    assert listed("--before", page["next_cursor"]) == ["a@x"]
    assert command(server, "log", "list", slug)["next_cursor"] is None
    assert listed("--outcome", "rejected") == listed("--open") == ["d@x", "c@x"]
    assert listed("--outcome", "provisioned") == ["b@x", "a@x"]
    assert (listed("--since", "2020-01-01"), listed("--since", tomorrow)) == (
        ["d@x", "c@x", "b@x", "a@x"],
        [],
    )


def test_log_retry_admits_one_or_all_left_out_people_while_seats_are_free(
    server: Server, organization: Organization, client: httpx.Client
) -> None:
    slug = organization.slug
    for name in ("a@x", "b@x", "c@x", "d@x", "e@x"):
        client.post("/Users", json={"userName": name, "displayName": name.upper()})
    entries = command(server, "log", "list", slug, "--open")["data"][::-1]
    ids = [one["id"] for one in entries]

    refused = run(server, "log", "retry", slug, ids[0], "--json")
    command(server, "seats", "add", slug, "standard=2", "--yes")
    one = command(server, "log", "retry", slug, ids[1])
    every = command(server, "log", "retry", slug, "--all")
    again = run(server, "log", "retry", slug, ids[1], "--json")

    assert (refused.exit_code, len(refused.stderr.splitlines())) == (1, 1)
    assert "c@x could not get a seat: No free seat: " in refused.stderr
    seated = {"id": ids[1], "user_name": "d@x", "outcome": "seated", "detail": None}
    assert one == {"retried": [seated], "not_tried": []}
    assert [(each["user_name"], each["outcome"]) for each in every["retried"]] == [
        ("c@x", "seated"),
        ("e@x", "rejected"),
    ]
    assert (again.exit_code, again.stdout) == (1, "")
    assert f"no open refusal has the id {ids[1]}" in again.stderr
    found = client.get("/Users", params={"filter": 'userName eq "d@x"'}).json()["Resources"]
    assert [(person["displayName"], person["active"]) for person in found] == [("D@X", True)]


def test_tokens_are_created_listed_and_revoked(server: Server, organization: Organization) -> None:
    slug = organization.slug

    made = command(server, "token", "create", slug, "--name", "okta", "--days", "30")
    listed = command(server, "token", "list", slug)["data"]
    revoked = command(server, "token", "revoke", slug, "okta", "--yes")
    after = command(server, "token", "list", slug)["data"]

    assert {name: made[name] for name in ("organization", "base_url", "name", "revoked", "last_used")} == {
        "organization": slug,
        "base_url": organization.base_url,
        "name": "okta",
        "revoked": None,
        "last_used": None,
    }
    assert is_moment(made["created"])
    assert is_moment(made["expires"])
    assert {one["name"] for one in listed} == {"first", "okta"}
    assert [set(one) for one in listed] == [{"id", "name", "created", "expires", "revoked", "last_used"}] * 2
    assert made["token"] not in str(listed)
    assert revoked == {
        "organization": slug,
        "preview": False,
        "id": made["id"],
        "name": "okta",
        "last_used": None,
        "revoked": True,
    }
    assert [one["name"] for one in after if one["revoked"] is None] == ["first"]


def test_every_worker_refuses_a_revoked_token_within_a_second(
    server: Server, organization: Organization
) -> None:
    """SECURITY 2."""
    made = command(server, "token", "create", organization.slug, "--name", "second")
    headers = {"Authorization": f"Bearer {made['token']}"}
    url = f"{organization.base_url}/Users"
    # New connections, so that every worker has seen the token and remembers it.
    alive = [httpx.get(url, headers=headers, trust_env=False, verify=False).status_code for _ in range(12)]

    command(server, "token", "revoke", organization.slug, "second", "--yes")
    time.sleep(1)
    dead = [httpx.get(url, headers=headers, trust_env=False, verify=False).status_code for _ in range(12)]

    assert alive == [200] * 12
    assert dead == [401] * 12
    with organization.client() as first:
        assert first.get("/Users").status_code == 200


def test_db_upgrade_and_db_check_succeed(server: Server) -> None:
    upgraded = server.json("db", "upgrade")
    checked = server.json("db", "check")

    assert upgraded == {"from": upgraded["to"], "to": upgraded["to"]}
    assert checked == {"sound": True, "problems": []}
