"""Workloads that change people and groups."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from benchmarks.client import Client
from benchmarks.corpus import PATCH, encoded, person
from benchmarks.replay import Request
from benchmarks.samples import Sample
from benchmarks.servers.running import Organization, Server
from benchmarks.sizes import GROUP_SIZES, size_name
from benchmarks.workloads.workload import Turn, Workload, replayed

CHANGED: Final = (200, 204)
CLIENTS: Final = 16
NEWCOMERS: Final = 10


def patch(path: str, organization: Organization, operation: dict[str, Any], kind: str = "all") -> Request:
    body = encoded({"schemas": [PATCH], "Operations": [operation]})
    return Request("PATCH", organization.root + path, organization.token, CHANGED, body, kind)


def switched(organization: Organization, number: int, *, active: bool) -> Request:
    """Deactivate or reactivate a person, as Okta does."""
    operation = {"op": "replace", "value": {"active": active}}
    return patch(f"/Users/{organization.person_id(number)}", organization, operation)


def activations(server: Server, turn: Turn) -> Iterator[Request]:
    """Each client deactivates a person, reactivates the same person, and continues with the next one."""
    main = server.main
    first = turn.number * 997
    for block in range(64):
        people = [(first + block * CLIENTS + client) % main.people for client in range(CLIENTS)]
        for active in (False, True):
            yield from (switched(main, number, active=active) for number in people)


def puts(server: Server, turn: Turn) -> Iterator[Request]:
    """Replace the whole person with another title, as Okta's wizard apps do."""
    main = server.main
    first = turn.number * 997
    for count in range(turn.most):
        number = (first + count) % main.people
        body = encoded(person("p", number, title=f"Engineer {turn.number}.{count}"))
        path = f"{main.root}/Users/{main.person_id(number)}"
        yield Request("PUT", path, main.token, body=body)


def membership(server: Server, group: str, member: str, *, adds: bool) -> Request:
    """Add or remove one member, in the form that the server understands."""
    operation: dict[str, Any]
    if adds:
        operation = {"op": "add", "path": "members", "value": [{"value": member}]}
    elif "members by path" in server.abilities:
        operation = {"op": "remove", "path": f'members[value eq "{member}"]'}
    else:
        operation = {"op": "remove", "path": "members", "value": [{"value": member}]}
    return patch(f"/Groups/{group}", server.main, operation, "add" if adds else "remove")


def members(size: int) -> Callable[[Server, Turn], Sample]:
    """Newly created people join a group and leave it again."""

    def requests(server: Server, turn: Turn) -> Iterator[Request]:
        with Client(server.port, server.main) as client:
            newcomers = [client.create(person(turn.series, number)) for number in range(NEWCOMERS)]
        for newcomer in newcomers:
            yield membership(server, server.main.groups[size], newcomer, adds=True)
            yield membership(server, server.main.groups[size], newcomer, adds=False)

    return replayed(requests, 1, again=True)


def without_members(size: int) -> Callable[[Server, Turn], Sample]:
    def requests(server: Server, _turn: Turn) -> Iterator[Request]:
        path = f"{server.main.root}/Groups/{server.main.groups[size]}?excludedAttributes=members"
        yield Request("GET", path, server.main.token)

    return replayed(requests, 1, again=True)


WORKLOADS = (
    Workload("active", "deactivate and reactivate, 16 clients", replayed(activations, CLIENTS, again=True)),
    Workload("put", "PUT a person, 16 clients", replayed(puts, CLIENTS)),
    *(
        Workload(
            f"member-{size_name(size)}",
            f"add and remove a new member of a group of {size:,}, 1 client",
            members(size),
            kinds=("add", "remove"),
            group=size,
        )
        for size in GROUP_SIZES
    ),
    *(
        Workload(
            f"group-{size_name(size)}",
            f"GET a group of {size:,} without its members, 1 client",
            without_members(size),
            group=size,
        )
        for size in GROUP_SIZES[1:]
    ),
)
