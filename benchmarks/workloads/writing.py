"""Workloads that create and change people."""

from collections.abc import Iterator
from itertools import cycle, islice

from benchmarks.corpus import encoded, person
from benchmarks.replay import Request
from benchmarks.servers.running import Organization, Server
from benchmarks.workloads.workload import Turn, Workload


def _create(organization: Organization, series: str, number: int) -> Request:
    return Request(
        "POST",
        f"{organization.root}/Users",
        organization.token,
        expected=(201,),
        body=encoded(person(series, number)),
    )


def creates(server: Server, turn: Turn) -> Iterator[Request]:
    """New people, in the main organization."""
    return (_create(server.main, turn.series, number) for number in range(turn.most))


def creates_in_ten(server: Server, turn: Turn) -> Iterator[Request]:
    """New people, in ten organizations by turns."""
    organizations = islice(cycle((server.main, *server.side)), turn.most)
    return (_create(one, turn.series, number) for number, one in enumerate(organizations))


WORKLOADS = (
    Workload("create", "create a person, 16 clients", 16, creates),
    Workload("create-1", "create a person, 1 client", 1, creates),
    Workload(
        "create-10-organizations",
        "create a person, 16 clients, ten organizations",
        16,
        creates_in_ten,
        needs=frozenset({"organizations"}),
    ),
)
