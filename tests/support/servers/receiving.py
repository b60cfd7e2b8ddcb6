"""A receiver of webhooks: a real HTTP server that keeps every request and answers as the test says."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """A request; `at` is the monotonic time of its arrival."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of the message, also if there is only one."""
        found = json.loads(self.body)
        return found if isinstance(found, list) else [found]


@dataclass(frozen=True)
class Reply:
    """An answer. `drip` seconds pass before each byte of the body."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    drip: float = 0


Decide = Callable[[Received], Reply]


class Receiver:
    """The server.

    Attributes:
        decide: gives the answer to each request; accepted requests are those with 2xx.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.decide: Decide = lambda _: Reply()
        self.requests: list[Received] = []
        self.accepted: list[Received] = []
        self._tls = tls
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}/hook"

    def start(self) -> None:
        self._server = _Server(("127.0.0.1", self.port), _Handler)
        self._server.receiver = self
        if self._tls is not None:
            self._server.socket = self._tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Close the port, so that connections are refused."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    receiver: Receiver

    def handle_error(self, *_arguments: object) -> None:
        pass


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["content-length"]))
        received = Received(self.path, dict(self.headers.items()), body, time.monotonic())
        receiver.requests.append(received)
        reply = receiver.decide(received)
        if 200 <= reply.status < 300:
            receiver.accepted.append(received)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        try:
            self.send_body(reply)
        except OSError:
            self.close_connection = True

    def send_body(self, reply: Reply) -> None:
        if not reply.drip:
            self.wfile.write(reply.body)
            return
        for byte in reply.body:
            time.sleep(reply.drip)
            self.wfile.write(bytes([byte]))

    def log_message(self, *_arguments: object) -> None:
        pass


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    receiver = Receiver(tls)
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.stop()
