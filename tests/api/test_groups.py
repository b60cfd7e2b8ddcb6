"""Groups on the wire: members as sets, versions of groups and of members, and what a deletion keeps."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.wire import GROUP, Resource, create, create_group, found, own, patch, read, refusal
from tests.support.servers.running import Organization

MEMBERS = "members"


@pytest.fixture(scope="module")
def people(client: httpx.Client) -> dict[str, Resource]:
    """Four people by short names; only ada has a displayName."""
    return {
        "ada": create(client, displayName="Ada"),
        "bob": create(client),
        "cyd": create(client),
        "dan": create(client),
    }


def member(person: Resource) -> Resource:
    """A person as a group shows them (wire decision 11)."""
    display = {"display": person["displayName"]} if "displayName" in person else {}
    return {"value": person["id"], "$ref": person["meta"]["location"], "type": "User"} | display


def names(group: Resource, people: dict[str, Resource]) -> str:
    """The people in a group, by their initials."""
    by_id = {person["id"]: name for name, person in people.items()}
    return "".join(sorted(by_id[one["value"]][0] for one in group.get(MEMBERS, [])))


def test_a_created_group_shows_its_members(client: httpx.Client, people: dict[str, Resource]) -> None:
    ada, bob = people["ada"], people["bob"]
    sent = {
        "schemas": ["urn:example:extra:2.0:Group"],
        "displayName": f"Team {uuid4().hex}",
        "externalId": "G-1",
        "members": [
            {"value": ada["id"], "display": "Somebody", "$ref": None},
            {"value": bob["id"], "type": "User"},
        ],
    }

    answer = client.post("/Groups", json=sent)

    made = answer.json()
    location = f"{client.base_url}Groups/{made['id']}"
    assert answer.status_code == 201
    assert made == {
        "schemas": [GROUP],
        "id": made["id"],
        "displayName": sent["displayName"],
        "externalId": "G-1",
        "members": [member(ada), member(bob)],
        "meta": {
            "resourceType": "Group",
            "created": made["meta"]["created"],
            "lastModified": made["meta"]["created"],
            "version": 'W/"1"',
            "location": location,
        },
    }
    assert (answer.headers["location"], answer.headers["etag"]) == (location, 'W/"1"')
    assert read(client, f"/Groups/{made['id']}") == made


def test_a_group_without_members_omits_the_attribute(client: httpx.Client) -> None:
    """Wire decision 10; IDP 9."""
    bare = [create_group(client), create_group(client, members=None), create_group(client, members=[])]

    assert [set(one) for one in bare] == [{"schemas", "id", "displayName", "meta"}] * 3


def test_display_names_are_compared_without_case_and_need_not_be_unique(client: httpx.Client) -> None:
    """Wire decision 9."""
    name = f"Team {uuid4().hex}"
    ids = [create_group(client, displayName=one)["id"] for one in (name, name.upper())]

    assert found(client, f'displayName eq "{name.lower()}"', "/Groups") == ids


def elements(*people: Resource) -> list[Resource]:
    return [{"value": person["id"]} for person in people]


def operation(op: str, *value: Any) -> Resource:  # noqa: ANN401 - any JSON
    return {"op": op, "path": MEMBERS} | ({"value": value[0]} if value else {})


def changes(people: dict[str, Resource]) -> dict[str, tuple[list[Resource], str]]:
    """Operations on a group of ada and bob, and its members afterwards."""
    ada, bob, cyd, dan = people.values()
    both = f'members[value eq "{ada["id"]}" or value eq "{bob["id"]}"]'
    return {
        "add of one": ([operation("add", elements(cyd))], "abc"),
        "add of several and of one who is there": ([operation("Add", elements(ada, cyd, dan, cyd))], "abcd"),
        "add of an object": ([operation("add", {"value": cyd["id"]})], "abc"),
        "add of a text": ([operation("add", cyd["id"])], "abc"),
        "add of texts": ([operation("add", [cyd["id"], dan["id"]])], "abcd"),
        "add of nobody": ([operation("add", []), operation("add", None)], "ab"),
        "add without a path": ([{"op": "add", "value": {"members": elements(cyd)}}], "abc"),
        "remove by a list": ([operation("Remove", elements(ada))], "b"),
        "remove by a list of who is not there": ([operation("remove", elements(cyd, dan))], "ab"),
        "remove by a list of an unknown": ([operation("remove", [{"value": str(uuid4())}])], "ab"),
        "remove by an object": ([operation("remove", {"value": ada["id"]})], "b"),
        "remove by a text": ([operation("remove", ada["id"])], "b"),
        "remove by an empty list": ([operation("remove", [])], "ab"),
        "remove by null": ([operation("remove", None)], ""),
        "remove of all": ([operation("remove")], ""),
        "remove by a path": ([{"op": "remove", "path": f'members[value eq "{ada["id"]}"]'}], "b"),
        "remove by a path to several": ([{"op": "remove", "path": both}], ""),
        "remove by a path to nobody": ([{"op": "remove", "path": f'members[value eq "{cyd["id"]}"]'}], "ab"),
        "replace": ([operation("replace", elements(bob, cyd))], "bc"),
        "replace by nobody": ([operation("replace", [])], ""),
        "replace by null": ([operation("replace", None)], ""),
        "replace without a path": ([{"op": "replace", "value": {"members": elements(dan)}}], "d"),
        "replace without a path by nobody": ([{"op": "replace", "value": {"members": []}}], ""),
        "remove and add in one": (
            [
                operation("remove", elements(ada)),
                operation("add", elements(cyd)),
                operation("add", elements(ada)),
            ],
            "abc",
        ),
        "add and remove in one": (
            [operation("add", elements(cyd)), operation("remove", elements(cyd))],
            "ab",
        ),
    }


CASES = list(changes({name: {"id": name} for name in ("ada", "bob", "cyd", "dan")}))


@pytest.mark.parametrize("case", CASES)
def test_operations_on_members_leave_exactly_the_expected_members(
    client: httpx.Client, people: dict[str, Resource], case: str
) -> None:
    """Wire decision 13; IDP 11, 20 and 21."""
    operations, expected = changes(people)[case]
    made = create_group(client, people["ada"]["id"], people["bob"]["id"], externalId="G")

    answer = patch(client, f"/Groups/{made['id']}", *operations)

    changed = expected != "ab"
    group = answer.json()
    assert (answer.status_code, names(group, people)) == (200, expected)
    assert {**own(group), MEMBERS: 0} == {**own(made), MEMBERS: 0}
    assert answer.headers["etag"] == group["meta"]["version"] == ('W/"2"' if changed else 'W/"1"')
    assert answer.headers["location"] == made["meta"]["location"]
    assert read(client, f"/Groups/{made['id']}") == group


def test_after_a_put_the_members_are_exactly_those_in_the_body(
    client: httpx.Client, people: dict[str, Resource]
) -> None:
    """Wire decision 12; IDP 21."""
    ada, bob, cyd, _ = people.values()
    made = create_group(client, ada["id"], bob["id"], externalId="G")
    path, name = f"/Groups/{made['id']}", {"displayName": made["displayName"]}

    replaced = client.put(path, json=name | {"members": elements(bob, cyd), "id": "other"})
    echoed = client.put(path, json=replaced.json())
    emptied = client.put(path, json=name)

    assert (names(replaced.json(), people), "externalId" in replaced.json()) == ("bc", False)
    assert echoed.json() == replaced.json()
    assert own(emptied.json()) == name
    assert [one.headers["etag"] for one in (replaced, echoed, emptied)] == ['W/"2"', 'W/"2"', 'W/"3"']


def test_renaming_a_group_keeps_its_members(client: httpx.Client) -> None:
    """Wire decision 18; IDP 12 and 20."""
    ada = create(client)
    made = create_group(client, ada["id"])
    before = read(client, f"/Users/{ada['id']}")

    answer = patch(
        client,
        f"/Groups/{made['id']}",
        {"op": "replace", "value": {"id": made["id"], "displayName": "Renamed", "externalId": "G-9"}},
    )

    after = read(client, f"/Users/{ada['id']}")
    assert (answer.json()["displayName"], answer.json()["externalId"]) == ("Renamed", "G-9")
    assert answer.json()[MEMBERS] == made[MEMBERS]
    assert answer.headers["etag"] == 'W/"2"'
    assert after["meta"] == before["meta"]
    assert after["groups"] == [{**before["groups"][0], "display": "Renamed"}]


def test_a_change_of_members_changes_the_versions_of_group_and_member(client: httpx.Client) -> None:
    """Wire decision 18."""
    ada, bob = create(client), create(client)
    made = create_group(client, bob["id"])

    def versions() -> list[str]:
        paths = (f"/Groups/{made['id']}", f"/Users/{ada['id']}", f"/Users/{bob['id']}")
        return [read(client, path)["meta"]["version"] for path in paths]

    seen = [versions()]
    for op in ("add", "add", "remove", "remove"):
        patch(client, f"/Groups/{made['id']}", operation(op, elements(ada)))
        seen.append(versions())

    assert [[version.strip('W/"') for version in one] for one in seen] == [
        ["1", "1", "2"],
        *[["2", "2", "2"]] * 2,
        *[["3", "3", "2"]] * 2,
    ]


def test_a_person_shows_their_groups_and_is_found_by_them(client: httpx.Client) -> None:
    ada = create(client)
    group = create_group(client, ada["id"])

    shown = read(client, f"/Users/{ada['id']}")["groups"]

    assert shown == [
        {
            "value": group["id"],
            "$ref": group["meta"]["location"],
            "display": group["displayName"],
            "type": "direct",
        }
    ]
    assert found(client, f'groups.value eq "{group["id"]}"') == [ada["id"]]
    assert found(client, f'members.value eq "{ada["id"]}"', "/Groups") == [group["id"]]
    assert found(client, f'id eq "{group["id"]}" and members eq "{ada["id"]}"', "/Groups") == [group["id"]]


def test_a_deleted_person_is_removed_from_their_groups(client: httpx.Client) -> None:
    ada, bob = create(client), create(client)
    group = create_group(client, ada["id"], bob["id"])

    client.delete(f"/Users/{ada['id']}")

    after = read(client, f"/Groups/{group['id']}")
    assert after[MEMBERS] == [member(bob)]
    assert after["meta"]["version"] == 'W/"2"'


def test_deleting_a_group_keeps_its_members_as_people(client: httpx.Client) -> None:
    ada = create(client)
    group = create_group(client, ada["id"])

    answer = client.delete(f"/Groups/{group['id']}")

    after = read(client, f"/Users/{ada['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(f"/Groups/{group['id']}").status_code == 404
    assert own(after) == own(ada)
    assert after["meta"]["version"] == 'W/"3"'


def test_members_are_omitted_when_excluded(client: httpx.Client, people: dict[str, Resource]) -> None:
    """IDP 10."""
    made = create_group(client, people["ada"]["id"])
    path, without = f"/Groups/{made['id']}", {"excludedAttributes": MEMBERS}
    bare = {name: value for name, value in made.items() if name != MEMBERS}

    listed = read(client, "/Groups", filter=f'displayName eq "{made["displayName"]}"', **without)

    assert read(client, path, **without) == bare
    assert listed["Resources"] == [bare]
    assert read(client, path, attributes="members.value") == {
        "schemas": made["schemas"],
        "id": made["id"],
        "members": [{"value": people["ada"]["id"]}],
    }
    assert read(client, "/Groups", filter=f'id eq "{made["id"]}"')["Resources"] == [made]


def test_a_stale_version_of_a_group_is_refused(client: httpx.Client, people: dict[str, Resource]) -> None:
    made = create_group(client)
    path, add = f"/Groups/{made['id']}", operation("add", elements(people["ada"]))

    stale = [
        patch(client, path, add, if_match='W/"2"'),
        client.put(path, json={"displayName": "x"}, headers={"If-Match": 'W/"2"'}),
        client.delete(path, headers={"If-Match": 'W/"2"'}),
    ]
    same = client.get(path, headers={"If-None-Match": 'W/"1"'})
    done = patch(client, path, add, if_match='W/"1"')

    assert all("version is now 1" in refusal(answer, 412) for answer in stale)
    assert (same.status_code, same.content) == (304, b"")
    assert (done.status_code, done.headers["etag"]) == (200, 'W/"2"')


def test_a_patch_of_a_large_group_returns_a_body_only_if_attributes_are_requested(
    client: httpx.Client,
) -> None:
    """Wire decision 18: 200 members are shown, 201 are not."""
    ids = [create(client)["id"] for _ in range(201)]
    made = create_group(client, *ids[:199])
    path = f"/Groups/{made['id']}"
    body = {"Operations": [operation("add", [{"value": ids[200]}])]}

    at_200 = patch(client, path, operation("add", [{"value": ids[199]}]))
    at_201 = patch(client, path, operation("add", [{"value": ids[200]}]))
    asked = client.patch(path, params={"attributes": "displayName"}, json=body)

    assert (at_200.status_code, len(at_200.json()[MEMBERS])) == (200, 200)
    assert (at_201.status_code, at_201.content) == (204, b"")
    assert at_201.headers["location"] == made["meta"]["location"]
    assert at_201.headers["etag"] == asked.headers["etag"] == 'W/"3"'
    assert (asked.status_code, set(asked.json())) == (200, {"schemas", "id", "displayName"})
    assert len(read(client, path)[MEMBERS]) == 201


def test_under_concurrent_writes_each_answer_shows_the_result_of_its_own_request(
    organization: Organization, client: httpx.Client
) -> None:
    """Another writer's change between a write and its answer would show in the answer."""
    group = create_group(client)["id"]

    def renamed(writer: int) -> list[tuple[str, str]]:
        with organization.client() as own:
            names = [f"writer {writer} change {number}" for number in range(25)]
            change = {"op": "replace", "path": "displayName"}
            answers = [patch(own, f"/Groups/{group}", change | {"value": name}) for name in names]
        return [(name, answer.json()["displayName"]) for name, answer in zip(names, answers, strict=True)]

    with ThreadPoolExecutor(8) as pool:
        pairs = [pair for pairs in pool.map(renamed, range(8)) for pair in pairs]

    assert [answered for _, answered in pairs] == [sent for sent, _ in pairs]
