"""Signals that end a server."""

import os
import signal
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from scim_server.cli.serve import DRAIN_SECONDS
from tests.cli.serving import eventually, is_running, serving, the_worker
from tests.support.servers.running import requests_read


@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_stopped_server_ends_its_worker_cleanly(tmp_path: Path, signal_: signal.Signals) -> None:
    with serving(tmp_path) as server:
        worker = the_worker(server)
        time.sleep(1)

        server.process.send_signal(signal_)
        status = server.process.wait(timeout=60)

    assert (status, is_running(worker)) == (0, False)
    assert "Traceback" not in (tmp_path / "stderr.txt").read_text()
    assert "started again" not in (tmp_path / "stderr.txt").read_text()


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("clients", [0, 6], ids=["no client", "idle clients"])
def test_a_signal_to_the_process_group_ends_an_idle_server_without_waiting_for_requests(
    tmp_path: Path, signal_: signal.Signals, clients: int
) -> None:
    """A terminal sends Ctrl-C to every process of the group, and the server then ends its workers."""
    with ExitStack() as open_ones, serving(tmp_path, "--workers", "4", start_new_session=True) as server:
        worker = the_worker(server)
        for _ in range(clients):
            client = open_ones.enter_context(httpx.Client(base_url=server.url, trust_env=False, verify=False))
            assert client.get("/health").status_code == 200
        began = time.monotonic()

        os.killpg(server.process.pid, signal_)
        status = server.process.wait(timeout=60)
        seconds = time.monotonic() - began

    assert (status, is_running(worker)) == (0, False)
    assert seconds < DRAIN_SECONDS / 2
    assert (tmp_path / "stderr.txt").read_text().count("Traceback") == 0


@pytest.mark.parametrize("pause", [0, 0.01, 0.2], ids=["at once", "10 ms apart", "200 ms apart"])
@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_repeated_signals_do_not_disturb_the_end_of_the_server(
    tmp_path: Path, signal_: signal.Signals, pause: float
) -> None:
    """An impatient operator presses Ctrl-C several times."""
    quiet = {"SCIM_SEATS_LOG_LEVEL": "warning"}
    with serving(tmp_path, "--workers", "4", start_new_session=True, **quiet) as server:
        worker = the_worker(server)
        time.sleep(1)
        began = time.monotonic()

        for _ in range(5):
            with suppress(ProcessLookupError):
                os.killpg(server.process.pid, signal_)
            time.sleep(pause)
        status = server.process.wait(timeout=60)
        seconds = time.monotonic() - began

    assert (status, is_running(worker)) == (0, False)
    assert seconds < DRAIN_SECONDS / 2
    assert (tmp_path / "stderr.txt").read_text() == ""


def test_sigterm_stops_a_server_whose_parent_had_blocked_the_signal(tmp_path: Path) -> None:
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    with ExitStack() as unblocked:
        unblocked.callback(signal.pthread_sigmask, signal.SIG_SETMASK, blocked)
        with serving(tmp_path) as server:
            worker = the_worker(server)
            server.process.terminate()
            status = server.process.wait(timeout=60)

    assert (status, is_running(worker)) == (0, False)


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_request_in_flight_is_answered_before_the_server_ends(
    tmp_path: Path, signal_: signal.Signals
) -> None:
    with serving(tmp_path, start_new_session=True) as server:
        organization = server.organization()
        body = b'{"userName": "ada@example.com"}'
        path = urlsplit(organization.base_url).path
        head = (
            f"POST {path}/Users HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {organization.token}\r\n"
            f"Content-Type: application/scim+json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        port = urlsplit(server.url).port or 0
        with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
            line.sendall(head.encode() + body[:10])
            assert eventually(lambda: requests_read(port) == 1)
            os.killpg(server.process.pid, signal_)
            time.sleep(1)
            line.sendall(body[10:])
            answer = line.recv(100)
        status = server.process.wait(timeout=60)

    assert answer.startswith(b"HTTP/1.1 201")
    assert status == 0
