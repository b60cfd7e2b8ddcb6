"""Wrong requests get one clear SCIM Error and change nothing."""

from typing import Any

import httpx
import pytest

from tests.api.conftest import Unchanged
from tests.api.wire import ENTERPRISE, Resource, create, create_group, patch, read, refusal, user_name

NOBODY = "5f0c7a52-7c4e-4d55-9d57-0d7c2f6f8a10"

BAD_VALUES: dict[str, tuple[object, str]] = {
    "userName": (5, "userName"),
    "displayName": (5, "displayName"),
    "externalId": (4711, "externalId"),
    "nickName": ({"value": "x"}, "nickName"),
    "title": (["a", "b"], "title"),
    "active": ("maybe", "active"),
    "name": ("Ada Lovelace", "name"),
    "emails": (5, "emails"),
    "phoneNumbers": ([5], "phoneNumbers[0]"),
    "addresses": ([{"country": 5}], "addresses[0].country"),
    "roles": ([{"value": "x", "primary": "perhaps"}], "roles[0].primary"),
    ENTERPRISE: ("Research", ENTERPRISE),
    ENTERPRISE.lower(): ({"department": 7}, f"{ENTERPRISE}:department"),
}
BAD_ACTIVES = (1, 0, "yes", "1", ["true", "false"], {"value": True}, 1.5)

READ_ONLY = (
    *(
        "id",
        "meta",
        "meta.created",
        "meta.version",
        "groups",
        f'groups[value eq "{NOBODY}"]',
        "groups.display",
    ),
    *(f"{ENTERPRISE}:manager.displayName", "ID", "urn:ietf:params:scim:schemas:core:2.0:User:id"),
)
UNKNOWN_PATHS = (
    *("favouriteColour", "name.nickname", "userName.value", "emails.colour", 'emails[colour eq "red"].value'),
    *('userName[value eq "x"]', "urn:example:nothing:User:x", f"{ENTERPRISE}:favouriteColour", "members"),
    *(
        "__proto__",
        "__class__",
        "_sa_instance_state",
        "constructor.prototype",
        "emails.__class__",
        "document",
    ),
    *(
        "emails[",
        'emails[type eq "work"',
        "emails[type eq]",
        "emails[]",
        'emails[type eq "work"]value',
        "emails[0]",
    ),
    *(
        ".",
        "..",
        "name.",
        ".name",
        "name..givenName",
        "name givenName",
        "a" * 5000,
        "$",
        "*",
        "emails.value.value",
    ),
    *(
        "name.givenName; DROP TABLE people",
        'emails[type eq "work" or (type eq "home"].value',
        "/name/givenName",
    ),
)
BAD_OPERATIONS: dict[str, tuple[Any, str]] = {
    "an unknown op": ({"op": "move", "path": "title", "value": "x"}, "invalidSyntax"),
    "no op": ({"path": "title", "value": "x"}, "invalidSyntax"),
    "an op that is a number": ({"op": 1, "path": "title", "value": "x"}, "invalidSyntax"),
    "an operation that is a text": ("replace", "invalidSyntax"),
    "an operation that is null": (None, "invalidSyntax"),
    "add without a value": ({"op": "add", "path": "title"}, "invalidValue"),
    "replace without a value": ({"op": "replace", "path": "title"}, "invalidValue"),
    "a path that is a number": ({"op": "add", "path": 5, "value": "x"}, "invalidPath"),
    "a path that is a list": ({"op": "add", "path": ["title"], "value": "x"}, "invalidPath"),
    "remove without a path": ({"op": "remove"}, "noTarget"),
    "remove without a path but a value": ({"op": "remove", "value": {"title": "x"}}, "noTarget"),
    "a text where attributes belong": ({"op": "add", "value": "Countess"}, "invalidValue"),
    "a list where attributes belong": ({"op": "replace", "value": [{"title": "x"}]}, "invalidValue"),
    "a value of the wrong type": ({"op": "replace", "path": "title", "value": 5}, "invalidValue"),
    "a flag that is none": ({"op": "replace", "path": "active", "value": "maybe"}, "invalidValue"),
    "an element of the wrong type": (
        {"op": "add", "path": "emails", "value": [{"value": 5}]},
        "invalidValue",
    ),
    "an element that nothing describes": (
        {"op": "replace", "path": 'emails[type ne "work" and type ne "home"].value', "value": "x"},
        "noTarget",
    ),
    "one of several that nothing describes": (
        {"op": "add", "path": 'emails[type eq "a" or type eq "b"].value', "value": "x"},
        "noTarget",
    ),
    "the userName removed": ({"op": "remove", "path": "userName"}, "mutability"),
    "the userName emptied": ({"op": "replace", "path": "userName", "value": ""}, "mutability"),
    "the userName nulled": ({"op": "replace", "value": {"userName": None}}, "mutability"),
}


@pytest.fixture(scope="module")
def ada(client: httpx.Client) -> Resource:
    return create(
        client, displayName="Ada", emails=[{"value": "ada@work.example", "type": "work"}], title="Countess"
    )


@pytest.fixture(scope="module")
def team(client: httpx.Client, ada: Resource) -> Resource:
    return create_group(client, ada["id"])


@pytest.mark.parametrize(
    "given", [{}, {"userName": None}, {"userName": ""}, {"userName": []}, {"userName": "  "}]
)
def test_a_person_without_a_user_name_is_refused(
    client: httpx.Client, ada: Resource, unchanged: Unchanged, given: dict[str, object]
) -> None:
    with unchanged():
        answers = [
            client.post("/Users", json={"displayName": "Eve"} | given),
            client.put(f"/Users/{ada['id']}", json={"displayName": "Eve"} | given),
        ]

    assert [refusal(answer, 400, "invalidValue") for answer in answers] == ["userName is required."] * 2


@pytest.mark.parametrize("given", [{}, {"displayName": None}, {"displayName": ""}, {"displayName": " "}])
def test_a_group_without_a_display_name_is_refused(
    client: httpx.Client, team: Resource, unchanged: Unchanged, given: dict[str, object]
) -> None:
    with unchanged():
        answers = [client.post("/Groups", json=given), client.put(f"/Groups/{team['id']}", json=given)]

    assert [refusal(answer, 400, "invalidValue") for answer in answers] == ["displayName is required."] * 2


@pytest.mark.parametrize(("attribute", "bad"), BAD_VALUES.items(), ids=BAD_VALUES.keys())
def test_a_value_of_the_wrong_type_is_refused_and_its_attribute_named(
    client: httpx.Client, ada: Resource, unchanged: Unchanged, attribute: str, bad: tuple[object, str]
) -> None:
    value, named = bad
    body = {"userName": user_name()} | {attribute: value}

    with unchanged():
        answers = [client.post("/Users", json=body), client.put(f"/Users/{ada['id']}", json=body)]

    assert all(named in refusal(answer, 400, "invalidValue") for answer in answers)


@pytest.mark.parametrize("value", BAD_ACTIVES, ids=repr)
def test_a_value_of_active_other_than_true_or_false_is_refused(
    client: httpx.Client, ada: Resource, unchanged: Unchanged, value: object
) -> None:
    with unchanged():
        answers = [
            client.post("/Users", json={"userName": user_name(), "active": value}),
            client.put(f"/Users/{ada['id']}", json={"userName": ada["userName"], "active": value}),
            patch(client, f"/Users/{ada['id']}", {"op": "replace", "path": "active", "value": value}),
            patch(client, f"/Users/{ada['id']}", {"op": "replace", "value": {"active": value}}),
        ]

    assert all("active must be" in refusal(answer, 400, "invalidValue") for answer in answers)


@pytest.mark.parametrize("other_case", [False, True])
def test_a_second_person_with_the_same_user_name_in_any_case_is_refused(
    client: httpx.Client, unchanged: Unchanged, *, other_case: bool
) -> None:
    first, second = create(client), create(client)
    name = first["userName"].upper() if other_case else first["userName"]
    path = f"/Users/{second['id']}"

    with unchanged():
        answers = [
            client.post("/Users", json={"userName": name}),
            client.post("/Users", json={"userName": name, "active": False}),
            client.put(path, json={"userName": name}),
            patch(client, path, {"op": "replace", "path": "userName", "value": name}),
        ]

    details = {refusal(answer, 409, "uniqueness") for answer in answers}
    assert details == {f"userName '{name}' is already taken by the User {first['id']}."}


def test_creating_an_inactive_person_again_is_refused_with_the_advice_to_activate(
    client: httpx.Client, unchanged: Unchanged
) -> None:
    """Wire decision 7."""
    inactive = create(client, active=False)

    with unchanged():
        answer = client.post("/Users", json={"userName": inactive["userName"]})

    assert "Activate it instead of creating it again" in refusal(answer, 409, "uniqueness")


@pytest.mark.parametrize("path", READ_ONLY)
def test_a_path_to_a_read_only_attribute_of_a_person_is_refused(
    client: httpx.Client, ada: Resource, unchanged: Unchanged, path: str
) -> None:
    with unchanged():
        answers = [
            patch(client, f"/Users/{ada['id']}", {"op": op, "path": path, "value": "x"})
            for op in ("add", "replace", "remove")
        ]

    assert all("is read-only" in refusal(answer, 400, "mutability") for answer in answers)


@pytest.mark.parametrize(
    "path", ["id", "meta.location", f'members[value eq "{NOBODY}"].display', "members.display"]
)
def test_a_path_to_a_read_only_attribute_of_a_group_is_refused(
    client: httpx.Client, team: Resource, unchanged: Unchanged, path: str
) -> None:
    with unchanged():
        answer = patch(client, f"/Groups/{team['id']}", {"op": "replace", "path": path, "value": "x"})

    refusal(answer, 400, "mutability")


@pytest.mark.parametrize("path", UNKNOWN_PATHS, ids=lambda path: path[:40])
def test_an_invalid_path_is_refused(
    client: httpx.Client, ada: Resource, unchanged: Unchanged, path: str
) -> None:
    with unchanged():
        answers = [
            patch(client, f"/Users/{ada['id']}", {"op": op, "path": path, "value": "x"})
            for op in ("add", "replace", "remove")
        ]

    assert len({refusal(answer, 400, "invalidPath") for answer in answers}) == 1


@pytest.mark.parametrize(("operation", "scim_type"), BAD_OPERATIONS.values(), ids=BAD_OPERATIONS.keys())
def test_an_invalid_operation_undoes_the_valid_ones_before_it(
    client: httpx.Client, ada: Resource, unchanged: Unchanged, operation: object, scim_type: str
) -> None:
    good = [{"op": "replace", "path": "title", "value": f"title {n}"} for n in range(49)]

    with unchanged():
        answer = patch(client, f"/Users/{ada['id']}", *good, operation)

    refusal(answer, 400, scim_type)


@pytest.mark.parametrize("operations", [None, [], {}, "replace", 5], ids=repr)
def test_a_patch_without_valid_operations_is_refused(
    client: httpx.Client, ada: Resource, team: Resource, unchanged: Unchanged, operations: object
) -> None:
    with unchanged():
        answers = [
            client.patch(path, json=body)
            for path in (f"/Users/{ada['id']}", f"/Groups/{team['id']}")
            for body in ({"Operations": operations}, {})
        ]

    assert all("Operations" in refusal(answer, 400, "invalidSyntax") for answer in answers)


def other_person(stranger: httpx.Client) -> str:
    identifier: str = create(stranger)["id"]
    return identifier


@pytest.mark.parametrize("whose", ["nobody's", "another organization's", "a number", "missing", "null"])
def test_a_member_who_is_not_in_the_organization_is_refused(
    client: httpx.Client,
    stranger: httpx.Client,
    ada: Resource,
    team: Resource,
    unchanged: Unchanged,
    whose: str,
) -> None:
    """Wire decision 11."""
    elements: dict[str, dict[str, object]] = {
        "nobody's": {"value": NOBODY},
        "another organization's": {"value": other_person(stranger)},
        "a number": {"value": 5},
        "missing": {"display": "Ada"},
        "null": {"value": None, "display": "Ada"},
    }
    members = [{"value": ada["id"]}, elements[whose]]
    path = f"/Groups/{team['id']}"

    with unchanged():
        answers = [
            client.post("/Groups", json={"displayName": "x", "members": members}),
            client.put(path, json={"displayName": "x", "members": members}),
            patch(client, path, {"op": "add", "path": "members", "value": members}),
            patch(client, path, {"op": "replace", "path": "members", "value": members}),
            patch(client, path, {"op": "replace", "value": {"displayName": "x", "members": members}}),
            patch(
                client,
                path,
                {"op": "remove", "path": "members"},
                {"op": "add", "path": "members", "value": members},
            ),
        ]

    assert all("members" in refusal(answer, 400, "invalidValue") for answer in answers)


def test_an_external_id_is_never_used_as_an_id(client: httpx.Client, ada: Resource) -> None:
    """SECURITY 5."""
    before = read(client, f"/Users/{ada['id']}")
    by_number = create(client, externalId="1")
    by_id = create(
        client, externalId=ada["id"], id=ada["id"], meta={"location": "x"}, groups=[{"value": "x"}]
    )

    assert len({ada["id"], by_number["id"], by_id["id"], "1"}) == 4
    assert by_id["externalId"] == ada["id"]
    assert "groups" not in by_id
    assert client.get("/Users/1").status_code == 404
    assert read(client, f"/Users/{ada['id']}") == before


def test_a_put_changes_the_person_in_the_url_and_ignores_the_id_in_the_body(
    client: httpx.Client, ada: Resource
) -> None:
    """SECURITY 5, wire decision 12."""
    before, other = read(client, f"/Users/{ada['id']}"), create(client)

    answer = client.put(f"/Users/{other['id']}", json=ada | {"userName": other["userName"]})

    assert (answer.status_code, answer.json()["id"]) == (200, other["id"])
    assert answer.json()["meta"]["created"] == other["meta"]["created"]
    assert read(client, f"/Users/{ada['id']}") == before
