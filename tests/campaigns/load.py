"""Clients in separate processes, which record when each request was sent and how it was answered."""

import http.client
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Barrier, Event
from typing import Final
from urllib.parse import urlsplit

from tests.support.servers import forking
from tests.support.servers.running import Organization

NO_ANSWER: Final = 0
"""The status of a request whose connection ended first: nobody knows whether it was carried out."""
LAST: Final = "{last}"
"""In a path: the id that this client created last."""
SEAT: Final = "urn:scim-seats:params:scim:schemas:extension:seat:1.0:User"
SCIM_JSON: Final = "application/scim+json"
ANSWER_SECONDS: Final = 60
PAUSE_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True)
class Request:
    """One request; the path is relative to the SCIM base URL, the name is that of its person."""

    method: str
    path: str
    name: str = ""
    body: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A request and its answer.

    Attributes:
        sent, answered: moments of the machine's monotonic clock, which its processes share.
        status: of the answer, or NO_ANSWER.
        id, seat: of the resource answered, where it has them: `seated`, `waiting`.
    """

    client: int
    method: str
    path: str
    name: str
    sent: float
    answered: float
    status: int
    id: str | None = None
    seat: str | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """The task of one process: the requests of each of its clients, by the client's number."""

    organization: Organization
    requests: Mapping[int, Sequence[Request]]
    together: bool


def create(name: str, *, active: bool = True) -> Request:
    """The request that creates a person with one address."""
    body: dict[str, object] = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": name,
        "emails": [{"value": name, "type": "work", "primary": True}],
        "active": active,
    }
    return Request("POST", "/Users", name, body)


def activate(person: str, *, active: bool) -> Request:
    """The request that activates or deactivates a person."""
    body: dict[str, object] = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "active", "value": active}],
    }
    return Request("PATCH", f"/Users/{person}", person, body)


def share(requests: Sequence[Request], clients: int) -> list[Sequence[Request]]:
    """Deal requests out to clients, one after the other."""
    return [requests[client::clients] for client in range(clients)]


@dataclass
class Client:
    """One keep-alive connection for each piece of work.

    Attributes:
        sent: counts the requests that were sent, answered or not.
    """

    number: int
    sent: "Synchronized[int] | None" = None
    _connection: http.client.HTTPConnection | None = None
    _host: str = ""
    _last: str | None = None

    def begin(self, organization: Organization) -> None:
        """Open a new connection, which may reach any worker, and forget the people created before."""
        self._drop()
        self._host, self._last = urlsplit(organization.base_url).netloc, None
        self._connection = http.client.HTTPConnection(self._host, timeout=ANSWER_SECONDS)
        try:
            self._connection.connect()
        except OSError:
            self._drop()

    def send(self, organization: Organization, request: Request) -> Record | None:
        """Send one request and wait for its answer; None if its person does not exist."""
        if LAST in request.path and self._last is None:
            return None
        path = request.path.replace(LAST, self._last or "")
        target = urlsplit(organization.base_url).path + path
        headers = {"Authorization": f"Bearer {organization.token}", "Content-Type": SCIM_JSON}
        body = None if request.body is None else json.dumps(request.body).encode()
        if self._connection is None:
            self._connection = http.client.HTTPConnection(self._host, timeout=ANSWER_SECONDS)
        sent = time.monotonic()
        try:
            self._connection.request(request.method, target, body, headers)
            self._count()
            answer = self._connection.getresponse()
            status, content = answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self._drop()
            status, content = NO_ANSWER, b""
        answered = time.monotonic()
        person, seat = _read_seat(content)
        self._remember(request.method, status, person)
        return Record(self.number, request.method, path, request.name, sent, answered, status, person, seat)

    def _count(self) -> None:
        if self.sent is not None:
            with self.sent.get_lock():
                self.sent.value += 1

    def _remember(self, method: str, status: int, person: str | None) -> None:
        if method == "POST" and status == http.client.CREATED:
            self._last = person
        elif method == "DELETE":
            self._last = None

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _read_seat(content: bytes) -> tuple[str | None, str | None]:
    """The id and the seat's status in an answer."""
    if not content:
        return None, None
    resource = json.loads(content)
    return resource.get("id"), resource.get(SEAT, {}).get("status")


def _serve(pipe: Connection, barrier: Barrier, stop: Event, sent: "Synchronized[int]") -> None:
    """A process of clients: work until None arrives."""
    clients: dict[int, Client] = {}
    while (work := pipe.recv()) is not None:
        mine = [clients.setdefault(number, Client(number, sent)) for number in work.requests]
        gate = threading.Barrier(len(mine), action=lambda: _meet(barrier), timeout=ANSWER_SECONDS)
        with ThreadPoolExecutor(len(mine)) as pool:
            done = pool.map(_run, mine, [work] * len(mine), [gate] * len(mine), [stop] * len(mine))
            pipe.send([record for records in done for record in records])


def _meet(barrier: Barrier) -> None:
    barrier.wait(ANSWER_SECONDS)


def _run(client: Client, work: Work, gate: threading.Barrier, stop: Event) -> list[Record]:
    client.begin(work.organization)
    if work.together:
        gate.wait()
    records = []
    for request in work.requests[client.number]:
        if stop.is_set():
            break
        record = client.send(work.organization, request)
        if record is not None:
            records.append(record)
            if record.status == NO_ANSWER or record.status >= http.client.INTERNAL_SERVER_ERROR:
                time.sleep(PAUSE_SECONDS)
    return records


class Crew:
    """Processes of clients that wait for work."""

    def __init__(self, processes: int) -> None:
        forked = forking.context()
        self._stop = forked.Event()
        self._sent = forked.Value("i", 0)
        self._busy: list[Connection] = []
        self._pipes: list[Connection] = []
        self._processes = []
        # Kept: another process finds it by name, and the name disappears with the last reference.
        self._barrier = forked.Barrier(processes)
        for _ in range(processes):
            ours, theirs = forked.Pipe()
            shared = (self._barrier, self._stop, self._sent)
            process = forked.Process(target=_serve, args=(theirs, *shared), daemon=True)
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)

    def begin(
        self, organization: Organization, requests: Sequence[Sequence[Request]], *, together: bool = False
    ) -> None:
        """Start one client for each list; `together` releases their first ones at once."""
        assert not self._busy, "the crew has work"
        if together and len(requests) < len(self._pipes):
            raise ValueError("fewer clients than processes cannot be released together")
        self._stop.clear()
        self._sent.value = 0
        for number, pipe in enumerate(self._pipes):
            mine = {client: requests[client] for client in range(number, len(requests), len(self._pipes))}
            if mine:
                pipe.send(Work(organization, mine, together))
                self._busy.append(pipe)

    def sent(self) -> int:
        """The number of requests of the present work that were sent, answered or not."""
        return int(self._sent.value)

    def finish(self, *, stop: bool = False) -> list[Record]:
        """Wait until all are done, or let each finish its current request; in the order of answers."""
        if stop:
            self._stop.set()
        busy, self._busy = self._busy, []
        return sorted((record for pipe in busy for record in pipe.recv()), key=lambda one: one.answered)

    def run(
        self, organization: Organization, requests: Sequence[Sequence[Request]], *, together: bool = False
    ) -> list[Record]:
        """Carry out all of it."""
        self.begin(organization, requests, together=together)
        return self.finish()

    def close(self) -> None:
        """End all processes."""
        for pipe, process in zip(self._pipes, self._processes, strict=True):
            with suppress(BrokenPipeError):
                pipe.send(None)
            pipe.close()
            process.join(ANSWER_SECONDS)


@contextmanager
def crew(processes: int = 8) -> Iterator[Crew]:
    """A crew for the block."""
    hired = Crew(processes)
    try:
        yield hired
    finally:
        hired.close()
