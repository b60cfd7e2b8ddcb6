"""Requests to providers reach public addresses only, follow no redirect, and end in time."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Thread

import pytest

from scim_server.oidc import calls
from scim_server.oidc.calls import NoAnswer, NotPermitted, call, permitted
from tests.support.servers import oidc
from tests.support.servers.oidc import Provider

REFUSED = (
    "http://login.example.com",
    "ftp://login.example.com",
    "file:///etc/passwd",
    "login.example.com",
    "https://",
    "https://owner@login.example.com",
    "https://login.example.com:0",
    "https://login.example.com:99999",
    "https://login.example.com#x",
    "https://login.example.com/ x",
    "https://login.example.com\\@evil.example",
    "https://login.example.com/\n",
    "http://127.0.0.1:9",
    "http://login.internal",
)


def test_an_address_must_begin_with_https_except_on_this_machine_for_hosts_that_the_operator_names() -> None:
    refused = []
    for url in REFUSED:
        with pytest.raises(NotPermitted):
            permitted(url, {"login.internal", "127.0.0.1:8"})
        refused.append(url)

    assert tuple(refused) == REFUSED
    assert permitted("http://127.0.0.1:8/x", {"127.0.0.1:8"}).path == "/x"
    assert permitted("http://localhost:8", {"localhost"}).port == 8
    assert permitted("https://login.internal", set()).hostname == "login.internal"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with oidc.provider(lambda: 0) as running:
        yield running


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "0x7f.1", "2130706433", "[::1]", "[::ffff:7f00:1]"]
)
def test_a_host_with_an_address_of_this_machine_is_not_called(provider: Provider, host: str) -> None:
    port = provider.url.rpartition(":")[2]

    with pytest.raises(NotPermitted, match="has an address that is not public"):
        call(f"https://{host}:{port}/keys", ())

    assert provider.called == []


@pytest.mark.parametrize(("path", "why"), [("/redirect", "redirects"), ("/large", "more than 256 KiB")])
def test_redirects_and_large_answers_are_refused(provider: Provider, path: str, why: str) -> None:
    with pytest.raises(NoAnswer, match=why):
        call(f"{provider.url}{path}", {provider.host})

    assert provider.called == [path]


@contextmanager
def server(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that treats its only connection in its own way."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                try:
                    behave(connection)
                except OSError:
                    return

        thread = Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


def drip(connection: socket.socket) -> None:
    """Send one header after the other, for ever."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-More: x\r\n")


def wait(connection: socket.socket) -> None:
    """Send nothing until the other side goes away."""
    while connection.recv(4096):
        pass


def hang_up(connection: socket.socket) -> None:
    connection.recv(4096)


def announce_too_much(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")


def speak_nonsense(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"\x16\x03\x01 what?\r\n\r\n")


@pytest.mark.parametrize("behave", [drip, wait, hang_up, announce_too_much, speak_nonsense])
def test_a_server_that_does_not_answer_properly_costs_little_time(
    behave: Callable[[socket.socket], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "SECONDS", 0.3)

    with server(behave) as host, pytest.raises(NoAnswer):
        call(f"http://{host}/", {host})


def test_slow_providers_do_not_use_all_threads(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_AT_ONCE", BoundedSemaphore(1))
    monkeypatch.setattr(calls, "_WAIT_SECONDS", 0.0)

    with calls._AT_ONCE, pytest.raises(NoAnswer, match="too many requests"):
        call(f"{provider.url}/keys", {provider.host})
    assert provider.called == []

    assert call(f"{provider.url}/keys", {provider.host}).status == 200
    assert call(f"{provider.url}/keys", {provider.host}).status == 200


def test_a_server_without_tls_is_not_asked(provider: Provider) -> None:
    with pytest.raises(NoAnswer):
        call(f"https://{provider.host}/keys", {provider.host})

    assert provider.called == []
