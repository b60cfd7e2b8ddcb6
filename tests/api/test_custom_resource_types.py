"""Resource types of an organization's own: an endpoint, discovered and used like the others."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers.running import Organization, Server

DEVICE = "urn:example:scim:schemas:Device:1.0"
WARRANTY = "urn:example:scim:schemas:Warranty:1.0:Device"
FILE: dict[str, Any] = {
    "Resources": [
        {
            "id": DEVICE,
            "name": "Device",
            "attributes": [
                {"name": "serial", "required": True, "caseExact": True},
                {"name": "displayName"},
                {"name": "memory", "type": "integer"},
                {"name": "made", "mutability": "immutable"},
                {
                    "name": "ports",
                    "type": "complex",
                    "multiValued": True,
                    "subAttributes": [{"name": "value"}, {"name": "speed", "type": "integer"}],
                },
            ],
        },
        {"id": WARRANTY, "name": "Warranty", "attributes": [{"name": "until", "type": "dateTime"}]},
        {
            "name": "Device",
            "endpoint": "/Devices",
            "description": "A machine",
            "schema": DEVICE,
            "schemaExtensions": [{"schema": WARRANTY, "required": False}],
        },
    ]
}


def add(server: Server, organization: Organization, content: dict[str, Any], folder: Path) -> str:
    file = folder / "types.json"
    file.write_text(json.dumps(content))
    return server.command("schema", "add", organization.slug, str(file), check=False).stderr


@pytest.fixture(scope="module")
def workshop(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Organization:
    organization = server.organization(standard=1)
    assert add(server, organization, FILE, tmp_path_factory.mktemp("types")) == ""
    with organization.client() as client:
        for number in range(1, 6):
            body = {
                "serial": f"S{number}",
                "displayName": f"Device {number}",
                "memory": number * 8,
                "externalId": f"x{number}",
                "ports": [{"value": "usb", "speed": number}],
                WARRANTY: {"until": f"2027-0{number}-01T00:00:00Z"},
            }
            assert client.post("/Devices", json=body).status_code == 201
    return organization


def test_discovery_shows_the_type_and_its_schema(workshop: Organization) -> None:
    with workshop.client() as client:
        types = client.get("/ResourceTypes").json()["Resources"]
        one = client.get("/ResourceTypes/device").json()
        schema = client.get(f"/Schemas/{DEVICE}").json()

    assert [kind["name"] for kind in types] == ["User", "Group", "Device"]
    assert (one["endpoint"], one["schema"]) == ("/Devices", DEVICE)
    assert one["schemaExtensions"] == [{"schema": WARRANTY, "required": False}]
    assert [row["name"] for row in schema["attributes"]] == [
        "serial",
        "displayName",
        "memory",
        "made",
        "ports",
    ]


def test_a_resource_can_be_created_read_changed_and_deleted(workshop: Organization) -> None:
    with workshop.client() as client:
        made = client.post("/Devices", json={"serial": "new", WARRANTY: {"until": "2030-01-01T00:00:00Z"}})
        path = f"/Devices/{made.json()['id']}"
        operation = {"op": "add", "path": "ports", "value": [{"value": "hdmi"}]}
        patched = client.patch(path, json={"Operations": [operation]})
        stale = client.put(path, json={"serial": "x"}, headers={"If-Match": made.headers["etag"]})
        put = client.put(path, json={"serial": "newer", "memory": 4})
        same = client.put(path, json={"memory": 4, "serial": "newer"})
        unchanged = client.get(path, headers={"If-None-Match": put.headers["etag"]})
        gone = client.delete(path)
        after = client.get(path)

    body = made.json()
    assert made.headers["location"] == body["meta"]["location"] == f"{workshop.base_url}{path}"
    assert (body["schemas"], body["meta"]["resourceType"]) == ([DEVICE, WARRANTY], "Device")
    assert patched.json()["ports"] == [{"value": "hdmi"}]
    assert (stale.status_code, put.status_code, unchanged.status_code) == (412, 200, 304)
    assert {name: put.json().get(name) for name in ("serial", "memory", "ports")} == {
        "serial": "newer",
        "memory": 4,
        "ports": None,
    }
    assert same.headers["etag"] == put.headers["etag"]
    assert (gone.status_code, after.status_code) == (204, 404)


@pytest.mark.parametrize(
    ("condition", "serials"),
    [
        ('serial eq "S2"', ["S2"]),
        ('serial eq "s2"', []),
        ('displayName eq "DEVICE 3"', ["S3"]),
        ('externalId eq "x4"', ["S4"]),
        ("memory gt 16 and memory lt 40", ["S3", "S4"]),
        ('ports[value eq "usb" and speed ge 4]', ["S4", "S5"]),
        (f'{WARRANTY}:until lt "2027-02-15T00:00:00Z"', ["S1", "S2"]),
        ('meta.resourceType eq "Device" and not (serial sw "S1")', ["S2", "S3", "S4", "S5"]),
    ],
)
def test_resources_are_found_by_filters(workshop: Organization, condition: str, serials: list[str]) -> None:
    with workshop.client() as client:
        found = client.get("/Devices", params={"filter": condition})

    assert found.status_code == 200, found.text
    assert [one["serial"] for one in found.json()["Resources"]] == serials


def test_lists_of_resources_are_sorted_paged_and_projected(workshop: Organization) -> None:
    serials: list[str] = []
    cursor: str | None = ""
    with workshop.client() as client:
        while cursor is not None:
            asked = {"sortBy": "memory", "sortOrder": "descending", "cursor": cursor, "count": 2}
            page = client.post("/Devices/.search", json=asked | {"attributes": ["serial"]}).json()
            serials += [one["serial"] for one in page["Resources"]]
            assert all(set(one) == {"schemas", "id", "serial"} for one in page["Resources"])
            assert page["totalResults"] == 5
            cursor = page.get("nextCursor")

    assert serials == ["S5", "S4", "S3", "S2", "S1"]


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", "/Devices", {}, (400, "invalidValue")),
        ("POST", "/Devices", {"serial": 5}, (400, "invalidValue")),
        ("GET", "/Devices?filter=colour%20pr", None, (400, "invalidFilter")),
        ("GET", "/Devices/nobody", None, (404, None)),
        ("PATCH", "/Devices/nobody", {"Operations": []}, (404, None)),
        ("GET", "/Gadgets", None, (404, None)),
        ("DELETE", "/Devices", None, (405, None)),
    ],
)
def test_invalid_input_is_refused_with_its_status_and_scim_type(
    workshop: Organization, method: str, path: str, body: object, expected: tuple[int, str | None]
) -> None:
    with workshop.client() as client:
        answer = client.request(method, path, json=body)

    assert (answer.status_code, answer.json().get("scimType")) == expected


def test_a_type_or_schema_in_use_cannot_be_removed(server: Server, workshop: Organization) -> None:
    type_ = server.command("schema", "remove", workshop.slug, "Device", check=False)
    schema = server.command("schema", "remove", workshop.slug, DEVICE, check=False)

    assert "resources of the type Device" in type_.stderr
    assert "the resource type Device uses" in schema.stderr


def test_an_unused_type_and_its_schemas_can_be_removed(server: Server, tmp_path: Path) -> None:
    organization = server.organization(standard=1)
    add(server, organization, FILE, tmp_path)

    for name in ("Device", DEVICE, WARRANTY):
        server.command("schema", "remove", organization.slug, name)

    with organization.client() as client:
        assert client.get("/Devices").status_code == 404
    assert server.json("schema", "list", organization.slug) == {
        "organization": organization.slug,
        "schemas": [],
        "resource_types": [],
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"endpoint": "/Users"}, "already uses"),
        ({"name": "User"}, "a unique name"),
        ({"endpoint": "Devices"}, "endpoint"),
        ({"schema": "urn:example:none"}, "which does not exist"),
    ],
)
def test_an_invalid_type_is_refused_and_nothing_of_its_file_is_stored(
    server: Server, tmp_path: Path, change: dict[str, str], words: str
) -> None:
    organization = server.organization(standard=1)
    *schemas, type_ = FILE["Resources"]

    refused = add(server, organization, {"Resources": [*schemas, type_ | change]}, tmp_path)

    assert words in refused
    assert refused.count("\n") == 1
    assert server.json("schema", "list", organization.slug) == {
        "organization": organization.slug,
        "schemas": [],
        "resource_types": [],
    }


def test_another_organization_does_not_have_the_type(server: Server) -> None:
    organization = server.organization(standard=1)
    with organization.client() as client:
        assert client.get("/Devices").status_code == 404


def test_bulk_accepts_resources_of_the_type(server: Server, tmp_path: Path) -> None:
    organization = server.organization(standard=1)
    add(server, organization, FILE, tmp_path)
    with organization.client() as client:
        kept = client.post("/Devices", json={"serial": "kept", "memory": 1}).json()["id"]
        gone = client.post("/Devices", json={"serial": "gone"}).json()["id"]
        patch = {"Operations": [{"op": "replace", "path": "memory", "value": 2}]}
        operations = [
            {"method": "POST", "path": "/Devices", "bulkId": "d", "data": {"serial": "made"}},
            {"method": "POST", "path": "/devices", "bulkId": "e", "data": {"memory": 1}},
            {"method": "PATCH", "path": f"/Devices/{kept}", "data": patch},
            {"method": "PUT", "path": f"/Devices/{kept}", "data": {"serial": "put", "memory": 2}},
            {"method": "DELETE", "path": f"/Devices/{gone}"},
            {"method": "DELETE", "path": "/Gadgets/1"},
        ]
        results = client.post("/Bulk", json={"Operations": operations}).json()["Operations"]
        left = client.get("/Devices", params={"sortBy": "serial"}).json()["Resources"]

    assert [one["status"] for one in results] == ["201", "400", "200", "200", "204", "404"]
    assert [(one["serial"], one.get("memory")) for one in left] == [("made", None), ("put", 2)]


def test_a_search_over_all_types_finds_resources_of_the_type(workshop: Organization) -> None:
    with workshop.client() as client:
        client.post("/Users", json={"userName": "u", "displayName": "Device 0"})
        asked = {"filter": 'displayName sw "device"', "sortBy": "displayName", "attributes": ["displayName"]}
        found = client.post("/.search", json=asked).json()
        machines = client.post("/.search", json={"filter": "memory gt 30"}).json()

    assert [one["displayName"] for one in found["Resources"]] == [f"Device {number}" for number in range(6)]
    assert [one["serial"] for one in machines["Resources"]] == ["S4", "S5"]
