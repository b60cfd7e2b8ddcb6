"""Waits for the bodies of requests, without letting slow clients take all threads.

The thread of a request waits while it reads a body, and the web server has no time limit for that. So the
web server gets more threads than work at a time, and a thread that waits for a body lets another one work. A
watching thread answers in place of a request that waits too long, and ends its connection, and so the read.
"""

import io
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from http import HTTPStatus
from threading import Event, Lock, Semaphore, Thread
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Protocol

from granian.server import mp
from werkzeug.exceptions import BadRequest, HTTPException, RequestTimeout, ServiceUnavailable

from scim_server import metrics
from scim_server.lifetime import kept, pause

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

BODY: Final = "scim_seats.body"
"""The key of the environment under which a request has its body."""
_CONNECTION: Final = "scim_seats.connection"
RETRY_AFTER: Final = "5"
WAITING_THREADS: Final = 56
"""Threads of a process in addition to those that work."""
_MOST_KNOWN: Final = 32
"""How many requests of authenticated callers may wait for a body that did not arrive at once."""
_MOST_UNKNOWN: Final = 8
TICK_SECONDS: Final = 0.02
AT_ONCE_SECONDS: Final = 0.25
"""The time in which a body arrives at once. A sender may be interrupted between head and body."""
GRACE_SECONDS: Final = 10.0
SLOWEST: Final = 64 * 1024
"""Bytes in a second. A body may take as long as it needs at this speed, and the grace."""
_MOST: Final = 16 * 1024 * 1024
_FLUSH_SECONDS: Final = 0.02
_SLOW: Final = "The body arrived too slowly. Send the request again."
_MANY: Final = "The server waits for many other bodies now. Send the request again, with its body at once."


class _Connection(Protocol):
    """What Granian offers to answer a request."""

    def response_bytes(self, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> None: ...

    def response_iter(
        self, status: int, headers: Sequence[tuple[str, str]], body: Iterator[bytes]
    ) -> None: ...


class Wait:
    """A request that waits for its body.

    Attributes:
        known: whether the caller is authenticated.
        idle: whether another request works in place of this one.
        refused: the answer that was given in its place; None if the request goes on.
    """

    __slots__ = ("began", "connection", "idle", "known", "refused", "until")

    def __init__(self, connection: _Connection | None, seconds: float, *, known: bool) -> None:
        self.began = time.monotonic()
        self.known = known
        self.until = self.began + seconds
        self.connection = connection
        self.idle = False
        self.refused: HTTPException | None = None


class Arrivals:
    """All requests of a process that wait for their bodies.

    Attributes:
        working: limits how many requests work at a time.
    """

    def __init__(self, threads: int) -> None:
        """Watch the requests of a process.

        Args:
            threads: how many requests work at a time.
        """
        self.working = Semaphore(threads)
        self._waits: dict[Wait, None] = {}
        self._mutex = Lock()
        self._some = Event()
        kept("slow-bodies", self._watch).start()

    def read(self, source: BinaryIO, most: int, wait: Wait) -> bytes:
        """Read a body up to a number of bytes.

        Raises:
            RequestTimeout, ServiceUnavailable: the body did not arrive in time, and the request was answered.
        """
        with self._mutex:
            self._waits[wait] = None
        if not self._some.is_set():
            self._some.set()
        try:
            content = source.read(most)
        finally:
            with self._mutex:
                del self._waits[wait]
            if wait.idle:
                self.working.acquire()
        if wait.refused is not None:
            raise wait.refused
        return content

    def _watch(self) -> None:
        while True:
            self._some.wait()
            pause(TICK_SECONDS)
            with self._mutex:
                if not self._waits:
                    self._some.clear()
                self._release_idle()
                refused = list(self._overdue())
            for wait in refused:
                Thread(target=_refuse, args=(wait,), name="refusal", daemon=True).start()

    def _release_idle(self) -> None:
        """Let other requests work in place of those that wait. The mutex is held."""
        for wait in self._waits:
            if not wait.idle and time.monotonic() - wait.began >= TICK_SECONDS:
                wait.idle = True
                self.working.release()

    def _overdue(self) -> Iterator[Wait]:
        """The requests that must not wait any more. The mutex is held."""
        now, waiting = time.monotonic(), {True: 0, False: 0}
        for wait in self._waits:
            if wait.refused is not None or wait.connection is None or now - wait.began < AT_ONCE_SECONDS:
                continue
            waiting[wait.known] += 1
            if now >= wait.until:
                wait.refused = RequestTimeout(_SLOW)
            elif waiting[wait.known] > (_MOST_KNOWN if wait.known else _MOST_UNKNOWN):
                wait.refused = ServiceUnavailable(_MANY)
            if wait.refused is not None:
                yield wait


class Body(io.RawIOBase):
    """The body of one request. The first read waits for all of it."""

    def __init__(self, environ: "WSGIEnvironment", arrivals: Arrivals | None) -> None:
        self._source: BinaryIO = environ["wsgi.input"]
        self._connection: _Connection | None = environ.get(_CONNECTION)
        self._arrivals = arrivals
        length = environ.get("CONTENT_LENGTH") or ""
        self._length = int(length) if length.isascii() and length.isdigit() else None
        chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        self._content: io.BytesIO | None = None
        self.known = False
        """Whether the caller is authenticated."""
        self.whole = not (self._length or chunked)
        """Whether the connection has no unread bytes of the body."""

    def all(self, most: int) -> bytes:
        """The body, up to a number of bytes.

        Raises:
            RequestTimeout, ServiceUnavailable: the body did not arrive in time.
            BadRequest: the connection ended before the body.
        """
        if self._arrivals is None:
            content = self._source.read(most)
        else:
            seconds = GRACE_SECONDS + min(most, self._length or most) / SLOWEST
            wait = Wait(self._connection, seconds, known=self.known)
            content = self._arrivals.read(self._source, most, wait)
        if len(content) < min(most, self._length or 0):
            raise BadRequest("The body is shorter than its Content-Length.")
        self.whole = len(content) < most or len(content) == self._length
        return content

    def linger(self) -> None:
        """Let a small body that nobody needs arrive, before the answer ends the connection.

        The web server discards what has arrived. A connection that ends before is reset, and the client may
        then lose the answer.
        """
        if self.whole or self._arrivals is None or not 0 < (self._length or 0) <= SLOWEST:
            return
        self._arrivals.working.release()
        try:
            pause(TICK_SECONDS)
        finally:
            self._arrivals.working.acquire()

    def readable(self) -> bool:
        """The body can be read."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - as io declares it
        """Copy the next bytes of the body."""
        if self._content is None:
            self._content = io.BytesIO(self.all(_MOST + 1))
        return self._content.readinto(buffer)


def _refuse(wait: Wait) -> None:
    """Answer a request in place of its thread, and end the connection.

    Granian closes a connection when an answer ends before its announced length. Until then it would keep the
    connection, and the thread, as long as the client does.
    """
    error, connection = wait.refused, wait.connection
    if error is None or connection is None:
        raise AssertionError("a request is refused once its answer is known")
    metrics.event("slow_body_refused")
    text = f"{error.description}\n".encode()
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(text) + 1)),
        ("Retry-After", RETRY_AFTER),
        ("Connection", "close"),
    ]
    connection.response_iter(error.code or HTTPStatus.REQUEST_TIMEOUT, headers, _cut(text))


def _cut(text: bytes) -> Iterator[bytes]:
    yield text
    # The answer is sent before the connection ends.
    pause(_FLUSH_SECONDS)


class _Answer:
    """What the application calls to begin its answer (PEP 3333)."""

    status = 200
    headers: Sequence[tuple[str, str]] = ()

    def __call__(self, status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
        self.status = int(status.split(" ", 1)[0])
        self.headers = headers


class _Parts:
    """The parts of an answer, and their end."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._next = iter(parts)
        self.close = getattr(parts, "close", lambda: None)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._next)


def install(arrivals: Arrivals) -> None:
    """Let Granian's web workers call the application as `_runner` does."""
    if not hasattr(mp, "_wsgi_call_wrap"):
        raise AssertionError("this release of Granian calls applications in another way")
    mp._wsgi_call_wrap = partial(_runner, arrivals)  # noqa: SLF001 - there is no public place


def _runner(
    arrivals: Arrivals,
    application: Callable[..., Iterable[bytes]],
    _options: object,
    _log_format: object = None,
) -> Callable[[_Connection, dict[str, Any]], int]:
    """The function that Granian calls for each request.

    It is Granian's own, except that the application can reach the connection, and that the variables of the
    process are no headers of a request.
    """
    constant: dict[str, Any] = {
        "SCRIPT_NAME": "",
        "SERVER_SOFTWARE": "Granian",
        "wsgi.errors": sys.stderr,
        "wsgi.input_terminated": True,
        "wsgi.multiprocess": True,
        "wsgi.multithread": True,
        "wsgi.run_once": False,
        "wsgi.version": (1, 0),
    }

    def run(connection: _Connection, scope: dict[str, Any]) -> int:
        answer = _Answer()
        with arrivals.working:
            parts = application(constant | scope | {_CONNECTION: connection}, answer)
            if isinstance(parts, list):
                connection.response_bytes(answer.status, answer.headers, b"".join(parts))
            else:
                connection.response_iter(answer.status, answer.headers, _Parts(parts))
        return answer.status

    return run
