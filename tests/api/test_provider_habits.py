"""Habits of providers that no other test covers, and the answers that the providers need."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest

from tests.api.wire import (
    ENTERPRISE,
    PATCH_OP,
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
from tests.support.servers.running import Organization, Server

SCIM_1 = "urn:scim:schemas:core:1.0"
ENTERPRISE_1 = "urn:scim:schemas:extension:enterprise:1.0"


def test_entra_can_check_a_manager_by_two_conditions_and_gets_only_the_id(client: httpx.Client) -> None:
    """IDP 2."""
    boss = create(client)
    made = create(client, **{ENTERPRISE: {"manager": {"value": boss["id"]}}})
    question = f'id eq "{made["id"]}" and manager eq "{{}}"'

    yes = read(client, "/Users", filter=question.format(boss["id"]), attributes="id")
    no = read(client, "/Users", filter=question.format(made["id"]), attributes="id")

    assert yes["Resources"] == [{"schemas": made["schemas"], "id": made["id"]}]
    assert (no["totalResults"], no["Resources"]) == (0, [])


def test_both_patch_dialects_of_entra_change_the_same_person(client: httpx.Client) -> None:
    """IDP 5."""
    made = create(client, active=True, emails=[{"type": "work", "value": "old@harbour.example"}])
    path = f"/Users/{made['id']}"

    before = patch(
        client,
        path,
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "new@harbour.example"},
        {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "Locks"},
        {"op": "Replace", "path": "active", "value": "False"},
    )
    after = patch(
        client,
        path,
        {
            "op": "replace",
            "value": {
                "active": True,
                "name.givenName": "Tova",
                'emails[type eq "work"].value': "newer@harbour.example",
                f"{ENTERPRISE}:department": "Quays",
            },
        },
    )

    assert (before.json()["active"], before.json()[ENTERPRISE]) == (False, {"department": "Locks"})
    assert own(after.json()) == own(made) | {
        "name": {"givenName": "Tova"},
        "emails": [{"type": "work", "value": "newer@harbour.example"}],
        ENTERPRISE: {"department": "Quays"},
    }


def test_the_usual_pace_of_a_provider_is_not_limited(organization: Organization) -> None:
    """IDP 15: Entra asks 25 times a second and more, and takes 429 badly."""

    def ask(_: int) -> list[int]:
        with organization.client() as client:
            return [
                client.get("/Users", params={"filter": f'userName eq "{user_name()}"'}).status_code
                for _ in range(25)
            ]

    with ThreadPoolExecutor(4) as pool:
        answers = [status for statuses in pool.map(ask, range(8)) for status in statuses]

    assert answers == [200] * 200


def test_empty_texts_in_a_put_of_okta_clear_their_attributes(client: httpx.Client) -> None:
    """IDP 18."""
    made = create(client, name={"givenName": "Tova", "familyName": "D'Amico"}, title="Pilot")
    group = create_group(client, made["id"])
    path = f"/Users/{made['id']}"
    shown = read(client, path)
    emptied = {
        "title": "",
        "nickName": "",
        "emails": [{"value": "", "type": "work", "primary": True}],
        "phoneNumbers": [{"value": ""}],
        "name": {"givenName": "Tova", "familyName": "D'Amico", "middleName": ""},
        "locale": "",
        ENTERPRISE: {"department": "", "manager": {"value": ""}},
    }

    answer = client.put(path, json=shown | emptied)

    assert answer.status_code == 200, answer.text
    assert own(answer.json()) == {
        "userName": made["userName"],
        "active": True,
        "name": made["name"],
        "groups": shown["groups"],
    }
    assert shown["groups"][0]["value"] == group["id"]
    assert read(client, path) == answer.json()


def test_authentik_finds_and_updates_a_person_after_a_conflict(client: httpx.Client) -> None:
    """IDP 25."""
    there = create(client, displayName="Old")
    body = {"userName": there["userName"], "displayName": "New", "active": True}
    other = create(client)

    refused = client.post("/Users", json=body)
    (existing,) = found(client, f'userName eq "{there["userName"]}"')
    updated = client.put(f"/Users/{existing}", json=body)
    group = create_group(client, existing, other["id"])
    path = f"/Groups/{group['id']}"
    listed = [one["value"] for one in read(client, path)["members"]]
    removal = {"op": "remove", "path": "members", "value": [{"value": existing}]}
    removed = client.patch(path, json={"Operations": [removal]})

    refusal(refused, 409, "uniqueness")
    assert existing == there["id"]
    assert own(updated.json()) == body
    assert sorted(listed) == sorted([existing, other["id"]])
    assert removed.status_code == 200
    assert [one["value"] for one in read(client, path)["members"]] == [other["id"]]


def test_keycloak_may_put_the_servers_id_as_an_external_id(client: httpx.Client) -> None:
    """IDP 26."""
    made = create(client, externalId="of Keycloak")
    path = f"/Users/{made['id']}"
    body = {
        "id": "of Keycloak",
        "externalId": made["id"],
        "userName": made["userName"],
        "emails": [{"value": "tova@harbour.example"}],
        "roles": [],
        "meta": {"location": f"Users/{made['id']}", "resourceType": "User"},
    }

    answer = client.put(path, json=body)

    assert own(answer.json()) == {key: body[key] for key in ("externalId", "userName", "emails")} | {
        "active": True
    }
    assert (answer.json()["id"], answer.json()["meta"]["location"]) == (made["id"], made["meta"]["location"])
    assert found(client, f'externalId eq "{made["id"]}"') == [made["id"]]


def test_google_lists_first_and_writes_plain_json_with_schemas_of_scim_1_and_2(server: Server) -> None:
    """IDP 27."""
    organization = server.organization(standard=2)
    plain = {"Content-Type": "application/json", "Accept": "application/json"}
    body = {
        "schemas": [SCIM_1, USER, ENTERPRISE_1, ENTERPRISE],
        "userName": "tova@harbour.example",
        "name": {"givenName": "Tova", "familyName": "D'Amico"},
        "emails": [{"value": "tova@harbour.example", "type": "work", "primary": True}],
        ENTERPRISE: {"department": "Locks"},
        ENTERPRISE_1: {"department": "Old locks"},
    }

    with organization.client() as client:
        client.headers.update(plain)
        listed = read(client, "/Users")
        made = client.post("/Users", json=body)

    assert (listed["totalResults"], listed["Resources"]) == (0, [])
    assert (made.status_code, made.headers["content-type"]) == (201, "application/scim+json")
    assert made.json()["schemas"] == [USER, ENTERPRISE]
    assert own(made.json()) == {
        "active": True,
        **{key: body[key] for key in ("userName", "name", "emails", ENTERPRISE)},
    }


def test_jumpcloud_gets_a_clear_answer_when_its_test_person_finds_no_seat(server: Server) -> None:
    """IDP 28."""
    organization = server.organization(standard=1)

    with organization.client() as client:
        create(client)
        missing = found(client, 'userName eq "jc-test@harbour.example"')
        refused = client.post("/Users", json={"schemas": [USER], "userName": "jc-test@harbour.example"})
        group = create_group(client, displayName="jc-test-group")
        deleted = client.delete(f"/Groups/{group['id']}")

    assert missing == []
    assert refusal(refused, 403).startswith("No free seat: 1 of 1 standard seats")
    assert deleted.status_code == 204


def test_pingfederate_finds_a_group_in_the_full_list_and_patches_it(server: Server) -> None:
    """IDP 29."""
    organization = server.organization(standard=10)

    with organization.client() as client:
        ids = {name: create_group(client, displayName=name)["id"] for name in ("Pilots", "Divers", "Cooks")}
        person = create(client, title="Pilot")
        replaced = client.put(
            f"/Users/{person['id']}",
            json={"schemas": [USER], "userName": person["userName"], "title": "Diver"},
        )
        listed = read(client, "/Groups")["Resources"]
        (divers,) = [one["id"] for one in listed if one["displayName"] == "Divers"]
        added = client.patch(
            f"/Groups/{divers}",
            json={
                "schemas": [PATCH_OP],
                "Operations": [{"op": "add", "path": "members", "value": [{"value": person["id"]}]}],
            },
        )
        members = read(client, f"/Groups/{divers}")["members"]

    assert (replaced.status_code, replaced.json()["title"]) == (200, "Diver")
    assert {one["displayName"]: one["id"] for one in listed} == ids
    assert added.status_code == 200
    assert [one["value"] for one in members] == [person["id"]]


@pytest.mark.parametrize("active", [True, False])
def test_a_put_of_onelogin_with_the_scim_1_schema_keeps_active(client: httpx.Client, *, active: bool) -> None:
    """IDP 30."""
    made = create(client, active=active, title="Pilot")
    body = {"schemas": [SCIM_1], "userName": made["userName"], "name": {"givenName": "Tova"}}

    answer = client.put(f"/Users/{made['id']}", json=body)

    assert answer.json()["schemas"] == [USER]
    assert own(answer.json()) == {
        "userName": made["userName"],
        "name": {"givenName": "Tova"},
        "active": active,
    }


def raw(organization: Organization, query: str) -> tuple[str, str]:
    """The status line and the body that a request line as it stands is answered with."""
    url = urlsplit(organization.base_url)
    lines = [
        f"GET {url.path}/Users?filter={query} HTTP/1.1",
        f"Host: {url.netloc}",
        f"Authorization: Bearer {organization.token}",
        "Connection: close",
    ]
    with socket.create_connection((str(url.hostname), int(url.port or 80)), timeout=30) as sent:
        sent.sendall("\r\n".join([*lines, "", ""]).encode())
        received = b"".join(iter(lambda: sent.recv(65536), b"")).decode()
    head, _, body = received.partition("\r\n\r\n")
    return head.split("\r\n")[0], body


@pytest.fixture(scope="module")
def tova(client: httpx.Client) -> Resource:
    return create(client, emails=[{"type": "work", "value": f"tova+{user_name()}"}])


QUERIES = {
    "pluses": "emails%5Btype+eq+%22work%22%5D.value+eq+%22{}%22",
    "lower-case hex": "emails%5btype%20eq%20%22work%22%5d.value%20eq%20%22{}%22",
    "brackets as they are": "emails[type%20eq%20%22work%22].value%20eq%20%22{}%22",
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
def test_a_filter_is_accepted_as_old_clients_write_it(
    organization: Organization, tova: Resource, query: str
) -> None:
    """IDP 31, except raw spaces: a request line with them is not HTTP, and ends at the parser."""
    address = tova["emails"][0]["value"].replace("+", "%2b")

    status, body = raw(organization, query.format(address))

    assert status == "HTTP/1.1 200 OK", body
    assert [one["id"] for one in json.loads(body)["Resources"]] == [tova["id"]]
