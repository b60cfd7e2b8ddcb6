"""Attributes of an organization's own: discovered, stored, filtered, sorted and patched like the rest."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers.running import Organization, Server

BADGE = "urn:example:params:scim:schemas:extension:badge:1.0:User"
SCHEMA: dict[str, Any] = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
    "id": BADGE,
    "name": "Badge",
    "description": "Access badges",
    "attributes": [
        {"name": "number", "type": "string", "caseExact": True},
        {"name": "level", "type": "integer"},
        {"name": "weight", "type": "decimal"},
        {"name": "issued", "type": "dateTime"},
        {"name": "lost", "type": "boolean"},
        {
            "name": "doors",
            "type": "complex",
            "multiValued": True,
            "subAttributes": [{"name": "value"}, {"name": "floor", "type": "integer"}],
        },
        {"name": "secret", "returned": "never"},
        {"name": "origin", "mutability": "immutable"},
        {"name": "onRequest", "returned": "request"},
    ],
}


def add(server: Server, organization: Organization, schema: dict[str, Any], folder: Path) -> None:
    file = folder / "schema.json"
    file.write_text(json.dumps(schema))
    server.command("schema", "add", organization.slug, str(file))


@pytest.fixture(scope="module")
def badged(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Organization:
    organization = server.organization(standard=100)
    add(server, organization, SCHEMA, tmp_path_factory.mktemp("schema"))
    with organization.client() as client:
        for number in range(1, 6):
            badge = {
                "number": f"B{number}",
                "level": number * 10,
                "weight": number / 2,
                "issued": f"2026-0{number}-01T00:00:00Z",
                "lost": number % 2 == 0,
                "doors": [{"value": "Main", "floor": 0}, {"value": "Roof", "floor": number}],
                "secret": "hush",
                "origin": "north",
                "onRequest": "asked",
            }
            body = {"userName": f"badge{number}", BADGE: badge}
            assert client.post("/Users", json=body).status_code == 201
        client.post("/Users", json={"userName": "nobadge"})
    return organization


def test_discovery_shows_the_schema_and_that_it_extends_users(badged: Organization) -> None:
    with badged.client() as client:
        listed = client.get("/Schemas").json()["Resources"]
        one = client.get(f"/Schemas/{BADGE.upper()}").json()
        user_type = client.get("/ResourceTypes/User").json()

    assert BADGE in [schema["id"] for schema in listed]
    assert [row["name"] for row in one["attributes"]] == [row["name"] for row in SCHEMA["attributes"]]
    assert {"schema": BADGE, "required": False} in user_type["schemaExtensions"]


def test_values_are_returned_as_sent_where_their_returned_rule_allows(badged: Organization) -> None:
    with badged.client() as client:
        query = {"filter": 'userName eq "badge3"'}
        (shown,) = client.get("/Users", params=query).json()["Resources"]
        (asked,) = client.get("/Users", params=query | {"attributes": f"{BADGE}:onRequest"}).json()[
            "Resources"
        ]

    assert BADGE in shown["schemas"]
    assert shown[BADGE] == {
        "number": "B3",
        "level": 30,
        "weight": 1.5,
        "issued": "2026-03-01T00:00:00Z",
        "lost": False,
        "doors": [{"value": "Main", "floor": 0}, {"value": "Roof", "floor": 3}],
        "origin": "north",
    }
    assert asked[BADGE] == {"onRequest": "asked"}


@pytest.mark.parametrize(
    ("condition", "numbers"),
    [
        ('number eq "B2"', [2]),
        ('number eq "b2"', []),
        ("level gt 30", [4, 5]),
        ("level le 10", [1]),
        ("weight eq 1.5", [3]),
        ('issued ge "2026-04-01T02:00:00+02:00"', [4, 5]),
        ("lost eq true", [2, 4]),
        ("doors.floor eq 4", [4]),
        ('doors[value eq "roof" and floor lt 3]', [1, 2]),
        ('number sw "B" and not (lost eq True)', [1, 3, 5]),
    ],
)
def test_custom_attributes_are_filtered_like_the_standard_ones(
    badged: Organization, condition: str, numbers: list[int]
) -> None:
    first = condition.split(" ", maxsplit=1)[0]
    text = condition.replace(first, f"{BADGE}:{first}", 1)
    if " not (" in text:
        text = text.replace("not (", f"not ({BADGE}:")

    with badged.client() as client:
        found = client.get("/Users", params={"filter": text})

    assert found.status_code == 200, found.text
    assert [one["userName"] for one in found.json()["Resources"]] == [f"badge{number}" for number in numbers]


def test_numbers_are_sorted_as_numbers_and_not_as_text(badged: Organization) -> None:
    with badged.client() as client:
        query = {"sortBy": f"{BADGE}:level", "sortOrder": "descending", "attributes": "userName"}
        found = client.get("/Users", params=query).json()["Resources"]

    assert [one["userName"] for one in found] == [
        "nobadge",
        *(f"badge{number}" for number in (5, 4, 3, 2, 1)),
    ]


def test_custom_attributes_are_patched_with_and_without_a_path(badged: Organization) -> None:
    with badged.client() as client:
        body = {"userName": "patched", BADGE: {"level": 1, "origin": "south"}}
        person = client.post("/Users", json=body).json()
        operations = [
            {"op": "replace", "path": f"{BADGE}:level", "value": 2},
            {"op": "add", "path": f"{BADGE}:doors", "value": [{"value": "Side"}]},
            {"op": "add", "value": {BADGE: {"number": "P"}}},
        ]
        patched = client.patch(f"/Users/{person['id']}", json={"Operations": operations}).json()
        wrong = client.patch(
            f"/Users/{person['id']}",
            json={"Operations": [{"op": "replace", "path": f"{BADGE}:level", "value": "two"}]},
        )
        client.delete(f"/Users/{person['id']}")

    assert patched[BADGE] == {"level": 2, "origin": "south", "doors": [{"value": "Side"}], "number": "P"}
    assert (wrong.status_code, wrong.json()["scimType"]) == (400, "invalidValue")


def test_an_immutable_value_is_set_once_and_then_kept(badged: Organization) -> None:
    with badged.client() as client:
        person = client.post("/Users", json={"userName": "fixed", BADGE: {"level": 1}}).json()
        path = f"/Users/{person['id']}"
        operation = {"op": "replace", "path": f"{BADGE}:origin", "value": "north"}
        first = client.patch(path, json={"Operations": [operation]})
        again = client.patch(path, json={"Operations": [operation]})
        other = client.patch(path, json={"Operations": [operation | {"value": "south"}]})
        put = client.put(path, json={"userName": "fixed", BADGE: {"origin": "south"}})
        client.delete(path)

    assert (first.status_code, again.status_code) == (200, 200)
    assert [(one.status_code, one.json()["scimType"]) for one in (other, put)] == [(400, "mutability")] * 2


def test_only_an_unused_schema_can_be_removed(server: Server, tmp_path: Path) -> None:
    organization = server.organization(standard=1)
    add(server, organization, SCHEMA, tmp_path)
    with organization.client() as client:
        person = client.post("/Users", json={"userName": "u", BADGE: {"level": 1}}).json()
        refused = server.command("schema", "remove", organization.slug, BADGE, check=False)
        client.delete(f"/Users/{person['id']}")
        server.command("schema", "remove", organization.slug, BADGE)

    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "1 Users have values" in refused.stderr
    assert server.json("schema", "list", organization.slug) == {
        "organization": organization.slug,
        "schemas": [],
        "resource_types": [],
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": "badge"}, "URN"),
        ({"id": "urn:ietf:params:scim:schemas:core:2.0:User"}, "reserved"),
        ({"attributes": []}, "at least one attribute"),
        ({"attributes": [{"name": "id"}]}, "every resource has"),
        ({"attributes": [{"name": "a b"}]}, "name"),
        ({"attributes": [{"name": "a", "type": "text"}]}, "type must be one of"),
        ({"attributes": [{"name": "a", "type": "complex"}]}, "subAttributes"),
        ({"attributes": [{"name": "a"}, {"name": "A"}]}, "twice"),
        ({"attributes": [{"name": "a", "uniqueness": "server"}]}, "uniqueness"),
        ({"attributes": [{"name": "a", "multiValued": "yes"}]}, "true or false"),
    ],
)
def test_an_invalid_schema_is_refused_with_the_reason(
    server: Server, badged: Organization, tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(SCHEMA | {"id": BADGE + "2"} | change))

    refused = server.command("schema", "add", badged.slug, str(file), check=False)

    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert words in refused.stderr


def test_another_organization_does_not_have_the_schema(server: Server) -> None:
    organization = server.organization(standard=1)
    with organization.client() as client:
        made = client.post("/Users", json={"userName": "u", BADGE: {"level": 1}}).json()
        filtered = client.get("/Users", params={"filter": f"{BADGE}:level eq 1"})

    assert BADGE not in made
    assert (filtered.status_code, filtered.json()["scimType"]) == (400, "invalidFilter")
