"""Groups inside groups (RFC 7643 section 4.2): membership by way of another, and no circles."""

from typing import Any

import httpx
import pytest

from tests.support.servers.running import Organization, Server


@pytest.fixture(scope="module")
def organization(server: Server) -> Organization:
    return server.organization(standard=100)


def group(client: httpx.Client, name: str, *members: str) -> dict[str, Any]:
    body = {"displayName": name, "members": [{"value": member} for member in members]}
    answer = client.post("/Groups", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def person(client: httpx.Client, name: str) -> str:
    made: str = client.post("/Users", json={"userName": name}).json()["id"]
    return made


def memberships(client: httpx.Client, person_id: str) -> dict[str, str]:
    shown = client.get(f"/Users/{person_id}").json().get("groups", [])
    return {one["display"]: one["type"] for one in shown}


def test_membership_is_direct_or_indirect_through_another_group(organization: Organization) -> None:
    with organization.client() as client:
        ada = person(client, "ada")
        team = group(client, "team", ada)
        department = group(client, "department", team["id"])
        group(client, "company", department["id"], ada)

        shown = memberships(client, ada)
        member = client.get(f"/Groups/{department['id']}").json()["members"]
        found = client.get("/Users", params={"filter": f'groups.value eq "{department["id"]}"'}).json()
        parents = client.get("/Groups", params={"filter": f'members.value eq "{team["id"]}"'}).json()

    assert shown == {"team": "direct", "department": "indirect", "company": "direct"}
    assert member == [
        {
            "value": team["id"],
            "$ref": f"{organization.base_url}/Groups/{team['id']}",
            "type": "Group",
            "display": "team",
        }
    ]
    assert [one["userName"] for one in found["Resources"]] == ["ada"]
    assert [one["displayName"] for one in parents["Resources"]] == ["department"]


@pytest.mark.parametrize("way", ["itself", "its parent", "its grandparent"])
def test_a_group_cannot_contain_itself_directly_or_indirectly(organization: Organization, way: str) -> None:
    with organization.client() as client:
        inner = group(client, f"inner {way}")
        middle = group(client, f"middle {way}", inner["id"])
        outer = group(client, f"outer {way}", middle["id"])
        target = {"itself": inner, "its parent": middle, "its grandparent": outer}[way]["id"]
        operation = {"op": "add", "path": "members", "value": [{"value": target}]}

        before = client.get(f"/Groups/{inner['id']}").json()
        refused = client.patch(f"/Groups/{inner['id']}", json={"Operations": [operation]})
        after = client.get(f"/Groups/{inner['id']}").json()

    assert (refused.status_code, refused.json()["scimType"]) == (400, "invalidValue")
    assert after == before


def test_removing_an_inner_group_ends_the_indirect_memberships_through_it(organization: Organization) -> None:
    with organization.client() as client:
        bob = person(client, "bob")
        low = group(client, "low", bob)
        mid = group(client, "mid", low["id"])
        group(client, "high", mid["id"])
        before = memberships(client, bob)
        cut = {"op": "remove", "path": f'members[value eq "{low["id"]}"]'}
        client.patch(f"/Groups/{mid['id']}", json={"Operations": [cut]})
        after = memberships(client, bob)

    assert before == {"low": "direct", "mid": "indirect", "high": "indirect"}
    assert after == {"low": "direct"}


def test_deleting_a_middle_group_removes_it_from_its_parent_and_its_members(
    organization: Organization,
) -> None:
    with organization.client() as client:
        eve = person(client, "eve")
        below = group(client, "below", eve)
        between = group(client, "between", below["id"])
        above = group(client, "above", between["id"])
        client.delete(f"/Groups/{between['id']}")

        parent = client.get(f"/Groups/{above['id']}").json()
        shown = memberships(client, eve)

    assert "members" not in parent
    assert parent["meta"]["version"] == 'W/"2"'
    assert shown == {"below": "direct"}


def test_nesting_changes_the_version_of_the_inner_group(organization: Organization) -> None:
    with organization.client() as client:
        child = group(client, "child")
        group(client, "parent", child["id"])

        shown = client.get(f"/Groups/{child['id']}").json()

    assert (child["meta"]["version"], shown["meta"]["version"]) == ('W/"1"', 'W/"2"')


def test_filters_on_uris_match_the_uris_that_are_shown(organization: Organization) -> None:
    with organization.client() as client:
        boss = person(client, "boss")
        enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
        body = {"userName": "worker", enterprise: {"manager": {"value": boss}}}
        worker = client.post("/Users", json=body).json()
        inner = group(client, "inner of uris", worker["id"])
        outer = group(client, "outer of uris", inner["id"])

        def found(path: str, text: str) -> list[str]:
            answer = client.get(path, params={"filter": text})
            assert answer.status_code == 200, answer.text
            return [one["id"] for one in answer.json()["Resources"]]

        users, groups = f"{organization.base_url}/Users", f"{organization.base_url}/Groups"
        assert found("/Users", f'meta.location eq "{users}/{worker["id"]}"') == [worker["id"]]
        assert found("/Users", f'manager.$ref eq "{users}/{boss}"') == [worker["id"]]
        assert found("/Users", f'groups.$ref eq "{groups}/{outer["id"]}"') == [worker["id"]]
        assert found("/Groups", f'members[$ref eq "{users}/{worker["id"]}"]') == [inner["id"]]
        assert found("/Groups", f'members.$ref ew "{inner["id"]}"') == [outer["id"]]
        assert found("/Users", f'meta.location eq "{groups}/{worker["id"]}"') == []
