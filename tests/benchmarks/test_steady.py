"""The steady traffic is sent at fixed times, and answers are measured from these times."""

import asyncio
from uuid import uuid4

import pytest

from benchmarks.samples import WrongAnswers
from benchmarks.servers.running import Organization
from benchmarks.workloads.steady import RATE, Run
from benchmarks.workloads.workload import Turn

WAITING = 20
SECONDS = 2.0


class Stub:
    """A server that answers nothing until some requests have arrived."""

    def __init__(self, status: int | None = None) -> None:
        self._status = status
        self._arrived = 0
        self._enough = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length or 0))
                self._arrived += 1
                if self._arrived == WAITING:
                    self._enough.set()
                await self._enough.wait()
                status = self._status or (201 if head.startswith(b"POST") else 200)
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        except asyncio.IncompleteReadError:
            writer.close()


async def sent_to(stub: Stub) -> Run:
    listening = await asyncio.start_server(stub.serve, "127.0.0.1", 0)
    async with listening:
        run = Run(listening.sockets[0].getsockname()[1])
        organization = Organization("/orgs/acme/scim/v2", "token", 100, lambda _: str(uuid4()))
        await run.everything((organization,), Turn(1, SECONDS), SECONDS)
    return run


def test_requests_are_sent_although_earlier_ones_have_no_answer() -> None:
    run = asyncio.run(sent_to(Stub()))

    times = [time for kind in run.micros.values() for time in kind]
    assert len(times) == len(run.late) == RATE * SECONDS
    # The first answer came only when the last of these requests had arrived, which was due later.
    assert max(times) >= (WAITING - 1) / RATE * 1_000_000


def test_a_wrong_status_ends_the_run() -> None:
    with pytest.raises(ExceptionGroup) as found:
        asyncio.run(sent_to(Stub(status=503)))

    assert found.group_contains(WrongAnswers, match="503")
