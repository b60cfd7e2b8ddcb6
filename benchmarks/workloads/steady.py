"""Ten organizations that each send 25 requests a second, even if answers take long."""

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from benchmarks.replay import Request
from benchmarks.samples import Sample, Sender, WrongAnswers
from benchmarks.servers.running import Organization, Server
from benchmarks.workloads.changing import patch
from benchmarks.workloads.creating import create
from benchmarks.workloads.reading import by_user_name, filtered
from benchmarks.workloads.workload import Turn, Workload

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]

RATE: Final = 25
"""Requests of one organization per second: the rate that Entra expects a server to handle."""
LEAST_SECONDS: Final = 15
WRITES: Final = 0.3


def measure(server: Server, turn: Turn) -> Sample:
    """Send each request at its planned time, and measure the answer from that time."""
    run = Run(server.port)
    seconds = max(LEAST_SECONDS, turn.seconds)
    began, used = time.perf_counter(), time.process_time()
    try:
        asyncio.run(run.everything((server.main, *server.side), turn, seconds))
    except ExceptionGroup as group:
        # This is the first wrong answer; after it, the other requests were given up.
        raise WrongAnswers(str(group.exceptions[0])) from group
    cpu = 100 * (time.process_time() - used) / (time.perf_counter() - began)
    return Sample(seconds, run.micros, sender=Sender(cpu, run.late))


@dataclass
class Run:
    """One run, and what it measured.

    Attributes:
        micros: how long each answer took from the time when its request was due, by kind of request.
        late: how long after that time each request was sent.
    """

    port: int
    micros: dict[str, list[int]] = field(default_factory=lambda: {"read": [], "write": []})
    late: list[int] = field(default_factory=list)
    _idle: list[Connection] = field(default_factory=list)
    _opened: list[asyncio.StreamWriter] = field(default_factory=list)

    async def everything(self, organizations: tuple[Organization, ...], turn: Turn, seconds: float) -> None:
        began = time.perf_counter() + 0.2
        step = 1 / (RATE * len(organizations))
        try:
            async with asyncio.TaskGroup() as tasks:
                for count, request in enumerate(_requests(organizations, turn, int(seconds / step))):
                    due = began + count * step
                    await asyncio.sleep(max(0, due - time.perf_counter()))
                    tasks.create_task(self._one(request, due))
        finally:
            for writer in self._opened:
                writer.close()
                await writer.wait_closed()

    async def _one(self, request: Request, due: float) -> None:
        connection = self._idle.pop() if self._idle else await self._connect()
        reader, writer = connection
        self.late.append(round((time.perf_counter() - due) * 1e6))
        writer.write(request.message(f"127.0.0.1:{self.port}"))
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            ),
            0,
        )
        body = await reader.readexactly(length)
        self.micros[request.kind].append(round((time.perf_counter() - due) * 1e6))
        status = int(head.split(b" ", 2)[1])
        if status not in request.expected:
            raise WrongAnswers(f"{request.method} {request.path}: {status} {body[:300]!r}")
        self._idle.append(connection)

    async def _connect(self) -> Connection:
        connection = await asyncio.open_connection("127.0.0.1", self.port)
        self._opened.append(connection[1])
        return connection


def _requests(organizations: tuple[Organization, ...], turn: Turn, count: int) -> Iterator[Request]:
    choice = random.Random(turn.number)
    for number in range(count):
        organization = organizations[number % len(organizations)]
        person = choice.randrange(organization.people)
        path = f"/Users/{organization.person_id(person)}"
        if choice.random() >= WRITES:
            yield choice.choice(
                (
                    filtered(organization, by_user_name(person), kind="read"),
                    Request("GET", organization.root + path, organization.token, kind="read"),
                )
            )
        elif choice.random() < 0.5:
            yield create(organization, turn.series, number, kind="write")
        else:
            operation = {"op": "replace", "path": "title", "value": f"Engineer {number}"}
            yield patch(path, organization, operation, "write")


WORKLOADS = (
    Workload(
        "steady",
        f"ten organizations x {RATE} requests a second, three in ten are writes",
        measure,
        needs=frozenset({"organizations"}),
        kinds=("read", "write"),
        once=True,
    ),
)
