from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from conformance.client import Request
from conformance.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.client import Answer

    Answering = Callable[[Request], Answer]

TOKEN = "s3cret-token"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One packet per answer: a second one would wait for the acknowledgement of the first.
    wbufsize = -1
    answering: Answering

    def do(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        content = self.rfile.read(length) if length else None
        path = self.path.removeprefix("/scim/v2")
        answer = self.answering(Request(self.command, path, dict(self.headers.items()), content))
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do  # noqa: N815 - names that http.server looks for

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _serving(answering: Answering) -> Iterator[Target]:
    handler = type("Handler", (_Handler,), {"answering": staticmethod(answering)})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Target(f"http://127.0.0.1:{server.server_address[1]}/scim/v2", TOKEN)
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[Answering], Target]]:
    """A real HTTP server on a free port that answers by the given function."""
    with ExitStack() as servers:
        yield lambda answering: servers.enter_context(_serving(answering))
