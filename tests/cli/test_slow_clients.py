"""Clients that announce a body and send none, or too slowly, beside other clients."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest

from tests.api.wire import founded, user_name
from tests.support.servers.running import Organization, Server

CLIENTS = 500
WITH_TOKEN = 200
PATIENCE = 10.0
"""Seconds in which a person expects an answer."""
PLACES = (
    "/orgs/{slug}/scim/v2/Users",
    "/orgs/{slug}/scim/v2/Unknown",
    "/orgs/none/scim/v2/Users",
    "/v1/organizations/{slug}/sign-ins",
    "/console/{slug}/people/invite",
    "/nowhere",
    "/health",
)
OVER_THE_LIMIT = 10**9


def head(path: str, length: int, **headers: str) -> bytes:
    named = {"Host": "localhost", "Content_Type": "application/scim+json", "Content_Length": str(length)}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in {**named, **headers}.items()]
    return "\r\n".join([f"POST {path} HTTP/1.1", *lines, "", ""]).encode()


@contextmanager
def waiting(server: Server, sent: list[bytes]) -> Iterator[list[socket.socket]]:
    """Connections that send the beginning of a request and then nothing."""
    port = urlsplit(server.url).port or 0
    with ExitStack() as opened:
        lines = [opened.enter_context(socket.create_connection(("127.0.0.1", port), 30)) for _ in sent]
        for line, data in zip(lines, sent, strict=True):
            line.sendall(data)
        yield lines


def status_of(line: socket.socket) -> int:
    """The status of the answer; 0 if the connection ended without one."""
    line.settimeout(60)
    answer = line.recv(1000)
    return int(answer.split(b" ", 2)[1]) if answer else 0


def slowest(organization: Organization) -> float:
    """The seconds of the slowest of some reads and writes of another client."""
    seconds = []
    with organization.client() as client:
        for _ in range(10):
            began = time.monotonic()
            assert client.post("/Users", json={"userName": user_name()}).status_code == 201
            assert client.get("/Users", params={"count": "1"}).status_code == 200
            seconds.append(time.monotonic() - began)
    return max(seconds)


def test_clients_without_a_token_are_answered_before_their_body_and_slow_nobody(server: Server) -> None:
    organization = founded(server, standard=1000)
    places = [place.format(slug=organization.slug) for place in PLACES]
    sent = [head(places[number % len(places)], 50) for number in range(CLIENTS)]

    with waiting(server, sent) as lines:
        longest = slowest(organization)
        with ThreadPoolExecutor(20) as threads:
            found = list(threads.map(status_of, lines))

    assert longest < PATIENCE
    assert set(found) <= {401, 302, 303, 403, 404, 405}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("Users", {"Content_Type": "text/plain"}, 415),
        ("Users", {"Content_Encoding": "gzip"}, 415),
        ("Nothing", {}, 404),
        ("Schemas", {}, 405),
        ("Users", {"Content_Length": str(OVER_THE_LIMIT)}, 413),
    ],
)
def test_what_needs_no_body_is_answered_before_the_body(
    server: Server, path: str, headers: dict[str, str], status: int
) -> None:
    organization = founded(server, standard=1)
    where = f"{urlsplit(organization.base_url).path}/{path}"
    sent = head(where, 50, Authorization=f"Bearer {organization.token}", **headers)

    with waiting(server, [sent]) as (line,):
        answer = line.recv(1000)

    assert int(answer.split(b" ", 2)[1]) == status
    assert b"connection: close" in answer.lower()


def test_slow_clients_with_a_token_do_not_take_every_thread(server: Server) -> None:
    slow, other = founded(server, standard=1), founded(server, standard=1000)
    where = f"{urlsplit(slow.base_url).path}/Users"
    sent = [head(where, 50, Authorization=f"Bearer {slow.token}") + b"{" for _ in range(WITH_TOKEN)]

    with waiting(server, sent) as lines:
        longest = slowest(other)
        with ThreadPoolExecutor(20) as threads:
            found = list(threads.map(status_of, lines))
        ended = [line.recv(1000)[-1:] for line in lines]

    # 64 may wait, 32 in each process, until their time is over.
    assert longest < PATIENCE
    assert set(found) <= {408, 503, 0}
    assert found.count(503) > WITH_TOKEN / 2
    assert set(ended) <= {b"", b"\n"}


def test_a_body_that_arrives_in_parts_is_accepted(server: Server) -> None:
    organization = founded(server, standard=1)
    body = f'{{"userName": "{user_name()}"}}'.encode()
    where = f"{urlsplit(organization.base_url).path}/Users"

    with waiting(server, [head(where, len(body), Authorization=f"Bearer {organization.token}")]) as (line,):
        for place in range(len(body)):
            time.sleep(0.01)
            line.sendall(body[place : place + 1])
        status = status_of(line)

    assert status == 201


def test_a_body_that_is_cut_off_changes_nothing(server: Server) -> None:
    organization = founded(server, standard=1)
    body = b'{"userName": "eve@example.com"}'
    where = f"{urlsplit(organization.base_url).path}/Users"
    sent = head(where, len(body) + 1, Authorization=f"Bearer {organization.token}") + body

    with waiting(server, [sent]) as (line,):
        line.shutdown(socket.SHUT_WR)
        line.recv(1000)

    with organization.client() as client:
        assert client.get("/Users").json()["totalResults"] == 0
