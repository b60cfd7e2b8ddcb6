"""Workloads that read."""

import random
from collections.abc import Iterator

from benchmarks.replay import Request
from benchmarks.servers.running import Server
from benchmarks.workloads.workload import Turn, Workload

DIFFERENT = 4_000
"""People whom a reading workload asks for, before it begins anew."""


def numbers(server: Server, turn: Turn) -> Iterator[int]:
    """Some of the people, all over the directory; the same for every server."""
    choice = random.Random(turn.number)
    return (choice.randrange(server.main.people) for _ in range(DIFFERENT))


def gets(server: Server, turn: Turn) -> Iterator[Request]:
    """A person by id."""
    main = server.main
    return (
        Request("GET", f"{main.root}/Users/{main.person_id(number)}", main.token)
        for number in numbers(server, turn)
    )


WORKLOADS = (
    Workload("get", "GET a person, 16 clients", 16, gets, again=True),
    Workload("get-1", "GET a person, 1 client", 1, gets, again=True),
)
