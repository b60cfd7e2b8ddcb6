"""Sends webhooks: many requests at the same time, each endpoint in its own places.

The database is used in another thread, and no transaction is open while a request is sent. Results are
recorded together, so a fast receiver is not slowed by one commit for each message.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Event
from typing import Final, TypeVar

from scim_server.egress.sender import Policy, Sender
from scim_server.representations.messages import request_of
from scim_server.services.webhooks import commands
from scim_server.services.webhooks.commands import Parcel, Sent
from scim_server.store.database.session import Database
from scim_server.store.errors import StoreError
from scim_server.telemetry import log

T = TypeVar("T")
PAUSE_SECONDS: Final = 0.5
_AFTER_FAILURE_SECONDS: Final = 2.0


def run(database: Database, policy: Policy, stop: Event) -> None:
    """Send webhooks until `stop` is set. Requests that are being sent are finished."""
    asyncio.run(Courier(database, policy).work(stop, once=False))


def run_once(database: Database, policy: Policy, stop: Event) -> int:
    """Send the webhooks that are due now; return how many requests were sent.

    Raises:
        StoreError: the database does not answer.
    """
    return asyncio.run(Courier(database, policy).work(stop, once=True))


class Courier:
    """Sends messages that are due, and records the results."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy
        self._running: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._results: list[Sent] = []
        self._arrived = asyncio.Event()

    async def work(self, stop: Event, *, once: bool) -> int:
        """Send messages until `stop` is set, or until none is due; return how many were sent."""
        sent = 0
        async with Sender(self._policy) as sender:
            while True:
                stopping = stop.is_set()
                try:
                    worked = await self._round(sender, stopping=stopping)
                except StoreError as error:
                    if once:
                        raise
                    log.error("database unavailable", cause=str(error))
                    await asyncio.sleep(_AFTER_FAILURE_SECONDS)
                    if stopping and not self._tasks:
                        return sent
                    continue
                sent += worked
                idle = not self._tasks and not self._results
                if idle and (stopping or (once and not worked)):
                    return sent
                await self._wait(worked=worked > 0)

    async def _round(self, sender: Sender, *, stopping: bool) -> int:
        """Record results and begin to send the next messages; return how much was done."""
        done = await self._record()
        if stopping:
            return done
        done += await _in_thread(partial(commands.fan_out, self._database))
        parcels = await _in_thread(partial(commands.take, self._database, dict(self._running)))
        for parcel in parcels:
            self._running[parcel.endpoint.id] += 1
            task = asyncio.create_task(self._send(sender, parcel))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return done + len(parcels)

    async def _record(self) -> int:
        """Record the results that have arrived. They are kept until the database has them."""
        self._arrived.clear()
        results = list(self._results)
        if results:
            await _in_thread(partial(commands.record, self._database, results))
            del self._results[: len(results)]
            for one in results:
                log.info(
                    "webhook sent",
                    endpoint=one.parcel.endpoint.id,
                    organization=one.parcel.backlog.organization,
                    message=one.parcel.id,
                    outcome=one.outcome.value,
                    status=one.answer.status,
                )
        return len(results)

    async def _send(self, sender: Sender, parcel: Parcel) -> None:
        try:
            at = self._database.now()
            headers, body = request_of(parcel, at)
            answer = await sender.post(parcel.endpoint.url, headers, body)
            self._results.append(Sent(parcel, headers, body, answer, at, self._database.now()))
        except Exception as error:  # noqa: BLE001 - one message that cannot be written must not stop all others
            # The message is taken again after its time, because no result is recorded.
            log.error("webhook not written", message=parcel.id, cause=f"{type(error).__name__}: {error}")
        finally:
            self._running[parcel.endpoint.id] -= 1
            self._arrived.set()

    async def _wait(self, *, worked: bool) -> None:
        """Wait until a result has arrived, but briefly if there may be more to do."""
        if worked and not self._tasks:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(PAUSE_SECONDS):
                await self._arrived.wait()


async def _in_thread(work: Callable[[], T]) -> T:
    """Use the database outside the loop, in which requests are sent meanwhile."""
    return await asyncio.to_thread(work)
