"""SCIM tokens: created, rotated in two steps and revoked by /v1, with what their providers do."""

import httpx

from tests.admin.calling import Place, client_of, problem
from tests.api.in_process import PUBLIC_URL
from tests.api.wire import USER


def scim(acme: Place, secret: str, method: str = "GET", **values: object) -> httpx.Response:
    """The answer to a provider with this token, which calls itself Okta."""
    body = {"schemas": [USER], **values} if values else None
    headers = {"Authorization": f"Bearer {secret}", "User-Agent": "Okta SCIM Client 1.0.0"}
    with client_of(acme.vendor.app, None) as provider:
        return provider.request(
            method, f"{PUBLIC_URL}/orgs/{acme.slug}/scim/v2/Users", json=body, headers=headers
        )


def test_a_token_works_from_its_creation_until_it_is_revoked(acme: Place) -> None:
    made = acme.post("/scim-tokens", {"name": "okta", "days": 30})
    works = scim(acme, made["token"]).status_code
    shown = acme.call("DELETE", f"/scim-tokens/{made['id']}?preview=true").json()

    gone = acme.call("DELETE", f"/scim-tokens/{made['id']}").json()

    assert (works, made["base_url"]) == (200, f"{PUBLIC_URL}/orgs/{acme.slug}/scim/v2")
    assert (shown["preview"], shown["revoked"], gone["preview"], gone["revoked"]) == (
        True,
        False,
        False,
        True,
    )
    assert acme.refused("GET", f"/scim-tokens/{made['id']}") == (404, "unknown_token")
    listed = {one["name"]: one for one in acme.get("/scim-tokens")["data"]}
    assert (listed["okta"]["live"], listed["first"]["live"]) == (False, True)
    assert listed["okta"]["revoked"] is not None
    assert "token" not in listed["okta"]


def test_a_list_shows_the_provider_and_what_it_did(acme: Place) -> None:
    acme.call("PATCH", "", {"overflow": "reject", "seats": {"standard": 1, "premium": 1}})
    secret = acme.post("/scim-tokens", {"name": "directory"})["token"]
    answers = [
        scim(acme, secret, "POST", userName=name).status_code
        for name in ("ada@example.com", "bob@example.com", "bob@example.com")
    ]

    shown = acme.get("/scim-tokens/directory")

    assert answers == [201, 403, 403]
    assert (shown["provider"], shown["came"]) == ("Okta", 1)
    assert (shown["refused"]["people"], shown["refused"]["attempts"]) == (1, 2)
    assert shown["last_used"] is not None


def test_both_tokens_of_a_rotation_work_until_it_is_completed(acme: Place) -> None:
    old = acme.post("/scim-tokens", {"name": "okta"})

    new = acme.post(f"/scim-tokens/{old['id']}/rotation")
    states = {one["id"]: one for one in acme.get("/scim-tokens")["data"]}
    during = [scim(acme, one["token"]).status_code for one in (old, new)]
    gone = acme.post(f"/scim-tokens/{old['id']}/rotation/complete")

    assert during == [200, 200]
    assert states[old["id"]]["successor"] == new["id"]
    assert states[new["id"]]["predecessor"] == old["id"]
    assert (gone["id"], gone["revoked"]) == (old["id"], True)
    assert [one["live"] for one in acme.get("/scim-tokens")["data"]] == [True, False, True]
    assert acme.refused("POST", f"/scim-tokens/{new['id']}/rotation/complete") == (409, "no_rotation")


def test_a_cancelled_rotation_revokes_the_new_token(acme: Place) -> None:
    old = acme.post("/scim-tokens", {"name": "okta"})
    new = acme.post("/scim-tokens/okta/rotation")

    answer = acme.call("DELETE", "/scim-tokens/okta/rotation")

    assert answer.json()["id"] == new["id"]
    live = {one["id"] for one in acme.get("/scim-tokens")["data"] if one["live"]}
    assert old["id"] in live
    assert new["id"] not in live
    assert problem(acme.call("DELETE", "/scim-tokens/okta/rotation")) == (409, "no_rotation")


def test_pages_list_every_token_once(acme: Place) -> None:
    for _ in range(4):
        acme.post("/scim-tokens")

    first = acme.get("/scim-tokens?limit=3")
    second = acme.get(f"/scim-tokens?limit=3&cursor={first['next_cursor']}")

    names = [one["name"] for page in (first, second) for one in page["data"]]
    assert names == ["provider-4", "provider-3", "provider-2", "provider", "first"]
    assert second["next_cursor"] is None
    other = acme.vendor.organization()
    assert other.refused("GET", f"/scim-tokens?cursor={first['next_cursor']}") == (400, "invalid_cursor")
