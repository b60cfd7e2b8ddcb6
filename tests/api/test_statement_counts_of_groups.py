"""No algorithm depends on the size of a group: its requests send the same statements at any size."""

from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest

from scim_server.protocol.group import Member
from scim_server.store.rows import group_members
from tests.api.statement_counts import (
    Act,
    Place,
    Places,
    add_members,
    delete,
    get,
    members,
    patching,
    sent,
)
from tests.api.wire import create, create_group
from tests.conftest import DIALECTS


def remove_by_filter(where: Place, *ids: str) -> Callable[[], httpx.Response]:
    chosen = " or ".join(f'value eq "{one}"' for one in ids)
    return patching(where, where.group_path, {"op": "remove", "path": f"members[{chosen}]"})


def remove_values(where: Place, *ids: str) -> Callable[[], httpx.Response]:
    change = {"op": "remove", "path": "members", "value": members(ids)}
    return patching(where, where.group_path, change)


def remove_by_type(where: Place, *ids: str) -> Callable[[], httpx.Response]:
    chosen = f'value eq "{ids[0]}" and type eq "User"'
    by_filter = {"op": "remove", "path": f"members[{chosen}]"}
    values = [{"value": one, "type": "User"} for one in ids[1:]]
    return patching(where, where.group_path, by_filter, {"op": "remove", "path": "members", "value": values})


def rename(where: Place) -> Callable[[], httpx.Response]:
    change = {"op": "replace", "path": "displayName", "value": f"renamed-{uuid4().hex}"}
    return patching(where, where.group_path, change)


def put_same_members(where: Place) -> Callable[[], httpx.Response]:
    """The members that it has, under another name: a person's whole sync."""
    now = where.client.get(f"/Groups/{where.group}").json()["members"]
    body = {"displayName": f"put-{uuid4().hex}", "members": [{"value": one["value"]} for one in now]}
    return lambda: where.client.put(f"/Groups/{where.group}", json=body)


def create_of_all(where: Place) -> Callable[[], httpx.Response]:
    body = {"displayName": f"all-{uuid4().hex}", "members": members(where.members)}
    return lambda: where.client.post("/Groups?excludedAttributes=members", json=body)


def delete_of_all(where: Place) -> Callable[[], httpx.Response]:
    return delete(where, f"/Groups/{create_group(where.client, *where.members)['id']}")


def back_again(
    where: Place, act: Callable[..., Callable[[], httpx.Response]]
) -> Callable[[], httpx.Response]:
    """Remove three members who were just added."""
    chosen = [create(where.client)["id"] for _ in range(3)]
    answer = add_members(where, *chosen)()
    assert answer.is_success, answer.text
    return act(where, *chosen)


GROUP_ROUTES: dict[str, Act] = {
    "create": create_of_all,
    "get without members": lambda where: get(where, f"/Groups/{where.group}", excludedAttributes="members"),
    "get with members": lambda where: get(where, f"/Groups/{where.group}"),
    "find by a member": lambda where: get(
        where, "/Groups", filter=f'id eq "{where.group}" and members eq "{where.members[0]}"'
    ),
    "add 1 member": lambda where: add_members(where, create(where.client)["id"]),
    "remove by filter": lambda where: back_again(where, remove_by_filter),
    "remove a list of values": lambda where: back_again(where, remove_values),
    "remove by id and type": lambda where: back_again(where, remove_by_type),
    "rename": rename,
    "PUT of the same members": put_same_members,
    "DELETE": delete_of_all,
}


@pytest.mark.parametrize("act", GROUP_ROUTES.values(), ids=GROUP_ROUTES.keys())
def test_a_request_about_a_group_sends_the_same_statements_for_any_number_of_members(
    places: Places, act: Act
) -> None:
    assert sent(places.large, act(places.large)) == sent(places.small, act(places.small))


CHANGES_OF_MEMBERS = {
    "add 1 member": (10, 5),
    "remove by filter": (10, 5),
    "remove a list of values": (10, 5),
}
"""Statements of each on SQLite and on PostgreSQL, without those of an answer that shows the members."""


@pytest.mark.parametrize("route", CHANGES_OF_MEMBERS)
def test_a_change_of_members_sends_at_most_the_listed_number_of_statements(
    places: Places, route: str
) -> None:
    statements = sent(places.small, GROUP_ROUTES[route](places.small))

    at_most = CHANGES_OF_MEMBERS[route][DIALECTS.index(places.small.at.database.dialect)]
    assert len(statements) <= at_most, statements


@pytest.mark.parametrize("act", [remove_by_filter, remove_values, remove_by_type])
def test_removing_members_by_their_ids_reads_no_other_members(
    places: Places, act: Callable[..., Callable[[], httpx.Response]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of statements does not show the number of rows: each member that is read is one object."""
    request = back_again(places.large, act)
    read: list[str] = []

    def note(*given: str) -> Member:
        read.append(given[0])
        return Member(*given)

    monkeypatch.setattr(group_members, "Member", note)
    assert request().is_success

    assert len(read) <= 3


def test_adding_a_thousand_members_in_one_operation_sends_the_statements_of_adding_one(
    places: Places,
) -> None:
    one = sent(places.small, add_members(places.small, create(places.small.client)["id"]))

    in_middle = sent(places.middle, add_members(places.middle, *places.middle.outsiders))
    in_large = sent(places.large, add_members(places.large, *places.large.outsiders))

    assert in_middle == one
    assert in_large == one


def test_removing_a_thousand_members_in_one_operation_sends_the_statements_of_one(places: Places) -> None:
    one = create(places.small.client)["id"]
    for where, ids in ((places.small, [one]), (places.middle, places.middle.outsiders)):
        assert add_members(where, *ids)().is_success

    left = sent(places.middle, remove_values(places.middle, *places.middle.outsiders))

    assert left == sent(places.small, remove_values(places.small, one))


def test_a_patch_of_a_large_group_does_not_read_the_group_afterwards(places: Places) -> None:
    """Without `attributes`, the answer shows a group up to 200 members and is 204 above (wire 18)."""
    change = {"op": "add", "path": "members", "value": []}
    requests = [patching(one, f"/Groups/{one.group}", change) for one in (places.small, places.large)]

    small, large = sent(places.small, requests[0]), sent(places.large, requests[1])

    reads = [one for one in small if one not in large]
    assert large == [one for one in small if one in large]
    assert len(reads) == 1
    assert "FROM group_members" in reads[0]
    assert "FROM group_subgroups" in reads[0]


def test_one_statement_for_each_member_would_be_detected(places: Places) -> None:
    """Proof that these tests can fail: two requests are not one."""
    ids = [create(places.small.client)["id"] for _ in range(2)]

    def singly() -> httpx.Response:
        return [add_members(places.small, one)() for one in ids][-1]

    one = create(places.small.client)["id"]
    assert sent(places.small, singly) != sent(places.small, add_members(places.small, one))
