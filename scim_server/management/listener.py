"""Answers `/livez`, `/readyz`, `/startupz` and `/metrics`."""

import http.client
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from scim_server import metrics
from scim_server.config import Config
from scim_server.management.gauges import Gauges
from scim_server.telemetry import log

_TEXT: Final = "text/plain; charset=utf-8"
_SECONDS: Final = 5.0
"""How long a client of the listener, and the server's own answer, may take."""

Answer = tuple[HTTPStatus, str, bytes]


class Listener(ThreadingHTTPServer):
    """The management listener of one server."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], settings: Config, gauges: Gauges, folder: str) -> None:
        super().__init__(address, _Handler)
        self._settings, self._gauges, self._folder = settings, gauges, folder
        self._started = False
        self.places: dict[str, Callable[[], Answer]] = {
            "/livez": self._live,
            "/readyz": self._ready,
            "/startupz": self._startup,
            "/metrics": self._metrics,
        }

    def _live(self) -> Answer:
        return HTTPStatus.OK, _TEXT, b"ok\n"

    def _ready(self) -> Answer:
        """Ask a web worker, which asks the database."""
        problem = self._problem()
        if problem is None:
            self._started = True
            return HTTPStatus.OK, _TEXT, b"ok\n"
        return HTTPStatus.SERVICE_UNAVAILABLE, _TEXT, f"{problem}\n".encode()

    def _startup(self) -> Answer:
        return (HTTPStatus.OK, _TEXT, b"ok\n") if self._started else self._ready()

    def _problem(self) -> str | None:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._settings.host, self._settings.host)  # noqa: S104 - any address is this machine
        connection = http.client.HTTPConnection(host, self._settings.port, timeout=_SECONDS)
        try:
            connection.request("GET", "/health", headers={"X-Forwarded-Proto": "https"})
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            return f"the server does not answer: {error}"
        finally:
            connection.close()
        return None if status == HTTPStatus.OK else f"the server answers {status}"

    def _metrics(self) -> Answer:
        registry = metrics.collector(self._folder)
        registry.register(self._gauges)
        return HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(registry)


class _Handler(BaseHTTPRequestHandler):
    """One request to the listener."""

    server: Listener
    timeout = _SECONDS
    server_version = "scim-seats"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer a GET."""
        place = self.server.places.get(self.path.partition("?")[0])
        if place is None:
            status, kind, content = HTTPStatus.NOT_FOUND, _TEXT, b"not found\n"
        else:
            try:
                status, kind, content = place()
            except Exception as error:  # noqa: BLE001 - the listener must not end
                log.error("the management listener failed", cause=f"{type(error).__name__}: {error}")
                status, kind, content = HTTPStatus.INTERNAL_SERVER_ERROR, _TEXT, b"failed\n"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        """Nothing is logged for each request."""
