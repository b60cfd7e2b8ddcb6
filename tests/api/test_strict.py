"""A strict organization refuses what others accept beyond the RFCs."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.wire import (
    GROUP,
    LIST,
    PATCH_OP,
    USER,
    Resource,
    create,
    create_group,
    found,
    patch,
    read,
    refusal,
    user_name,
)
from tests.support.servers.running import Organization, Server

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
GAUGE = "urn:example:scim:schemas:Gauge:1.0"
BADGE = "urn:example:scim:schemas:Badge:1.0:Group"
SCHEMAS = {
    "Resources": [
        {"id": BADGE, "name": "Badge", "attributes": [{"name": "internal", "type": "boolean"}]},
        {
            "id": GAUGE,
            "name": "Gauge",
            "attributes": [
                {"name": "calibrated", "type": "boolean"},
                {"name": "made", "type": "dateTime"},
                {
                    "name": "marks",
                    "type": "complex",
                    "multiValued": True,
                    "subAttributes": [{"name": "value"}, {"name": "valid", "type": "boolean"}],
                },
            ],
        },
        {"name": "Gauge", "endpoint": "/Gauges", "schema": GAUGE},
    ]
}


def founded(server: Server, folder: Path, *options: str) -> Organization:
    """An organization with own schemas, a person, a group and a gauge."""
    organization = server.organization(standard=10_000)
    (folder / "badge.json").write_text(json.dumps(SCHEMAS["Resources"][0]))
    (folder / "types.json").write_text(json.dumps({"Resources": SCHEMAS["Resources"][1:]}))
    server.command("schema", "add", organization.slug, str(folder / "badge.json"), "--extends", "Group")
    server.command("schema", "add", organization.slug, str(folder / "types.json"))
    if options:
        server.command("org", "set", organization.slug, *options)
    with organization.client() as client:
        create(client, schemas=[USER], active=True)
        create_group(client, schemas=[GROUP, BADGE], **{BADGE: {"internal": True}})
        marks = [{"value": "a", "valid": True}]
        gauge = {"schemas": [GAUGE], "calibrated": True, "made": "2027-01-01T00:00:00Z", "marks": marks}
        assert client.post("/Gauges", json=gauge).status_code == 201
    return organization


@pytest.fixture(scope="module")
def strict(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with founded(server, tmp_path_factory.mktemp("strict"), "--strict").client() as client:
        yield client


@pytest.fixture(scope="module")
def tolerant(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with founded(server, tmp_path_factory.mktemp("tolerant")).client() as client:
        yield client


# Filters in a form of their providers, and the same by the RFC.
FILTERS = {
    "a person's boolean": ("/Users", 'active eq "true"', "active eq true"),
    "with a capital": ("/Users", 'active ne "False"', "active ne false"),
    "not equal": ("/Users", 'not (active eq "false")', "not (active eq false)"),
    "beside another": ("/Users", 'userName pr and active eq "True"', "userName pr and active eq true"),
    "in a value path": (
        "/Users",
        'not (emails[primary eq "true"])',
        "not (emails[primary eq true])",
    ),
    "of a sub-attribute": (
        "/Users",
        'not (emails.primary eq "true")',
        "not (emails.primary eq true)",
    ),
    "of a group's own schema": ("/Groups", f'{BADGE}:internal eq "true"', f"{BADGE}:internal eq true"),
    "of an own type": ("/Gauges", 'calibrated eq "true"', "calibrated eq true"),
    "in a value path of an own type": (
        "/Gauges",
        'marks[value eq "a" and valid eq "true"]',
        'marks[value eq "a" and valid eq true]',
    ),
    "over all types": ("", 'active eq "true"', "active eq true"),
    "a date in another form": (
        "/Gauges",
        'made ne "1 January 2027" and calibrated pr',
        'made ne "2026-01-01T00:00:00Z"',
    ),
}


def searched(client: httpx.Client, place: str, filter_: str) -> httpx.Response:
    return client.post(f"{place}/.search", json={"schemas": [SEARCH], "filter": filter_})


@pytest.mark.parametrize(("place", "dialect", "rfc"), FILTERS.values(), ids=FILTERS.keys())
def test_only_a_strict_organization_refuses_a_filter_in_a_dialect(
    strict: httpx.Client, tolerant: httpx.Client, place: str, dialect: str, rfc: str
) -> None:
    refusal(searched(strict, place, dialect), 400, "invalidFilter")
    assert searched(strict, place, rfc).json()["totalResults"] == 1
    assert searched(tolerant, place, dialect).json()["totalResults"] == 1
    if place:
        refusal(strict.get(place, params={"filter": dialect}), 400, "invalidFilter")
        assert (len(found(strict, rfc, place)), len(found(tolerant, dialect, place))) == (1, 1)


@pytest.mark.parametrize("value", [[], "all"], ids=["an empty list", "a list"])
@pytest.mark.parametrize("form", ["alone", "in bulk"])
def test_a_removal_with_a_list_of_members_is_refused_and_removes_no_member(
    strict: httpx.Client, form: str, value: object
) -> None:
    ada, bob = (create(strict, schemas=[USER])["id"] for _ in range(2))
    made = create_group(strict, ada, bob, schemas=[GROUP])
    removed = [{"value": ada}] if value == "all" else value
    operation = {"op": "remove", "path": "members", "value": removed}

    if form == "alone":
        refusal(patch(strict, f"/Groups/{made['id']}", operation), 400, "invalidValue")
    else:
        data = {"schemas": [PATCH_OP], "Operations": [operation]}
        inner = {"method": "PATCH", "path": f"/Groups/{made['id']}", "data": data}
        answer = strict.post("/Bulk", json={"schemas": [BULK], "Operations": [inner]})
        assert answer.json()["Operations"][0]["status"] == "400"

    assert read(strict, f"/Groups/{made['id']}") == made


def test_a_removal_with_a_list_of_elements_of_a_custom_type_is_refused(strict: httpx.Client) -> None:
    gauge = read(strict, "/Gauges")["Resources"][0]
    operation = {"op": "remove", "path": "marks", "value": [{"value": "b"}]}

    refusal(patch(strict, f"/Gauges/{gauge['id']}", operation), 400, "invalidValue")

    assert read(strict, f"/Gauges/{gauge['id']}") == gauge


@pytest.mark.parametrize("place", ["", "/Users", "/Groups", "/Gauges"])
@pytest.mark.parametrize("schemas", [{}, {"schemas": []}, {"schemas": [LIST]}, {"schemas": SEARCH}])
def test_only_a_strict_organization_checks_the_schemas_of_a_search_message(
    strict: httpx.Client, tolerant: httpx.Client, place: str, schemas: Resource
) -> None:
    refusal(strict.post(f"{place}/.search", json=schemas), 400, "invalidSyntax")
    assert strict.post(f"{place}/.search", json={"schemas": [SEARCH.upper()]}).status_code == 200
    assert tolerant.post(f"{place}/.search", json=schemas).status_code == 200


@pytest.mark.parametrize("schemas", [{}, {"schemas": []}, {"schemas": [LIST]}, {"schemas": BULK}])
def test_only_a_strict_organization_checks_the_schemas_of_a_bulk_request(
    strict: httpx.Client, tolerant: httpx.Client, schemas: Resource
) -> None:
    operation = {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"schemas": [USER]}}
    before = read(strict, "/Users")["totalResults"]

    def sent(client: httpx.Client, named: Resource) -> httpx.Response:
        operation["data"] = {"schemas": [USER], "userName": user_name()}
        return client.post("/Bulk", json={**named, "Operations": [operation]})

    refusal(sent(strict, schemas), 400, "invalidSyntax")
    assert read(strict, "/Users")["totalResults"] == before
    for client, named in ((strict, {"schemas": [BULK]}), (tolerant, schemas)):
        assert sent(client, named).json()["Operations"][0]["status"] == "201"
