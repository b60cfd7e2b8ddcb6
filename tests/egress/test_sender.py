"""A request goes to the checked address only, ends in time, and its answer is read in part."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scim_server.egress import network, sender
from scim_server.egress.sender import Failure, Policy
from tests.support.servers.certificates import issue, of_server
from tests.support.servers.dns_and_smtp import Dns, dns_server
from tests.support.servers.receiving import Receiver, Reply, receiving
from tests.support.servers.running import free_port

HERE = Policy(private=True)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture(scope="module")
def resolver() -> Iterator[Dns]:
    with dns_server() as running:
        yield running


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "SECONDS", 0.6)


def test_the_answer_has_status_headers_and_body(receiver: Receiver) -> None:
    receiver.decide = lambda _: Reply(202, {"X-Trace": "7"}, "tak, ž".encode())

    answer = HERE.post(receiver.url, {"x-own": "1"}, b'{"a":1}')

    (request,) = receiver.requests
    assert (answer.status, answer.body, answer.truncated, answer.failure) == (202, "tak, ž", False, None)
    assert answer.headers["x-trace"] == "7"
    assert (request.path, request.body, request.headers["x-own"]) == ("/hook", b'{"a":1}', "1")
    assert request.headers["Host"] == f"127.0.0.1:{receiver.port}"


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    with receiving() as other:
        receiver.decide = lambda _: Reply(307, {"Location": other.url})

        answer = HERE.post(receiver.url, {}, b"{}")

        assert (answer.status, other.requests) == (307, [])


def test_a_huge_answer_is_read_up_to_64_kib(receiver: Receiver) -> None:
    receiver.decide = lambda _: Reply(200, {}, b"x" * 5_000_000)

    answer = HERE.post(receiver.url, {}, b"{}")

    assert (answer.status, len(answer.body), answer.truncated) == (200, 65_536, True)


def test_an_answer_of_exactly_64_kib_is_not_truncated(receiver: Receiver) -> None:
    receiver.decide = lambda _: Reply(200, {}, b"x" * 65_536)

    answer = HERE.post(receiver.url, {}, b"{}")

    assert (len(answer.body), answer.truncated) == (65_536, False)


@pytest.mark.usefixtures("quick")
def test_an_answer_that_arrives_byte_by_byte_ends_by_the_clock(receiver: Receiver) -> None:
    receiver.decide = lambda _: Reply(200, {}, b"x" * 100, drip=0.1)

    answer = HERE.post(receiver.url, {}, b"{}")

    assert (answer.status, answer.failure) == (None, Failure.TIMEOUT)
    assert 600 <= answer.milliseconds < 5_000


@contextmanager
def speaking(*said: bytes) -> Iterator[int]:
    """A server that sends these bytes to the first client, and keeps the connection open."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        over = threading.Event()

        def serve() -> None:
            client, _ = listening.accept()
            with client:
                for part in said:
                    client.sendall(part)
                over.wait(30)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        over.set()
        thread.join()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 200 OK\r\nx: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"]
)
def test_a_server_that_stops_in_the_middle_is_a_timeout(said: bytes) -> None:
    with speaking(said) as port:
        answer = HERE.post(f"http://127.0.0.1:{port}/", {}, b"{}")

    assert (answer.status, answer.failure) == (None, Failure.TIMEOUT)


@pytest.mark.parametrize(
    "said", [b"SSH-2.0-OpenSSH_9\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * 500_000]
)
def test_an_answer_that_is_not_http_is_invalid(said: bytes) -> None:
    with speaking(said) as port:
        answer = HERE.post(f"http://127.0.0.1:{port}/", {}, b"{}")

    assert (answer.status, answer.failure) == (None, Failure.INVALID)


def test_a_closed_port_is_a_failed_connection() -> None:
    answer = HERE.post(f"http://127.0.0.1:{free_port()}/", {}, b"{}")

    assert (answer.status, answer.failure) == (None, Failure.CONNECTION)


def test_a_name_that_rebinds_after_the_check_is_refused_at_send_time(
    receiver: Receiver, resolver: Dns
) -> None:
    resolver.addresses["rebind.example.com"] = [["8.8.8.8"], ["127.0.0.1"]]
    policy = Policy(resolver.server)
    url = f"https://rebind.example.com:{receiver.port}/"

    saved = policy.check(url)
    answer = policy.post(saved, {}, b"{}")

    assert (answer.status, answer.failure) == (None, Failure.REFUSED)
    assert answer.cause == "rebind.example.com has the address 127.0.0.1, which is not public"
    assert receiver.requests == []


def test_the_connection_goes_to_the_address_that_was_checked(receiver: Receiver, resolver: Dns) -> None:
    """One look-up decides: a name that has another address a moment later is not looked up again."""
    resolver.addresses["once.example.com"] = [["127.0.0.1"], ["203.0.113.9"]]

    answer = Policy(resolver.server, private=True).post(
        f"http://once.example.com:{receiver.port}/", {}, b"{}"
    )

    assert answer.status == 204
    assert receiver.requests[0].headers["Host"] == f"once.example.com:{receiver.port}"


def test_the_next_address_is_tried_if_one_does_not_answer(receiver: Receiver, resolver: Dns) -> None:
    resolver.addresses["two.example.com"] = [["127.0.0.2", "127.0.0.1"]]

    answer = Policy(resolver.server, private=True).post(f"http://two.example.com:{receiver.port}/", {}, b"{}")

    assert answer.status == 204


def test_tls_verifies_the_name_although_the_connection_goes_to_an_address(
    tmp_path: Path, resolver: Dns, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = issue(tmp_path, "hooks.example.com")
    trusting = ssl.create_default_context(cafile=str(certificate))
    resolver.addresses["hooks.example.com"] = [["127.0.0.1"]]
    resolver.addresses["other.example.com"] = [["127.0.0.1"]]
    policy = Policy(resolver.server, private=True)
    with receiving(of_server(certificate, key)) as receiver:
        url, other = (f"https://{name}.example.com:{receiver.port}/" for name in ("hooks", "other"))
        untrusted = policy.post(url, {}, b"{}")
        monkeypatch.setattr(sender, "_tls", lambda: trusting)

        good, wrong_name = policy.post(url, {}, b"{}"), policy.post(other, {}, b"{}")

        by_address = policy.post(receiver.url, {}, b"{}")
        arrived = len(receiver.requests)

    assert good.status == 204
    assert arrived == 1
    assert [one.failure for one in (untrusted, wrong_name, by_address)] == [Failure.TLS] * 3


@contextmanager
def proxy(*, refuse: bool = False) -> Iterator[tuple[str, list[str]]]:
    """An HTTP proxy for CONNECT that needs a password; the heads of the requests it got."""
    heads: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def pump(source: socket.socket, target: socket.socket) -> None:
            while part := source.recv(65_536):
                target.sendall(part)
            target.close()

        def serve() -> None:
            client, _ = listening.accept()
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += client.recv(1)
            heads.append(head.decode())
            if refuse:
                client.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")
                client.close()
                return
            host, _, port = head.split()[1].decode().rpartition(":")
            other = socket.create_connection((host, int(port)))
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            threading.Thread(target=pump, args=(other, client), daemon=True).start()
            pump(client, other)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://us%40er:pw@127.0.0.1:{listening.getsockname()[1]}", heads


def test_a_proxy_opens_the_connection_to_the_checked_address(
    tmp_path: Path, resolver: Dns, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = issue(tmp_path, "hooks.example.com")
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(sender, "_tls", lambda: trusting)
    resolver.addresses["hooks.example.com"] = [["127.0.0.1"]]
    with receiving(of_server(certificate, key)) as receiver, proxy() as (url, heads):
        policy = Policy(resolver.server, url, private=True)

        answer = policy.post(f"https://hooks.example.com:{receiver.port}/", {}, b"{}")

        port = receiver.port
    assert answer.status == 204
    assert heads == [
        f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        "Proxy-Authorization: Basic dXNAZXI6cHc=\r\n\r\n"
    ]


def test_behind_a_proxy_private_addresses_are_refused_too(resolver: Dns) -> None:
    resolver.addresses["inside.example.com"] = [["10.0.0.1"]]
    with proxy() as (url, heads):
        answer = Policy(resolver.server, url).post("https://inside.example.com/", {}, b"{}")

        assert (answer.failure, heads) == (Failure.REFUSED, [])
        # The thread of the proxy ends.
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))).close()


def test_a_proxy_that_refuses_is_a_failed_connection(receiver: Receiver) -> None:
    with proxy(refuse=True) as (url, _):
        answer = Policy(proxy=url, private=True).post(receiver.url, {}, b"{}")

    assert (answer.status, answer.failure, receiver.requests) == (None, Failure.CONNECTION, [])
    assert answer.cause is not None
    assert "403" in answer.cause
    assert "pw" not in answer.cause


def test_a_look_up_takes_a_part_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "SECONDS", 0.3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))

        answer = Policy(f"127.0.0.1:{silent.getsockname()[1]}").post("https://hooks.example.com/", {}, b"")

    assert answer.failure is Failure.TIMEOUT


def test_the_limits_are_those_of_the_contract() -> None:
    assert (sender.SECONDS, sender.LONGEST_ANSWER) == (15.0, 65_536)
    assert network._CONNECT_SECONDS < sender.SECONDS
