"""Workloads that read people by id, filter and page."""

import random
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import quote

from benchmarks.corpus import mark, user_name
from benchmarks.replay import Request
from benchmarks.servers.running import Organization, Server
from benchmarks.workloads.workload import Requests, Turn, Workload, replayed

DIFFERENT: Final = 4_000
"""A reading workload asks for this many people before it starts again."""
PAGE: Final = 100


def numbers(server: Server, turn: Turn) -> Iterator[int]:
    """The numbers of some people from all parts of the directory; they are the same for every server."""
    choice = random.Random(turn.number)
    return (choice.randrange(server.main.people) for _ in range(DIFFERENT))


def gets(server: Server, turn: Turn) -> Iterator[Request]:
    """Read a person by id."""
    main = server.main
    return (
        Request("GET", f"{main.root}/Users/{main.person_id(number)}", main.token)
        for number in numbers(server, turn)
    )


def filtered(organization: Organization, text: str, *, kind: str = "all", total: int = 1) -> Request:
    """Read the list of people who match a filter, and check how many there are."""
    path = f"{organization.root}/Users?filter={quote(text)}"
    return Request("GET", path, organization.token, check=f"total={total}", kind=kind)


def lookup(organization: Organization, name: str, *, total: int) -> Request:
    """The filter with which every provider looks for a person before it creates one."""
    return filtered(organization, f'userName eq "{name}"', total=total)


def filters(text_for: Callable[[int], str]) -> Requests:
    """Filters that find one person each."""

    def requests(server: Server, turn: Turn) -> Iterator[Request]:
        return (filtered(server.main, text_for(number)) for number in numbers(server, turn))

    return requests


def by_user_name(number: int) -> str:
    """The filter that finds one of the people that exist in every directory."""
    return f'userName eq "{user_name("p", number)}"'


def pages(start_of: Callable[[int], int]) -> Requests:
    """Read one page repeatedly."""

    def requests(server: Server, _turn: Turn) -> Iterator[Request]:
        main = server.main
        start = start_of(main.people)
        path = f"{main.root}/Users?startIndex={start}&count={PAGE}"
        yield Request("GET", path, main.token, check=f"resources={PAGE}")

    return requests


_FILTERS: Final = (
    ("filter-username", "userName eq", by_user_name),
    ("filter-externalid", "externalId eq", lambda number: f'externalId eq "ext-{mark("p", number)}"'),
    ("filter-email", "emails.value eq", lambda number: f'emails.value eq "{user_name("p", number)}"'),
    ("filter-familyname", "familyName eq", lambda number: f'name.familyName eq "Family-{mark("p", number)}"'),
)

WORKLOADS = (
    Workload("get", "GET a person, 16 clients", replayed(gets, 16, again=True)),
    Workload("get-1", "GET a person, 1 client", replayed(gets, 1, again=True)),
    *(
        Workload(name, f"filter {words}, 1 client", replayed(filters(text_for), 1, again=True))
        for name, words, text_for in _FILTERS
    ),
    Workload("page-first", f"first page of {PAGE}, 1 client", replayed(pages(lambda _: 1), 1, again=True)),
    Workload(
        "page-deep",
        f"last page of {PAGE}, 1 client",
        replayed(pages(lambda people: people - PAGE + 1), 1, again=True),
    ),
)
