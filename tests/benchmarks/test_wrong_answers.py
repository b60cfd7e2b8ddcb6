"""A wrong status fails the run: a server that refuses quickly is not fast."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from benchmarks.client import Client
from benchmarks.replay import Request, measured
from benchmarks.samples import WrongAnswers
from benchmarks.servers.running import Organization, Server
from benchmarks.workloads import steady, walking
from benchmarks.workloads.workload import Turn


class Failing(BaseHTTPRequestHandler):
    """Answers 500 to everything."""

    protocol_version = "HTTP/1.1"

    def _fail(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(500)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"broken")

    def do_GET(self) -> None:
        self._fail()

    def do_POST(self) -> None:
        self._fail()

    def do_PATCH(self) -> None:
        self._fail()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def failing() -> Iterator[Server]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Failing)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    main = Organization("/scim", "token", 10, str)
    yield Server("failing", server.server_address[1], 1, main=main)
    server.shutdown()
    server.server_close()


def of_a_thread(**changed: object) -> dict[str, Any]:
    """The output of replay.lua for one connection."""
    kept: dict[str, Any] = {"began": 1_000_000, "ended": 3_000_000, "wrong": 0, "lost": 0, "examples": []}
    return {**kept, "kinds": ["all", "all"], "micros": [10, 20], **changed}


def test_the_correct_answers_of_all_connections_are_one_sample() -> None:
    sample = measured([of_a_thread(), of_a_thread(began=2_000_000, ended=4_000_000, micros=[30, 40])], each=1)

    assert (sample.seconds, sample.micros, sample.rate) == (3.0, {"all": [10, 20, 30, 40]}, 4 / 3)


@pytest.mark.parametrize("wrong", [{"wrong": 1, "examples": ["all: 500 broken"]}, {"lost": 1}])
def test_one_wrong_or_lost_answer_of_the_client_in_c_fails_the_run(wrong: dict[str, Any]) -> None:
    with pytest.raises(WrongAnswers, match="500 broken" if "wrong" in wrong else "1 lost"):
        measured([of_a_thread(), of_a_thread(**wrong)], each=1)


def test_a_run_without_answers_fails() -> None:
    with pytest.raises(WrongAnswers, match="nothing"):
        measured([of_a_thread(kinds=[], micros=[])], each=1)


def test_a_wrong_status_fails_a_request_sent_by_python(failing: Server) -> None:
    with Client(failing.port, failing.main) as client, pytest.raises(WrongAnswers, match="500"):
        client.create({"userName": "ada@example.com"})


def test_a_wrong_status_fails_the_walk(failing: Server) -> None:
    with pytest.raises(WrongAnswers, match="500"):
        walking.walk(failing, Turn(1, 1))


def test_a_wrong_status_fails_the_steady_traffic(failing: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady, "LEAST_SECONDS", 1)

    with pytest.raises(WrongAnswers, match="500"):
        steady.measure(failing, Turn(1, 1))


def test_a_request_contains_its_expected_answer() -> None:
    request = Request("GET", "/Users", "token", expected=(200, 204), check="total=1", kind="read")

    head, message = request.record("127.0.0.1:1").split(b"\n", 1)

    assert head == f"{len(message)} read total=1 200,204".encode()
