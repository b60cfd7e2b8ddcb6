"""Requests that providers send in a day, to an organization with a mapping and a queue."""

import random
from collections.abc import Iterator

from benchmarks.corpus import encoded, person, user_name
from benchmarks.replay import Request
from benchmarks.servers.running import Organization, Server
from benchmarks.workloads.changing import CLIENTS, patch, switched
from benchmarks.workloads.creating import create
from benchmarks.workloads.reading import lookup
from benchmarks.workloads.workload import Turn, Workload, replayed

GROUP = 100


def traffic(server: Server, turn: Turn) -> Iterator[Request]:
    """Conversations of a provider with each client.

    Each conversation looks people up before it changes them.
    """
    assert server.mixed is not None
    choice = random.Random(turn.number)
    shares = [_conversations(server.mixed, turn, client, choice) for client in range(CLIENTS)]
    for _ in range(turn.most // CLIENTS):
        yield from (next(share) for share in shares)


def _conversations(
    organization: Organization, turn: Turn, client: int, choice: random.Random
) -> Iterator[Request]:
    # Each client uses its own people, so that the requests for one person stay in order.
    own = range(client, organization.people, CLIENTS)
    created = client
    while True:
        number = choice.choice(own)
        if choice.random() < 0.2:
            yield lookup(organization, user_name(turn.series, created), total=0)
            yield create(organization, turn.series, created)
            created += CLIENTS
            continue
        yield lookup(organization, user_name("p", number), total=1)
        yield Request(
            "GET", f"{organization.root}/Users/{organization.person_id(number)}", organization.token
        )
        yield from choice.choices((_edit, _rewrite, _leave_and_return, _join), (4, 2, 2, 2))[0](
            organization, turn, number
        )


def _edit(organization: Organization, turn: Turn, number: int) -> Iterator[Request]:
    operation = {"op": "replace", "path": "title", "value": f"Engineer {turn.number}"}
    yield patch(f"/Users/{organization.person_id(number)}", organization, operation)


def _rewrite(organization: Organization, turn: Turn, number: int) -> Iterator[Request]:
    body = encoded(person("p", number, title=f"Writer {turn.number}"))
    yield Request(
        "PUT", f"{organization.root}/Users/{organization.person_id(number)}", organization.token, body=body
    )


def _leave_and_return(organization: Organization, _turn: Turn, number: int) -> Iterator[Request]:
    yield switched(organization, number, active=False)
    yield switched(organization, number, active=True)


def _join(organization: Organization, _turn: Turn, number: int) -> Iterator[Request]:
    """Add a person to the mapped group, so that the seat changes, and remove the person again."""
    member = organization.person_id(number)
    path = f"/Groups/{organization.groups[GROUP]}"
    for operation in (
        {"op": "add", "path": "members", "value": [{"value": member}]},
        {"op": "remove", "path": f'members[value eq "{member}"]'},
    ):
        yield patch(path, organization, operation)


WORKLOADS = (
    Workload(
        "mixed",
        "mixed traffic of providers with a mapping and a queue, 16 clients",
        replayed(traffic, CLIENTS),
        needs=frozenset({"seats"}),
    ),
)
