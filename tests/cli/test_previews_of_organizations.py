"""Commands that end access or cost money show a preview, and apply it with --yes or --confirm."""

import json
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from scim_server.cli import main
from tests.api.wire import create, founded
from tests.support.servers.running import Organization, Server

PRICES = ("--price", "standard=20.00", "--price", "premium=100.00")


def run(server: Server, *arguments: str) -> Result:
    done = CliRunner().invoke(main, arguments, env=dict(server.environment))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def answered(server: Server, *arguments: str) -> dict[str, Any]:
    done = run(server, *arguments, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def acme(server: Server) -> Organization:
    return founded(server, standard=1)


def test_revoking_a_token_requires_yes(server: Server, acme: Organization) -> None:
    answered(server, "token", "create", acme.slug, "--name", "okta")

    preview = run(server, "token", "revoke", acme.slug, "okta").output
    between = answered(server, "token", "list", acme.slug)["data"]
    done = answered(server, "token", "revoke", acme.slug, "okta", "--yes")

    assert "was never used" in preview
    assert "This was a preview, and nothing was changed. Add --yes to revoke the " in preview
    assert [one["revoked"] for one in between] == [None, None]
    assert (done["preview"], done["revoked"]) == (False, True)


def test_a_duplicate_token_name_is_refused_and_unnamed_tokens_are_numbered(
    server: Server, acme: Organization
) -> None:
    names = [answered(server, "token", "create", acme.slug)["name"] for _ in range(2)]

    refused = run(server, "token", "create", acme.slug, "--name", "provider", "--json")

    assert names == ["provider", "provider-2"]
    assert refused.exit_code == 1
    assert json.loads(refused.stderr)["error"]["code"] == "token_name_taken"


def test_revoking_an_api_key_requires_yes(server: Server) -> None:
    name = f"key-{uuid4().hex}"
    answered(server, "api-key", "create", "--name", name)

    preview = answered(server, "api-key", "revoke", name)
    again = answered(server, "api-key", "revoke", name)
    done = answered(server, "api-key", "revoke", name, "--yes")

    assert (preview["preview"], preview["revoked"], again["revoked"]) == (True, None, None)
    assert (done["preview"], done["revoked"] is not None) == (False, True)


def test_suspending_and_resuming_require_yes(server: Server, acme: Organization) -> None:
    preview = run(server, "org", "suspend", acme.slug).output
    with acme.client() as client:
        created = client.post("/Users", json={"userName": "ann@example.com"}).status_code
    done = answered(server, "org", "suspend", acme.slug, "--yes")
    kept = answered(server, "org", "resume", acme.slug)
    resumed = answered(server, "org", "resume", acme.slug, "--yes")

    assert "would be suspended" in preview
    assert created == 201
    assert (done["suspended"], done["changed"], done["preview"]) == (True, True, False)
    assert (kept["preview"], kept["changed"], resumed["changed"]) == (True, True, True)


def test_the_preview_of_a_revocation_names_the_person_who_would_get_the_seat(server: Server) -> None:
    acme = founded(server, overflow="queue", standard=1)
    domain = f"{uuid4().hex}.example"
    answered(server, "org", "set", acme.slug, "--allow-invitations")
    answered(server, "domain", "add", acme.slug, domain, "--verified")
    answered(server, "invite", acme.slug, f"ada@{domain}")
    with acme.client() as client:
        grace = create(client)["userName"]
    revoke = ("invitation", "revoke", acme.slug, f"ada@{domain}")

    preview = answered(server, *revoke)
    shown = run(server, *revoke).output
    between = answered(server, "seats", "show", acme.slug)["tiers"]["standard"]
    done = answered(server, *revoke, "--yes")

    assert (preview["preview"], preview["released"], preview["let_in"]) == (
        True,
        "standard",
        {grace: "standard"},
    )
    assert grace in shown
    assert (between["assigned"], between["held"]) == (0, 1)
    assert (done["preview"], done["state"], done["let_in"]) == (False, "revoked", {grace: "standard"})


def buying(server: Server) -> Organization:
    """Premium seats are bought for people who need one; Ann has a standard seat and is in Engineering."""
    slug = f"o{uuid4().hex}"
    policy = ("--tier-overflow", "premium=buy", "--ceiling", "premium=2")
    made = answered(server, "org", "create", slug, "--seats", "standard=5", *PRICES, *policy)
    acme = Organization(made["org"], made["base_url"], made["token"])
    with acme.client() as client:
        members = [{"value": create(client)["id"]}]
        client.post("/Groups", json={"displayName": "Engineering", "members": members})
    return acme


def test_a_mapping_that_buys_seats_is_saved_only_with_an_up_to_date_confirmation(server: Server) -> None:
    acme = buying(server)
    command = ("mapping", "set", acme.slug, "Engineering", "--tier", "premium")

    preview = answered(server, *command)
    with acme.client() as client:
        group = client.get("/Groups").json()["Resources"][0]["id"]
        value = [{"value": create(client)["id"]}]
        operation = {"op": "add", "path": "members", "value": value}
        client.patch(f"/Groups/{group}", json={"Operations": [operation]})
    stale = run(server, *command, "--confirm", preview["confirmation"], "--json")
    between = answered(server, "mapping", "list", acme.slug)["data"]
    now = json.loads(stale.stdout)
    done = answered(server, *command, "--confirm", now["confirmation"])

    assert (preview["bought_seats"], now["bought_seats"]) == ({"premium": 1}, {"premium": 2})
    assert preview["bought_price"]["total"]["currency"] == "USD"
    assert (stale.exit_code, json.loads(stale.stderr)["error"]["code"]) == (1, "stale_confirmation")
    assert between == []
    assert (done["preview"], done["bought_seats"]) == (False, {"premium": 2})


def test_a_confirmation_of_another_organization_is_refused(server: Server) -> None:
    acme, other = buying(server), buying(server)
    command = ("mapping", "set", acme.slug, "Engineering", "--tier", "premium")

    token = answered(server, "mapping", "set", other.slug, "Engineering", "--tier", "premium")["confirmation"]
    done = run(server, *command, "--confirm", token)

    assert done.exit_code == 1
    assert answered(server, "mapping", "list", acme.slug)["data"] == []


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--overflow", "buy"), "buy_needs_contract"),
        (("--tier-overflow", "standard=buy"), "buy_needs_contract"),
        (("--overflow", "buy", "--ceiling", "standard=3", "--strict"), "buy_needs_contract"),
    ],
)
def test_a_policy_that_cannot_buy_is_refused_with_a_remedy(
    server: Server, acme: Organization, options: tuple[str, ...], code: str
) -> None:
    as_json = run(server, "org", "set", acme.slug, *options, "--json")
    shown = run(server, "org", "set", acme.slug, *options)
    created = run(server, "org", "create", f"o{uuid4().hex}", "--seats", "standard=1", "--overflow", "buy")

    assert json.loads(as_json.stderr)["error"]["code"] == code
    assert "contract set" in shown.stderr
    assert "--ceiling" in created.stderr
    (mine,) = (one for one in answered(server, "org", "list")["data"] if one["organization"] == acme.slug)
    assert (mine["overflow"], mine["strict"]) == ("reject", False)


def test_a_mistyped_slug_gets_a_suggestion(server: Server, acme: Organization) -> None:
    typed = acme.slug[:-1] + ("x" if acme.slug[-1] != "x" else "y")

    done = run(server, "seats", "show", typed, "--json")

    error = json.loads(done.stderr)["error"]
    assert (done.exit_code, error["code"]) == (1, "unknown_organization")
    assert f"did you mean '{acme.slug}'?" in error["detail"]


def test_tables_fit_80_columns(server: Server) -> None:
    short = f"o{uuid4().hex[:8]}"
    answered(server, "org", "create", short, "--seats", "standard=5", "--owner", "ada.lovelace@example.com")
    answered(server, "domain", "add", short, "example.com")

    for command in (
        ("org", "set", short, "--strict"),
        ("mapping", "list", short),
        ("invitation", "list", short),
    ):
        lines = run(server, *command).output.splitlines()
        assert max(map(len, lines)) <= 80, lines
