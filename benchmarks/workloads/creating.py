"""Workloads that create people or are refused."""

from collections.abc import Iterator
from itertools import cycle, islice

from benchmarks.corpus import BULK, encoded, person
from benchmarks.replay import Request
from benchmarks.servers.running import Organization, Server
from benchmarks.workloads.workload import Turn, Workload, replayed

BULK_SIZE = 1_000


def create(
    organization: Organization, series: str, number: int, *, status: int = 201, kind: str = "all"
) -> Request:
    """The POST of one new person."""
    body = encoded(person(series, number))
    path = f"{organization.root}/Users"
    return Request("POST", path, organization.token, expected=(status,), body=body, kind=kind)


def creates(server: Server, turn: Turn) -> Iterator[Request]:
    """Create new people in the main organization."""
    return (create(server.main, turn.series, number) for number in range(turn.most))


def creates_in_ten(server: Server, turn: Turn) -> Iterator[Request]:
    """Create new people in ten organizations, in rotation."""
    organizations = islice(cycle((server.main, *server.side)), turn.most)
    return (create(one, turn.series, number) for number, one in enumerate(organizations))


def refused_new(server: Server, turn: Turn) -> Iterator[Request]:
    """Try to create new people for whom there is no seat."""
    assert server.full is not None
    return (create(server.full, turn.series, number, status=403) for number in range(turn.most))


def refused_again(server: Server, _turn: Turn) -> Iterator[Request]:
    """Try to create the same few people repeatedly, as a provider does for weeks."""
    assert server.full is not None
    return (create(server.full, "again", number, status=403) for number in range(16))


def bulks(server: Server, turn: Turn) -> Iterator[Request]:
    """Create many people in one request."""
    main = server.main
    for part in range(200):
        operations = [
            {
                "method": "POST",
                "path": "/Users",
                "bulkId": f"b{number}",
                "data": person(turn.series, part * BULK_SIZE + number),
            }
            for number in range(BULK_SIZE)
        ]
        body = encoded({"schemas": [BULK], "Operations": operations})
        yield Request("POST", f"{main.root}/Bulk", main.token, body=body, check=f"created={BULK_SIZE}")


_SEATS = frozenset({"seats"})

WORKLOADS = (
    Workload("create", "create a person, 16 clients", replayed(creates, 16)),
    Workload("create-1", "create a person, 1 client", replayed(creates, 1)),
    Workload(
        "create-10-organizations",
        "create a person, 16 clients, ten organizations",
        replayed(creates_in_ten, 16),
        needs=frozenset({"organizations"}),
    ),
    Workload(
        "refused-new", "refused create of new people, 16 clients", replayed(refused_new, 16), needs=_SEATS
    ),
    Workload(
        "refused-again",
        "refused create of the same 16 people, 16 clients",
        replayed(refused_again, 16, again=True),
        needs=_SEATS,
    ),
    Workload(
        "bulk",
        f"Bulk of {BULK_SIZE} creates, 1 client",
        replayed(bulks, 1, each=BULK_SIZE),
        needs=frozenset({"bulk"}),
    ),
)
