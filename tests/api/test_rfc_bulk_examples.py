"""The example requests of RFC 7644 section 3.7 with other values: each is answered as the RFC shows."""

import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.wire import (
    ENTERPRISE,
    ERROR,
    GROUP,
    PATCH_OP,
    USER,
    Resource,
    create,
    found,
    patch,
    read,
    refusal,
    user_name,
)
from tests.support.servers.running import Organization

REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"


def asked(client: httpx.Client, *operations: Resource, **more: object) -> list[Any]:
    """The answers to the operations of a bulk request."""
    answer = client.post("/Bulk", json={"schemas": [REQUEST], **more, "Operations": operations})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/scim+json"
    body: Resource = answer.json()
    assert body["schemas"] == [RESPONSE]
    assert set(body) == {"schemas", "Operations"}
    results: list[Any] = body["Operations"]
    return results


def post_user(name: str, bulk_id: str, **values: object) -> Resource:
    data = {"schemas": [USER], "userName": name, **values}
    return {"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data}


def post_group(name: str, bulk_id: str, *members: Resource) -> Resource:
    data = {"schemas": [GROUP], "displayName": name, "members": list(members)}
    return {"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data}


def id_of(made: Resource) -> str:
    """The id in an answer's location."""
    identity: str = made["location"].rsplit("/", 1)[1]
    return identity


def circle() -> list[Resource]:
    """Two groups inside one another, as in the example of section 3.7.1."""
    return [
        post_group("Deck crew", "asdf", {"type": "Group", "value": "bulkId:hjkl"}),
        post_group("Engine crew", "hjkl", {"type": "Group", "value": "bulkId:asdf"}),
    ]


def test_section_3_7_1_two_groups_that_contain_each_other_are_both_refused(client: httpx.Client) -> None:
    """The RFC lets a server try; this one refuses, because a group is never inside itself."""
    first, second = asked(client, *circle())

    responses = [one.pop("response") for one in (first, second)]
    details = [response.pop("detail") for response in responses]
    assert first == {"method": "POST", "bulkId": "asdf", "status": "400"}
    assert second == {"method": "POST", "bulkId": "hjkl", "status": "409"}
    assert responses == [
        {"schemas": [ERROR], "scimType": "invalidValue", "status": "400"},
        {"schemas": [ERROR], "status": "409"},
    ]
    assert details[0] == "The operation with the bulkId 'hjkl' failed."
    assert found(client, 'displayName eq "Deck crew" or displayName eq "Engine crew"', "/Groups") == []


def test_section_3_7_1_the_refusal_of_a_circle_names_only_ids_known_to_the_client(
    client: httpx.Client,
) -> None:
    _, second = asked(client, *circle())

    assert re.findall("[0-9a-f]{8}-[0-9a-f]{4}-", second["response"]["detail"]) == []


def test_section_3_7_2_a_group_may_contain_a_person_created_by_the_same_request(
    organization: Organization, client: httpx.Client
) -> None:
    person, group = asked(
        client,
        post_user(user_name(), "asdf"),
        post_group("Harbour pilots", "hjkl", {"type": "User", "value": "bulkId:asdf"}),
    )

    alice, pilots = id_of(person), id_of(group)
    assert person == {
        "location": f"{organization.base_url}/Users/{alice}",
        "method": "POST",
        "bulkId": "asdf",
        "version": 'W/"1"',
        "status": "201",
    }
    assert group == {
        "location": f"{organization.base_url}/Groups/{pilots}",
        "method": "POST",
        "bulkId": "hjkl",
        "version": 'W/"1"',
        "status": "201",
    }
    assert read(client, f"/Groups/{pilots}")["members"] == [
        {"value": alice, "$ref": person["location"], "type": "User"}
    ]


def test_section_3_7_2_a_manager_may_be_created_by_the_same_request(client: httpx.Client) -> None:
    boss, person = asked(
        client,
        post_user(user_name(), "asdf", displayName="Ruth"),
        post_user(
            user_name(), "hjkl", **{ENTERPRISE: {"employeeNumber": "77", "manager": {"value": "bulkId:asdf"}}}
        ),
    )

    assert (boss["status"], person["status"]) == ("201", "201")
    assert read(client, f"/Users/{id_of(person)}")[ENTERPRISE] == {
        "employeeNumber": "77",
        "manager": {"value": id_of(boss), "$ref": boss["location"], "displayName": "Ruth"},
    }


@pytest.fixture
def people(client: httpx.Client) -> list[Resource]:
    """Three people whose version is W/"2"."""
    made = [create(client, nickName="before") for _ in range(3)]
    return [patch(client, f"/Users/{one['id']}", {"op": "remove", "path": "nickName"}).json() for one in made]


def many(people: list[Resource]) -> list[Resource]:
    """One operation of each kind, as in the example of section 3.7.3; each names a version."""
    put, patched, deleted = (f"/Users/{one['id']}" for one in people)
    number = {"op": "add", "path": f"{ENTERPRISE}:employeeNumber", "value": "11250"}
    return [
        post_user(user_name(), "asdf"),
        {
            "method": "PUT",
            "path": put,
            "version": 'W/"2"',
            "data": {
                "schemas": [USER],
                "id": people[0]["id"],
                "userName": people[0]["userName"],
                "title": "Mate",
            },
        },
        {
            "method": "PATCH",
            "path": patched,
            "version": 'W/"2"',
            "data": {"schemas": [PATCH_OP], "Operations": [number]},
        },
        {"method": "DELETE", "path": deleted, "version": 'W/"2"'},
    ]


def test_section_3_7_3_every_method_is_answered_with_location_version_and_status(
    organization: Organization, client: httpx.Client, people: list[Resource]
) -> None:
    created, put, patched, deleted = asked(client, *many(people), failOnErrors=1)

    places = [one["meta"]["location"] for one in people]
    assert created == {
        "location": f"{organization.base_url}/Users/{id_of(created)}",
        "method": "POST",
        "bulkId": "asdf",
        "version": 'W/"1"',
        "status": "201",
    }
    assert put == {"location": places[0], "method": "PUT", "version": 'W/"3"', "status": "200"}
    assert patched == {"location": places[1], "method": "PATCH", "version": 'W/"3"', "status": "200"}
    assert deleted == {"location": places[2], "method": "DELETE", "status": "204"}
    assert read(client, f"/Users/{people[1]['id']}")[ENTERPRISE] == {"employeeNumber": "11250"}
    assert client.get(f"/Users/{people[2]['id']}").status_code == 404


def test_section_3_7_3_no_operation_is_carried_out_after_the_error_that_reaches_the_limit(
    client: httpx.Client,
) -> None:
    name, later = user_name(), user_name()
    unnamed = {"method": "POST", "path": "/Users", "bulkId": "hjkl", "data": {"schemas": [USER]}}

    results = asked(client, unnamed, post_user(name, "a"), post_user(later, "b"), failOnErrors=1)

    (result,) = results
    response = result.pop("response")
    detail = response.pop("detail")
    assert result == {"method": "POST", "bulkId": "hjkl", "status": "400"}
    assert response == {"schemas": [ERROR], "scimType": "invalidValue", "status": "400"}
    assert "userName" in detail
    assert found(client, f'userName eq "{name}" or userName eq "{later}"') == []


def test_section_3_7_3_each_failed_operation_has_its_own_error_and_the_others_succeed(
    client: httpx.Client, people: list[Resource]
) -> None:
    create_, put, patched, deleted = many(people)
    taken = {**create_, "data": {"schemas": [USER], "userName": people[1]["userName"]}}
    stale = {"version": 'W/"1"'}
    gone = {**deleted, "path": f"/Users/{uuid4()}"}

    results = asked(client, taken, put | stale, patched, gone)

    errors = [one.get("response", {}) for one in results]
    assert [one["status"] for one in results] == ["409", "412", "200", "404"]
    assert [one.get("status") for one in errors] == ["409", "412", None, "404"]
    assert [one.get("scimType") for one in errors] == ["uniqueness", None, None, None]
    # Section 3.7.3: a location in every answer but that to a POST that failed.
    assert "location" not in results[0]
    assert results[1]["location"] == people[0]["meta"]["location"]
    assert read(client, f"/Users/{people[0]['id']}") == people[0]


def test_section_3_7_4_too_many_operations_are_413_and_the_answer_names_the_maximum(
    client: httpx.Client,
) -> None:
    most = read(client, "/ServiceProviderConfig")["bulk"]["maxOperations"]
    names = [f"{uuid4().hex}" for _ in range(most + 1)]

    answer = client.post(
        "/Bulk",
        json={"schemas": [REQUEST], "Operations": [post_user(name, name) for name in names]},
    )

    assert str(most) in refusal(answer, 413)
    assert found(client, f'userName eq "{names[0]}"') == []


def test_section_3_7_4_too_large_a_body_is_413_and_the_answer_names_the_maximum(client: httpx.Client) -> None:
    most = read(client, "/ServiceProviderConfig")["bulk"]["maxPayloadSize"]
    name = user_name()

    answer = client.post(
        "/Bulk",
        json={"schemas": [REQUEST], "Operations": [post_user(name, "asdf", nickName="x" * most)]},
    )

    assert str(most) in refusal(answer, 413)
    assert found(client, f'userName eq "{name}"') == []
