"""/Bulk (RFC 7644 section 3.7): one request, many operations, each through the same gate as alone."""

from typing import Any

import httpx
import pytest

from tests.api.wire import ERROR, user_name
from tests.support.servers.running import Organization, Server

REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@pytest.fixture(scope="module")
def roomy(server: Server) -> Organization:
    return server.organization(standard=10_000)


def bulk(client: httpx.Client, *operations: dict[str, Any], **more: object) -> list[dict[str, Any]]:
    answer = client.post("/Bulk", json={"schemas": [REQUEST], "Operations": list(operations), **more})
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["Operations"]
    return results


def post_user(name: str, bulk_id: str, **more: object) -> dict[str, Any]:
    return {"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": {"userName": name, **more}}


def test_operations_are_answered_in_the_order_of_the_request_with_location_and_version(
    roomy: Organization,
) -> None:
    with roomy.client() as client:
        made, group = bulk(
            client,
            post_user("order@example.com", "qwerty"),
            {
                "method": "POST",
                "path": "/Groups",
                "bulkId": "ytrewq",
                "data": {
                    "displayName": "Tour Guides",
                    "members": [{"type": "User", "value": "bulkId:qwerty"}],
                },
            },
        )
        shown = client.get(group["location"]).json()

    person = made["location"].rsplit("/", 1)[1]
    assert made == {
        "method": "POST",
        "bulkId": "qwerty",
        "location": f"{roomy.base_url}/Users/{person}",
        "version": 'W/"1"',
        "status": "201",
    }
    assert [member["value"] for member in shown["members"]] == [person]


def test_a_bulk_id_may_be_used_before_the_operation_that_defines_it(roomy: Organization) -> None:
    with roomy.client() as client:
        group, made = bulk(
            client,
            {
                "method": "post",
                "path": "/Groups",
                "bulkId": "g",
                "data": {"displayName": "Before", "members": [{"value": "bulkId:later"}]},
            },
            post_user("later@example.com", "later"),
        )
        members = client.get(group["location"]).json()["members"]

    assert (group["status"], made["status"]) == ("201", "201")
    assert members[0]["value"] == made["location"].rsplit("/", 1)[1]


def test_two_people_of_one_bulk_request_may_be_each_others_managers(roomy: Organization) -> None:
    with roomy.client() as client:
        one, two = bulk(
            client,
            post_user("one@example.com", "1", **{ENTERPRISE: {"manager": {"value": "bulkId:2"}}}),
            post_user("two@example.com", "2", **{ENTERPRISE: {"manager": {"value": "bulkId:1"}}}),
        )
        managers = [client.get(made["location"]).json()[ENTERPRISE]["manager"]["$ref"] for made in (one, two)]

    assert managers == [two["location"], one["location"]]


def test_a_failed_operation_also_fails_a_group_that_refers_to_it_but_no_others(
    roomy: Organization,
) -> None:
    with roomy.client() as client:
        first, second, third, group = bulk(
            client,
            post_user("twice@example.com", "a"),
            post_user("TWICE@example.com", "b"),
            post_user("after@example.com", "c"),
            {
                "method": "POST",
                "path": "/Groups",
                "bulkId": "g",
                "data": {"displayName": "Of the failed", "members": [{"value": "bulkId:b"}]},
            },
        )
        groups = client.get("/Groups", params={"filter": 'displayName eq "Of the failed"'}).json()

    assert [one["status"] for one in (first, second, third, group)] == ["201", "409", "201", "400"]
    assert second["response"]["scimType"] == "uniqueness"
    assert groups["totalResults"] == 0


def test_the_request_ends_at_exactly_the_error_that_reaches_fail_on_errors(roomy: Organization) -> None:
    names = ["fail0", "fail0", "fail1", "fail1", "fail2", "fail3"]
    operations = [post_user(f"{name}@example.com", str(index)) for index, name in enumerate(names)]

    with roomy.client() as client:
        results = bulk(client, *operations, failOnErrors=2)

    assert [result["status"] for result in results] == ["201", "409", "201", "409"]


def test_every_created_person_needs_a_seat_and_refusals_are_logged(server: Server) -> None:
    organization = server.organization(standard=2)

    with organization.client() as client:
        results = bulk(client, *(post_user(f"seat{n}@example.com", str(n)) for n in range(4)))

    entries = server.json("log", "list", organization.slug, "--outcome", "rejected")["data"]
    assert [result["status"] for result in results] == ["201", "201", "403", "403"]
    assert "2 of 2 standard" in results[2]["response"]["detail"]
    assert [entry["user_name"] for entry in entries] == ["seat3@example.com", "seat2@example.com"]
    assert server.json("seats", "show", organization.slug)["tiers"]["standard"]["assigned"] == 2


def test_put_patch_and_delete_with_a_stale_version_are_refused(roomy: Organization) -> None:
    with roomy.client() as client:
        person = client.post("/Users", json={"userName": "versions@example.com"}).json()
        path = f"/Users/{person['id']}"
        patch = {"Operations": [{"op": "replace", "path": "nickName", "value": "V"}]}

        results = bulk(
            client,
            {"method": "PATCH", "path": path, "version": 'W/"1"', "data": patch},
            {"method": "PUT", "path": path, "version": 'W/"1"', "data": {"userName": "versions@example.com"}},
            {"method": "DELETE", "path": path, "version": 'W/"2"'},
            {"method": "DELETE", "path": path},
        )

    assert [result["status"] for result in results] == ["200", "412", "204", "404"]


def test_a_request_over_the_limits_of_operations_or_bytes_is_413(roomy: Organization) -> None:
    with roomy.client() as client:
        config = client.get("/ServiceProviderConfig").json()["bulk"]
        most, bytes_ = config["maxOperations"], config["maxPayloadSize"]
        many = client.post(
            "/Bulk", json={"Operations": [post_user(f"n{n}", str(n)) for n in range(most + 1)]}
        )
        large = client.post("/Bulk", json={"Operations": [post_user("x", "x", nickName="y" * bytes_)]})

    assert (many.status_code, large.status_code) == (413, 413)


@pytest.mark.parametrize(
    ("body", "scim_type"),
    [
        ({}, "invalidSyntax"),
        ({"Operations": {}}, "invalidSyntax"),
        ({"Operations": [], "failOnErrors": 0}, "invalidValue"),
    ],
)
def test_an_invalid_bulk_message_is_refused_and_changes_nothing(
    roomy: Organization, body: dict[str, Any], scim_type: str
) -> None:
    with roomy.client() as client:
        before = client.get("/Users", params={"count": 0}).json()["totalResults"]
        answer = client.post("/Bulk", json=body)
        after = client.get("/Users", params={"count": 0}).json()["totalResults"]

    assert (answer.status_code, answer.json()["scimType"], after) == (400, scim_type, before)


@pytest.mark.parametrize(
    ("operation", "status", "scim_type"),
    [
        (1, "400", "invalidSyntax"),
        ({}, "400", "invalidSyntax"),
        ({"method": 5, "path": "/Users"}, "400", "invalidSyntax"),
        ({"method": "POST", "path": 5, "data": {}}, "400", "invalidSyntax"),
        ({"method": "POST", "path": "/Users"}, "400", "invalidSyntax"),
        ({"method": "PATCH", "path": "/Users/1", "data": []}, "400", "invalidSyntax"),
        ({"method": "POST", "path": "/Users", "data": {}}, "400", "invalidValue"),
        ({"method": "POST", "path": "/Users", "data": {"userName": {"a": 1}}}, "400", "invalidValue"),
        ({"method": "POST", "path": "/Groups", "data": {"members": 1}}, "400", "invalidValue"),
        ({"method": "POST", "path": "/Schemas", "data": {}}, "404", None),
        ({"method": "DELETE", "path": "/Devices/1"}, "404", None),
        ({"method": "DELETE", "path": "/Users/1/2"}, "404", None),
        ({"method": "DELETE", "path": ""}, "404", None),
        ({"method": "GET", "path": "/Users/1"}, "405", None),
        ({"method": "POST", "path": "/Users/1", "data": {}}, "405", None),
        ({"method": "DELETE", "path": "/Groups"}, "405", None),
        ({"method": "POST", "path": "/Users", "bulkId": "first", "data": {}}, "400", "invalidValue"),
    ],
)
def test_an_invalid_operation_gets_its_own_error_and_the_others_succeed(
    roomy: Organization, operation: object, status: str, scim_type: str | None
) -> None:
    """RFC 7644 section 3.7: continue with as many changes as possible and disregard partial failures."""
    with roomy.client() as client:
        body = {
            "schemas": [REQUEST],
            "Operations": [post_user(user_name(), "first"), operation, post_user(user_name(), "last")],
        }
        answer = client.post("/Bulk", json=body)
        stopped = client.post(
            "/Bulk",
            json={"Operations": [operation, post_user(user_name(), "last")], "failOnErrors": 1},
        )

    first, wrong, last = answer.json()["Operations"]
    assert (answer.status_code, first["status"], last["status"]) == (200, "201", "201")
    response = wrong.pop("response")
    assert (wrong["status"], response["status"], response.get("scimType")) == (status, status, scim_type)
    assert response["schemas"] == [ERROR]
    sent = operation if isinstance(operation, dict) else {}
    echoed = {name: sent[name] for name in ("method", "bulkId") if isinstance(sent.get(name), str)}
    assert wrong == {"status": status} | echoed
    if "bulkId" not in sent:
        assert [one["status"] for one in stopped.json()["Operations"]] == [status]


def test_a_duplicate_bulk_id_is_refused_and_the_first_one_stays_usable(
    roomy: Organization,
) -> None:
    with roomy.client() as client:
        first, second, group = bulk(
            client,
            post_user(user_name(), "same"),
            post_user(user_name(), "same"),
            {
                "method": "POST",
                "path": "/Groups",
                "data": {"displayName": "G", "members": [{"value": "bulkId:same"}]},
            },
        )
        members = client.get(group["location"]).json()["members"]

    assert (first["status"], second["status"], group["status"]) == ("201", "400", "201")
    assert [one["value"] for one in members] == [first["location"].rsplit("/", 1)[1]]


def test_an_operation_with_an_unknown_bulk_id_fails(roomy: Organization) -> None:
    with roomy.client() as client:
        (result,) = bulk(
            client,
            {
                "method": "POST",
                "path": "/Groups",
                "data": {"displayName": "X", "members": [{"value": "bulkId:no"}]},
            },
        )

    assert (result["status"], result["response"]["scimType"]) == ("400", "invalidValue")
    assert "'no'" in result["response"]["detail"]
