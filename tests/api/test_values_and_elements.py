"""Value paths, the identity of elements, and what a PATCH may leave, over HTTP and on both databases."""

from typing import Any

import httpx
import pytest

from tests.api.wire import PATCH_OP, create, create_group, found, patch, read, refusal, user_name

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
WORK = {"value": "ada@work.example", "type": "work", "primary": True}
HOME = {"value": "ada@home.example", "type": "home"}


def changed(client: httpx.Client, path: str, *operations: dict[str, Any]) -> dict[str, Any]:
    answer = client.patch(path, json={"schemas": [PATCH_OP], "Operations": list(operations)})
    assert answer.status_code in (200, 204), answer.text
    return read(client, path)


@pytest.mark.parametrize(
    ("condition", "left"),
    [('type eq "Group"', "u"), ('not (type eq "Group")', "g"), ('display eq "ada"', "g"), ("value pr", "")],
)
def test_a_filter_selects_members_by_any_of_their_values(
    client: httpx.Client, condition: str, left: str
) -> None:
    person = create(client, displayName="Ada")["id"]
    inner = create_group(client, displayName="Inner")["id"]
    group = create_group(client, person, inner)["id"]

    after = changed(client, f"/Groups/{group}", {"op": "remove", "path": f"members[{condition}]"})

    expected = {"u": [person], "g": [inner], "": []}[left]
    assert [one["value"] for one in after.get("members", [])] == expected


def test_a_manager_is_selected_and_found_by_value(client: httpx.Client) -> None:
    name = user_name()
    person = create(client, **{ENTERPRISE: {"manager": {"value": name}}})["id"]
    path = f"{ENTERPRISE}:manager"

    assert found(client, f'{path}[value eq "{name}" and not (value eq "other")]') == [person]
    after = changed(client, f"/Users/{person}", {"op": "remove", "path": f'{path}[value eq "other"]'})
    assert after[ENTERPRISE]["manager"]["value"] == name
    after = changed(client, f"/Users/{person}", {"op": "remove", "path": f'{path}[value eq "{name}"]'})
    assert ENTERPRISE not in after


@pytest.mark.parametrize(
    "same",
    [
        {"value": "ada@work.example", "type": "work"},
        {"value": "ADA@work.example", "type": "Work", "primary": False},
        {"value": "ada@WORK.example", "type": "WORK", "primary": True},
    ],
)
def test_adding_an_existing_element_changes_nothing(client: httpx.Client, same: dict[str, Any]) -> None:
    person = create(client, emails=[WORK, HOME])
    path = f"/Users/{person['id']}"

    assert changed(client, path, {"op": "add", "path": "emails", "value": [same]}) == person
    assert changed(client, path, {"op": "add", "value": {"emails": [same]}}) == person


def test_an_element_is_removed_with_its_value(client: httpx.Client) -> None:
    person = create(client, emails=[WORK, HOME])["id"]
    clear = {"op": "replace", "path": 'emails[type eq "work"].value', "value": ""}

    assert changed(client, f"/Users/{person}", clear)["emails"] == [HOME]


@pytest.mark.parametrize("spelling", ["2.0User", "2.0.User", "2.0:User"])
def test_each_spelling_of_the_enterprise_urn_is_accepted_in_every_place(
    client: httpx.Client, spelling: str
) -> None:
    urn = f"urn:ietf:params:scim:schemas:extension:enterprise:{spelling}"
    path = f"/Users/{create(client)['id']}"

    operations: list[dict[str, Any]] = [
        {"op": "add", "path": f"{urn}:department", "value": "0"},
        {"op": "replace", "value": {urn: {"department": "1"}}},
        {"op": "replace", "value": {f"{urn}:department": "2"}},
    ]

    for number, operation in enumerate(operations):
        assert changed(client, path, operation)[ENTERPRISE]["department"] == str(number)
    assert ENTERPRISE not in changed(client, path, {"op": "replace", "value": {urn: None}})


def test_a_required_attribute_cannot_be_removed(client: httpx.Client) -> None:
    person, group = create(client)["id"], create_group(client)["id"]

    for path, name in ((f"/Users/{person}", "userName"), (f"/Groups/{group}", "displayName")):
        for operation in ({"op": "remove", "path": name}, {"op": "replace", "value": {name: None}}):
            refusal(patch(client, path, operation), 400, "mutability")


def test_user_names_that_differ_only_in_surrounding_white_space_are_the_same(client: httpx.Client) -> None:
    name = user_name()
    create(client, userName=name)

    for other in (f" {name}", f"{name}\t", f"\u00a0{name} "):
        refusal(client.post("/Users", json={"userName": other}), 409, "uniqueness")
