"""A person's version changes when their `groups` does, also when a group far above them changes (wire 18)."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from scim_server.store.database.session import Database
from tests.api.in_process import Inside, inside
from tests.api.wire import GROUP, Resource, create, create_group, patch, read

Act = Callable[[httpx.Client, str, str], httpx.Response]


@pytest.fixture(scope="module")
def at(database: Database) -> Iterator[Inside]:
    with inside(database, {"standard": 10_000}) as opened:
        yield opened


def members(*ids: str) -> list[dict[str, str]]:
    return [{"value": one} for one in ids]


def bulk(client: httpx.Client, *operations: object) -> httpx.Response:
    answer = client.post("/Bulk", json={"Operations": operations})
    assert {one["status"][0] for one in answer.json()["Operations"]} == {"2"}, answer.text
    return answer


def put(client: httpx.Client, group: str, *ids: str) -> httpx.Response:
    name = read(client, f"/Groups/{group}", attributes="displayName")["displayName"]
    return client.put(f"/Groups/{group}", json={"displayName": name, "members": members(*ids)})


NESTING: dict[str, Act] = {
    "PATCH": lambda client, outer, inner: patch(
        client, f"/Groups/{outer}", {"op": "add", "path": "members", "value": members(inner)}
    ),
    "PATCH without a path": lambda client, outer, inner: patch(
        client, f"/Groups/{outer}", {"op": "add", "value": {"members": members(inner)}}
    ),
    "PUT": put,
    "bulk": lambda client, outer, inner: bulk(
        client,
        {
            "method": "PATCH",
            "path": f"/Groups/{outer}",
            "data": {"Operations": [{"op": "add", "path": "members", "value": members(inner)}]},
        },
    ),
}
UNNESTING: dict[str, Act] = {
    "PATCH of one": lambda client, outer, inner: patch(
        client, f"/Groups/{outer}", {"op": "remove", "path": f'members[value eq "{inner}"]'}
    ),
    "PATCH of all": lambda client, outer, _: patch(
        client, f"/Groups/{outer}", {"op": "remove", "path": "members"}
    ),
    "PATCH with others": lambda client, outer, _: patch(
        client,
        f"/Groups/{outer}",
        {"op": "replace", "path": "members", "value": members(create(client)["id"])},
    ),
    "PUT": lambda client, outer, _: put(client, outer),
    "bulk": lambda client, outer, _: bulk(
        client, {"method": "PUT", "path": f"/Groups/{outer}", "data": {"displayName": "emptied"}}
    ),
    "DELETE of the outer": lambda client, outer, _: client.delete(f"/Groups/{outer}"),
    "DELETE of the inner": lambda client, _, inner: client.delete(f"/Groups/{inner}"),
    "bulk DELETE": lambda client, _, inner: bulk(client, {"method": "DELETE", "path": f"/Groups/{inner}"}),
}


def version(client: httpx.Client, person: str) -> str:
    shown = read(client, f"/Users/{person}")["meta"]["version"]
    assert isinstance(shown, str)
    return shown


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("way", NESTING)
def test_nesting_a_group_changes_the_version_of_people_at_any_depth(at: Inside, way: str, depth: int) -> None:
    person, other = create(at.client), create(at.client)
    inner = create_group(at.client, person["id"])["id"]
    for _ in range(depth - 1):
        inner = create_group(at.client, inner)["id"]
    outer = create_group(at.client)["id"]
    top = create_group(at.client, outer)["id"]
    before = read(at.client, f"/Users/{person['id']}")

    answer = NESTING[way](at.client, outer, inner)

    after = read(at.client, f"/Users/{person['id']}")
    assert answer.is_success, answer.text
    assert {outer, top} <= {one["value"] for one in after["groups"]}
    assert number(after) == number(before) + 1
    assert after["meta"]["lastModified"] > before["meta"]["lastModified"]
    assert version(at.client, other["id"]) == other["meta"]["version"]


@pytest.mark.parametrize("way", UNNESTING)
def test_taking_a_group_out_changes_the_version_of_people_at_any_depth(at: Inside, way: str) -> None:
    person = create(at.client)["id"]
    lowest = create_group(at.client, person)["id"]
    inner = create_group(at.client, lowest)["id"]
    outer = create_group(at.client, inner)["id"]
    top = create_group(at.client, outer)["id"]
    before = read(at.client, f"/Users/{person}")

    answer = UNNESTING[way](at.client, outer, inner)

    after = read(at.client, f"/Users/{person}")
    assert answer.is_success, answer.text
    assert top in {one["value"] for one in before["groups"]}
    assert top not in {one.get("value") for one in after["groups"]}
    assert number(after) == number(before) + 1


def test_a_new_group_that_contains_others_changes_the_version_of_their_people(at: Inside) -> None:
    person = create(at.client)["id"]
    inner = create_group(at.client, person)["id"]
    before = read(at.client, f"/Users/{person}")

    create_group(at.client, inner)

    assert number(read(at.client, f"/Users/{person}")) == number(before) + 1


def test_a_bulk_request_of_nested_groups_changes_the_version_of_their_people(at: Inside) -> None:
    person = create(at.client)["id"]
    inner = {"displayName": "inner", "members": members(person)}
    outer = {"displayName": "outer", "members": members("bulkId:inner")}
    bulk(
        at.client,
        {"method": "POST", "path": "/Groups", "bulkId": "inner", "data": inner},
        {"method": "POST", "path": "/Groups", "bulkId": "outer", "data": outer},
    )

    assert number(read(at.client, f"/Users/{person}")) == 3


def test_people_already_in_the_outer_group_keep_their_version(at: Inside) -> None:
    person = create(at.client)["id"]
    inner = create_group(at.client, person)["id"]
    beside = create_group(at.client, person)["id"]
    outer = create_group(at.client, beside)["id"]
    before = version(at.client, person)

    NESTING["PATCH"](at.client, outer, inner)
    UNNESTING["PATCH of one"](at.client, outer, inner)

    assert version(at.client, person) == before


def test_after_a_change_of_an_outer_group_a_stale_version_is_refused(at: Inside) -> None:
    person = create(at.client)["id"]
    inner = create_group(at.client, person)["id"]
    seen = version(at.client, person)
    create_group(at.client, inner)

    rename = {"op": "replace", "path": "title", "value": "Artist"}
    answer = patch(at.client, f"/Users/{person}", rename, if_match=seen)

    assert answer.status_code == 412


def number(resource: Resource) -> int:
    return int(resource["meta"]["version"].removeprefix('W/"').removesuffix('"'))


# Random nestings

PEOPLE, GROUPS = 4, 6
named = st.lists(st.integers(0, PEOPLE + GROUPS - 1), max_size=4, unique=True)
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["add", "add", "put", "remove"]), st.integers(0, GROUPS - 1), named, named),
        st.tuples(st.sampled_from(["move", "create"]), st.integers(0, GROUPS - 1), named, named),
        st.tuples(st.just("delete"), st.integers(0, GROUPS - 1), st.just([]), st.just([])),
    ),
    min_size=3,
    max_size=10,
)


class Directory:
    """A few people and groups that are known by their position; a deleted group is made again."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.people = [create(client)["id"] for _ in range(PEOPLE)]
        self.groups = [create_group(client)["id"] for _ in range(GROUPS)]

    def ids(self, listed: list[int]) -> list[str]:
        return [(self.people + self.groups)[one] for one in listed]

    def shown(self) -> dict[str, tuple[frozenset[tuple[str, str]], str]]:
        """The `groups` and the version of every person."""
        listed = [read(self.client, f"/Users/{person}") for person in self.people]
        return {
            one["id"]: (
                frozenset((group["value"], group["type"]) for group in one.get("groups", [])),
                one["meta"]["version"],
            )
            for one in listed
        }

    def step(self, kind: str, position: int, some: list[int], others: list[int]) -> httpx.Response:
        group = self.groups[position]
        path, first, second = f"/Groups/{group}", members(*self.ids(some)), members(*self.ids(others))
        adding = {"op": "add", "path": "members", "value": first}
        removing = {"op": "remove", "path": "members", "value": second}
        if kind == "put":
            return put(self.client, group, *self.ids(some))
        if kind == "create":
            body = {"schemas": [GROUP], "displayName": uuid4().hex, "members": first}
            return self.client.post("/Groups", json=body)
        if kind == "delete":
            answer = self.client.delete(path)
            self.groups[position] = create_group(self.client)["id"]
            return answer
        operations = {"add": [adding], "remove": [removing], "move": [removing, adding]}[kind]
        return patch(self.client, path, *operations)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=steps)
def test_a_persons_version_changes_exactly_when_their_groups_do(
    at: Inside, history: list[tuple[str, int, list[int], list[int]]]
) -> None:
    directory = Directory(at.client)
    before = directory.shown()

    for step in history:
        answer = directory.step(*step)
        after = directory.shown()
        event(f"{step[0]}: {answer.status_code}")
        for person, (groups, seen) in after.items():
            assert (groups != before[person][0]) == (seen != before[person][1]), (step, person)
        before = after
