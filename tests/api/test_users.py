"""People on the wire: created, read, replaced, patched, deleted, in every form that providers use."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.wire import (
    ENTERPRISE,
    USER,
    Resource,
    create,
    create_group,
    found,
    own,
    patch,
    read,
    refusal,
    user_name,
)

WORK = {"type": "work", "value": "ada@work.example", "primary": True}
HOME = {"type": "home", "value": "ada@home.example"}
FULL: Resource = {
    "externalId": "E-4711",
    "name": {"formatted": "Ms. Ada Lovelace", "givenName": "Ada", "familyName": "Lovelace"},
    "displayName": "Ada Lovelace",
    "preferredLanguage": "xx-no-such-language",
    "timezone": "Moon/Tranquility",
    "emails": [WORK, HOME],
    "phoneNumbers": [{"value": "call me"}],
    "addresses": [{"country": "Nowhere", "type": "castle"}],
    "roles": [{"value": "Admin", "display": "Admin"}],
    "x509Certificates": [{"value": "bm90IGEgY2VydGlmaWNhdGU="}],
    ENTERPRISE: {"employeeNumber": "1", "department": "Analysis"},
}


def test_a_created_person_is_returned_as_sent_with_the_servers_attributes(client: httpx.Client) -> None:
    """Wire decisions 1, 10 and 18."""
    sent = {
        "schemas": [USER, ENTERPRISE],
        "userName": f"Ada.{uuid4().hex}@Example.COM",
        **FULL,
        "active": True,
    }

    answer = client.post("/Users", json=sent)

    made = answer.json()
    location = f"{client.base_url}Users/{made['id']}"
    assert answer.status_code == 201
    assert made == sent | {
        "id": made["id"],
        "meta": {
            "resourceType": "User",
            "created": made["meta"]["created"],
            "lastModified": made["meta"]["created"],
            "version": 'W/"1"',
            "location": location,
        },
    }
    assert (answer.headers["location"], answer.headers["etag"]) == (location, 'W/"1"')
    assert made["meta"]["created"].endswith("Z")


def test_reading_a_person_returns_the_same_headers_as_creating_them(client: httpx.Client) -> None:
    made = create(client, **FULL)

    answer = client.get(f"/Users/{made['id']}")

    assert (answer.status_code, answer.json()) == (200, made)
    assert answer.headers["content-type"] == "application/scim+json"
    assert (answer.headers["location"], answer.headers["etag"]) == (made["meta"]["location"], 'W/"1"')


def test_unassigned_attributes_are_omitted(client: httpx.Client) -> None:
    """Wire decision 10; IDP 3: Entra sends nulls and empty lists."""
    name = user_name()
    empty: Resource = {
        "displayName": "",
        "nickName": None,
        "emails": [],
        "roles": None,
        "name": {"givenName": None},
    }

    made = create(client, userName=name, **empty, phoneNumbers=[{}], **{ENTERPRISE: {"manager": None}})

    assert own(made) == {"userName": name, "active": True}
    assert made["schemas"] == [USER]


@pytest.mark.parametrize(
    ("sent", "shown"), [("True", True), ("FALSE", False), ("true", True), ("False", False)]
)
def test_booleans_sent_as_text_are_returned_as_booleans(
    client: httpx.Client, sent: str, *, shown: bool
) -> None:
    """IDP 3 and 4."""
    made = create(client, active=sent, emails=[{"value": "x", "primary": sent}])
    other = create(client, active=not shown)
    patched = patch(client, f"/Users/{other['id']}", {"op": "Replace", "path": "active", "value": sent})

    assert (made["active"], made["emails"]) == (shown, [{"value": "x", "primary": shown}])
    assert (patched.status_code, patched.json()["active"]) == (200, shown)


def test_attribute_names_are_matched_in_any_case_and_unknown_ones_are_ignored(client: httpx.Client) -> None:
    """Wire decision 12; IDP 3."""
    name = user_name()
    sent = {
        "USERNAME": name,
        "Emails": [{"VALUE": "x", "Primary": True, "colour": "red"}],
        "favouriteColour": "red",
        "urn:example:extension:2.0:User": {"x": 1},
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0User": {"Department": "R&D"},
        "schemas": ["urn:example:nonsense"],
    }

    answer = client.post("/Users", json=sent)

    assert own(answer.json()) == {
        "userName": name,
        "active": True,
        "emails": [{"value": "x", "primary": True}],
        ENTERPRISE: {"department": "R&D"},
    }
    assert answer.json()["schemas"] == [USER, ENTERPRISE]


def test_a_password_is_accepted_and_never_returned(client: httpx.Client) -> None:
    """Wire decision 9."""
    secret = f"hunter2-{uuid4().hex}"
    made = client.post("/Users", json={"userName": user_name(), "password": secret})
    path = f"/Users/{made.json()['id']}"

    answers = [
        made,
        client.get(path),
        client.get(path, params={"attributes": "password,userName"}),
        client.put(path, json={"userName": made.json()["userName"], "password": secret}),
        patch(client, path, {"op": "replace", "path": "password", "value": secret}),
        patch(client, path, {"op": "add", "value": {"password": secret}}),
        client.get("/Users", params={"attributes": "password"}),
    ]

    assert {answer.status_code for answer in answers} == {200, 201}
    assert not [answer for answer in answers if secret in answer.text or "password" in answer.text]
    assert {answer.headers["etag"] for answer in answers[:-1]} == {'W/"1"'}


def manager_forms(identifier: str) -> list[Any]:
    """IDP 7."""
    return [
        identifier,
        {"value": identifier},
        {"value": identifier, "$ref": None},
        {"value": identifier, "$ref": "../Users/x", "displayName": "Somebody"},
        [{"value": identifier}],
    ]


@pytest.mark.parametrize("form", range(5))
@pytest.mark.parametrize("path", [f"{ENTERPRISE}:manager", "manager"])
def test_a_manager_is_accepted_in_every_form(client: httpx.Client, path: str, form: int) -> None:
    """Wire decisions 11 and 14."""
    boss = create(client, displayName="The Boss")
    value = manager_forms(boss["id"])[form]

    made = create(client, **{ENTERPRISE: {"manager": value}})
    patched = patch(client, f"/Users/{create(client)['id']}", {"op": "Add", "path": path, "value": value})
    keyed = patch(client, f"/Users/{create(client)['id']}", {"op": "Add", "value": {path: value}})

    expected = {"value": boss["id"], "$ref": boss["meta"]["location"], "displayName": "The Boss"}
    assert [made[ENTERPRISE], patched.json()[ENTERPRISE], keyed.json()[ENTERPRISE]] == [
        {"manager": expected}
    ] * 3


def test_a_manager_unknown_to_the_organization_is_stored_as_an_opaque_value(
    client: httpx.Client, stranger: httpx.Client
) -> None:
    """Wire decision 11."""
    for value in ("CN=Boss,DC=example", create(stranger, displayName="Foreign")["id"]):
        made = create(client, **{ENTERPRISE: {"manager": {"value": value, "$ref": "x", "displayName": "y"}}})
        assert made[ENTERPRISE] == {"manager": {"value": value}}


def test_a_manager_without_a_display_name_shows_none_and_a_deleted_one_is_an_opaque_value(
    client: httpx.Client,
) -> None:
    boss = create(client)
    made = create(client, **{ENTERPRISE: {"manager": boss["id"]}})

    client.delete(f"/Users/{boss['id']}")

    assert made[ENTERPRISE]["manager"] == {"value": boss["id"], "$ref": boss["meta"]["location"]}
    assert read(client, f"/Users/{made['id']}")[ENTERPRISE]["manager"] == {"value": boss["id"]}


def test_a_put_clears_every_omitted_attribute_except_active(client: httpx.Client) -> None:
    """Wire decision 12; IDP 30."""
    made, sleeping = create(client, **FULL), create(client, **FULL, active=False)

    answers = [
        client.put(f"/Users/{one['id']}", json={"userName": one["userName"], "title": "x"})
        for one in (made, sleeping)
    ]

    assert [own(answer.json()) for answer in answers] == [
        {"userName": made["userName"], "title": "x", "active": True},
        {"userName": sleeping["userName"], "title": "x", "active": False},
    ]
    assert answers[0].headers["etag"] == answers[0].json()["meta"]["version"] == 'W/"2"'
    assert answers[0].headers["location"] == made["meta"]["location"]
    assert read(client, f"/Users/{made['id']}") == answers[0].json()


def test_sending_back_the_whole_person_changes_nothing(client: httpx.Client) -> None:
    """IDP 18: Okta sends id, meta and groups back."""
    made = create(client, **FULL)
    create_group(client, made["id"])
    before = read(client, f"/Users/{made['id']}")

    echoed = client.put(f"/Users/{made['id']}", json=before | {"title": "", "groups": before["groups"]})

    assert (echoed.status_code, echoed.json()) == (200, before)


def test_read_only_attributes_in_a_body_are_ignored(client: httpx.Client) -> None:
    """Wire decision 12."""
    made = create(client)
    foreign = {"id": "1", "meta": {"version": "x"}, "groups": [{"value": "x"}], "schemas": []}

    put = client.put(f"/Users/{made['id']}", json={"userName": made["userName"], **foreign})
    patched = patch(client, f"/Users/{made['id']}", {"op": "replace", "value": foreign})

    assert (put.json(), patched.json()) == (made, made)


def test_a_write_succeeds_only_with_the_current_version(client: httpx.Client) -> None:
    """Wire decision 18."""
    made = create(client)
    path, title = f"/Users/{made['id']}", {"op": "replace", "path": "title", "value": "x"}
    body = {"userName": made["userName"], "title": "y"}

    stale = [
        client.put(path, json=body, headers={"If-Match": 'W/"7"'}),
        patch(client, path, title, if_match='"7", W/"8"'),
        client.delete(path, headers={"If-Match": 'W/"0"'}),
    ]
    unchanged = read(client, path)
    done = [
        patch(client, path, title, if_match='W/"1"'),
        client.put(path, json=body, headers={"If-Match": '"2"'}),
        patch(client, path, title, if_match='W/"9", W/"3"'),
        client.delete(path, headers={"If-Match": "*"}),
    ]

    assert all("version is now 1" in refusal(answer, 412) for answer in stale)
    assert unchanged == made
    assert [(answer.status_code, answer.headers.get("etag")) for answer in done] == [
        *((200, 'W/"2"'), (200, 'W/"3"'), (200, 'W/"4"')),
        (204, None),
    ]


def test_a_person_whose_version_the_client_has_is_not_sent_again(client: httpx.Client) -> None:
    made = create(client)
    path = f"/Users/{made['id']}"

    same = [client.get(path, headers={"If-None-Match": tag}) for tag in ('W/"1"', '"1"', '"0", W/"1"', "*")]
    changed = client.get(path, headers={"If-None-Match": 'W/"0"'})

    assert [(answer.status_code, answer.content, answer.headers["etag"]) for answer in same] == [
        (304, b"", 'W/"1"')
    ] * 4
    assert (changed.status_code, changed.json()) == (200, made)


def test_a_deleted_person_no_longer_exists(client: httpx.Client) -> None:
    made = create(client, externalId=uuid4().hex)
    path = f"/Users/{made['id']}"

    answer = client.delete(path)

    assert (answer.status_code, answer.content) == (204, b"")
    assert [client.get(path).status_code, client.delete(path).status_code] == [404, 404]
    assert found(client, f'externalId eq "{made["externalId"]}"') == []
    again = create(client, userName=made["userName"])
    assert again["id"] != made["id"]


def test_external_ids_are_case_exact_and_not_unique(client: httpx.Client) -> None:
    """Wire decision 9; IDP 32."""
    value = f"Ab-{uuid4().hex}"
    ids = [create(client, externalId=value)["id"] for _ in range(2)]

    assert found(client, f'externalId eq "{value}"') == ids
    assert found(client, f'externalId eq "{value.upper()}"') == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("straße-{}", "STRASSE-{}"),
        ("ada-{}", "\uff21\uff24\uff21-{}"),
        ("caf\u00e9-{}", "cafe\u0301-{}"),
        ("\u212a-{}", "k-{}"),
    ],
)
def test_user_names_that_are_equal_after_normalisation_are_the_same(
    client: httpx.Client, first: str, second: str
) -> None:
    """SECURITY 14."""
    unique = uuid4().hex
    made = create(client, userName=first.format(unique))

    refusal(client.post("/Users", json={"userName": second.format(unique)}), 409, "uniqueness")
    assert found(client, f'userName eq "{second.format(unique)}"') == [made["id"]]


def test_an_inactive_person_is_found_and_keeps_id_and_groups_when_reactivated(client: httpx.Client) -> None:
    """IDP 13."""
    made = create(client)
    group = create_group(client, made["id"])
    path = f"/Users/{made['id']}"

    off = patch(client, path, {"op": "replace", "value": {"active": False}})
    while_off = found(client, f'userName eq "{made["userName"]}" and active eq false')
    on = patch(client, path, {"op": "replace", "path": "active", "value": True})

    assert (off.json()["active"], while_off) == (False, [made["id"]])
    assert (on.json()["id"], on.json()["active"]) == (made["id"], True)
    assert [one["value"] for one in on.json()["groups"]] == [group["id"]]
