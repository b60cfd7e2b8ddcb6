"""PATCH of a person: each operation with and without path, and its effect (RFC 7644 section 3.5.2)."""

from typing import Any

import httpx
import pytest

from tests.api.wire import ENTERPRISE, PATCH_OP, USER, Resource, create, own, patch, read

WORK = {"type": "work", "value": "ada@work.example", "primary": True}
HOME = {"type": "home", "value": "ada@home.example"}
BEFORE: Resource = {
    "name": {"givenName": "Ada", "familyName": "Lovelace"},
    "title": "Countess",
    "emails": [WORK, HOME],
    ENTERPRISE: {"department": "Analysis", "costCenter": "7"},
}


def add(value: object, path: str | None = None) -> Resource:
    return {"op": "add", "value": value} | ({"path": path} if path else {})


def replace(value: object, path: str | None = None) -> Resource:
    return {"op": "replace", "value": value} | ({"path": path} if path else {})


def remove(path: str, **value: object) -> Resource:
    return {"op": "remove", "path": path, **value}


NEW = {"type": "other", "value": "ada@other.example"}
GONE = None

CHANGES: dict[str, tuple[list[Resource], Resource]] = {
    "add of a value": ([add("Ada", "displayName")], {"displayName": "Ada"}),
    "add replaces a single value": ([add("Lady", "title")], {"title": "Lady"}),
    "replace of a value": ([replace("Lady", "title")], {"title": "Lady"}),
    "replace of what is not there": ([replace("Ada", "nickName")], {"nickName": "Ada"}),
    "remove of a value": ([remove("title")], {"title": GONE}),
    "remove of what is not there": ([remove("nickName"), remove("name.middleName")], {}),
    "replace by null": ([replace(None, "title")], {"title": GONE}),
    "replace by an empty text": ([replace("", "title")], {"title": GONE}),
    "add of null": ([add(None, "title")], {"title": GONE}),
    "a part of a value": (
        [replace("A.", "name.givenName")],
        {"name": {"givenName": "A.", "familyName": "Lovelace"}},
    ),
    "a new part of a value": (
        [add("King", "name.middleName")],
        {"name": {"givenName": "Ada", "familyName": "Lovelace", "middleName": "King"}},
    ),
    "a part removed": ([remove("name.givenName")], {"name": {"familyName": "Lovelace"}}),
    "every part removed": ([remove("name.givenName"), remove("name.familyName")], {"name": GONE}),
    "an object keeps the parts that it does not name": (
        [replace({"givenName": "A."}, "name")],
        {"name": {"givenName": "A.", "familyName": "Lovelace"}},
    ),
    "without a path": (
        [replace({"title": "Lady", "name": {"givenName": "A."}, "nickName": "A"})],
        {"title": "Lady", "nickName": "A", "name": {"givenName": "A.", "familyName": "Lovelace"}},
    ),
    "without a path, an empty one": ([replace({"title": "Lady"}) | {"path": ""}], {"title": "Lady"}),
    "without a path, keys that are paths": (
        [
            replace(
                {
                    "name.givenName": "A.",
                    'emails[type eq "work"].value': "a@work.example",
                    f"{ENTERPRISE}:department": "Engines",
                }
            )
        ],
        {
            "name": {"givenName": "A.", "familyName": "Lovelace"},
            "emails": [WORK | {"value": "a@work.example"}, HOME],
            ENTERPRISE: {"department": "Engines", "costCenter": "7"},
        },
    ),
    "without a path, unknown keys": (
        [add({"favouriteColour": "red", "__proto__": {"x": 1}, "title": "Lady"})],
        {"title": "Lady"},
    ),
    "without a path, an object as text": ([replace('{"title": "Lady"}')], {"title": "Lady"}),
    "add to a list": ([add([NEW], "emails")], {"emails": [WORK, HOME, NEW]}),
    "add of one element without a list": ([add(NEW, "emails")], {"emails": [WORK, HOME, NEW]}),
    "add of what is there already": ([add([HOME], "emails")], {}),
    "add to a list without a path": ([add({"emails": [NEW]})], {"emails": [WORK, HOME, NEW]}),
    "replace of a list": ([replace([NEW], "emails")], {"emails": [NEW]}),
    "replace by an empty list": ([replace([], "emails")], {"emails": GONE}),
    "remove of a list": ([remove("emails")], {"emails": GONE}),
    "remove of named elements": ([remove("emails", value=[{"value": HOME["value"]}])], {"emails": [WORK]}),
    "remove of no elements": ([remove("emails", value=[])], {}),
    "a part of a chosen element": (
        [replace("x", 'emails[type eq "work"].value')],
        {"emails": [WORK | {"value": "x"}, HOME]},
    ),
    "a chosen element": (
        [replace({"value": "x"}, 'emails[type eq "home"]')],
        {"emails": [WORK, HOME | {"value": "x"}]},
    ),
    "a chosen element removed": ([remove('emails[type eq "work"]')], {"emails": [HOME]}),
    "the last chosen element removed": (
        [remove('emails[type eq "work"]'), remove('emails[type eq "home"]')],
        {"emails": GONE},
    ),
    "elements chosen by two conditions": (
        [replace("x", 'emails[type eq "work" and primary eq true].display')],
        {"emails": [WORK | {"display": "x"}, HOME]},
    ),
    "a condition written as Entra does": (
        [replace("x", 'emails[primary eq "True"].display')],
        {"emails": [WORK | {"display": "x"}, HOME]},
    ),
    "elements chosen by not": ([remove('emails[not (type eq "home")]')], {"emails": [HOME]}),
    "a part of every element": (
        [remove("emails.type")],
        {"emails": [{"value": WORK["value"], "primary": True}, {"value": HOME["value"]}]},
    ),
    "an element that is described is created": (
        [add("x", 'phoneNumbers[type eq "mobile"].value')],
        {"phoneNumbers": [{"type": "mobile", "value": "x"}]},
    ),
    "an element described by two conditions is created": (
        [replace("x", 'emails[type eq "other" and display eq "new"].value')],
        {"emails": [WORK, HOME, {"type": "other", "display": "new", "value": "x"}]},
    ),
    "nothing chosen, nothing removed": ([remove('emails[type eq "fax"]')], {}),
    "a new primary takes the mark": (
        [replace(True, 'emails[type eq "home"].primary')],
        {"emails": [WORK | {"primary": False}, HOME | {"primary": True}]},
    ),
    "an attribute of the extension": (
        [replace("Engines", f"{ENTERPRISE}:department")],
        {ENTERPRISE: {"department": "Engines", "costCenter": "7"}},
    ),
    "the extension by its name": (
        [add({"division": "North"}, ENTERPRISE)],
        {ENTERPRISE: {"department": "Analysis", "costCenter": "7", "division": "North"}},
    ),
    "the extension as a key": (
        [replace({ENTERPRISE: {"division": "North"}})],
        {ENTERPRISE: {"department": "Analysis", "costCenter": "7", "division": "North"}},
    ),
    "the extension removed": ([remove(ENTERPRISE)], {ENTERPRISE: GONE}),
    "the extension's last attribute removed": (
        [remove(f"{ENTERPRISE}:department"), remove(f"{ENTERPRISE}:costCenter")],
        {ENTERPRISE: GONE},
    ),
    "an extension's attribute without its URN": (
        [replace("Engines", "department")],
        {ENTERPRISE: {"department": "Engines", "costCenter": "7"}},
    ),
    "the core URN in front": ([replace("Lady", f"{USER}:title")], {"title": "Lady"}),
    "paths in another case": (
        [replace("A.", "NAME.GIVENNAME")],
        {"name": {"givenName": "A.", "familyName": "Lovelace"}},
    ),
    "ops in another case": (
        [{"op": "Replace", "path": "title", "value": "Lady"}, {"op": "REMOVE", "path": "name"}],
        {"title": "Lady", "name": GONE},
    ),
    "keys in another case": ([{"OP": "replace", "Path": "title", "VALUE": "Lady"}], {"title": "Lady"}),
    "roles as JSON in texts": (
        [add(['{"value": "admin", "primary": true}'], "roles")],
        {"roles": [{"value": "admin", "primary": True}]},
    ),
    "one after the other": ([replace("a", "title"), remove("title"), add("b", "title")], {"title": "b"}),
    "schemas": ([add(["urn:example:x"], "schemas"), remove("schemas")], {}),
}


def expected(made: Resource, changed: dict[str, Any]) -> Resource:
    """The attributes of a person after changes; None removes an attribute."""
    return {name: value for name, value in (own(made) | changed).items() if value is not GONE}


@pytest.mark.parametrize(("operations", "changed"), CHANGES.values(), ids=CHANGES.keys())
def test_operations_have_exactly_the_expected_effect_on_a_person(
    client: httpx.Client, operations: list[Resource], changed: Resource
) -> None:
    made = create(client, **BEFORE)

    answer = patch(client, f"/Users/{made['id']}", *operations)

    version = 'W/"2"' if changed else 'W/"1"'
    assert (answer.status_code, own(answer.json())) == (200, expected(made, changed))
    assert answer.headers["etag"] == answer.json()["meta"]["version"] == version
    assert answer.headers["location"] == made["meta"]["location"]
    assert answer.json()["schemas"] == [USER] + [ENTERPRISE] * (ENTERPRISE in answer.json())
    assert read(client, f"/Users/{made['id']}") == answer.json()


def test_a_patch_is_accepted_without_schemas_and_with_keys_in_any_case(client: httpx.Client) -> None:
    """Wire decision 14; IDP 20."""
    path = f"/Users/{create(client)['id']}"
    operations = [{"op": "add", "path": "title", "value": "x"}]

    answers = [
        client.patch(path, json={"Operations": operations}),
        client.patch(path, json={"operations": operations}),
        client.patch(path, json={"schemas": [PATCH_OP.upper(), "urn:x"], "OPERATIONS": operations}),
    ]

    assert [(answer.status_code, answer.json()["title"]) for answer in answers] == [(200, "x")] * 3


def test_a_patch_returns_the_requested_attributes(client: httpx.Client) -> None:
    made = create(client, **BEFORE)

    answer = client.patch(
        f"/Users/{made['id']}",
        params={"attributes": "title"},
        json={"Operations": [replace("Lady", "title")]},
    )

    assert answer.json() == {"schemas": made["schemas"], "id": made["id"], "title": "Lady"}


def test_after_a_rename_by_patch_a_person_is_found_only_by_the_new_user_name(client: httpx.Client) -> None:
    made = create(client)
    new = made["userName"].upper() + ".NEW"

    answer = patch(client, f"/Users/{made['id']}", replace(new, "userName"))

    assert answer.json()["userName"] == new
    assert read(client, "/Users", filter=f'userName eq "{new.lower()}"')["totalResults"] == 1
    assert read(client, "/Users", filter=f'userName eq "{made["userName"]}"')["totalResults"] == 0
    assert create(client, userName=made["userName"])["id"] != made["id"]
