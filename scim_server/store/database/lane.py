"""The write lane: on SQLite, one thread of each process makes all writes and commits them in groups.

SQLite allows one writer at a time and makes the others poll, so sixteen threads that commit separately may
wait for seconds. Here all waiting units of work share one transaction and one sync to disk; each
runs in a separate savepoint, so that a failing unit rolls back only its own changes. A unit is answered after
the commit: an acknowledged write is synced.
"""

import fcntl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, BinaryIO, Final, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from scim_server.store.database.engines import private
from scim_server.store.errors import CommitUncertain, StoreUnavailable

T = TypeVar("T")
Unit = Callable[[Connection], T]

BATCH_SECONDS: Final = 0.020
BATCH_UNITS: Final = 256


class Turnstile:
    """A lock between processes that a process cannot take twice in a row while another waits.

    A process that wants the inner lock first takes the outer one and keeps it while it waits. The process
    that just released the inner lock then comes after it. So a command of the operator waits at most for
    one batch of a busy server.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._files: tuple[BinaryIO, BinaryIO] | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for this process's turn; the turn ends with the block (or with the process)."""
        outer, inner = self._opened()
        fcntl.flock(outer, fcntl.LOCK_EX)
        try:
            fcntl.flock(inner, fcntl.LOCK_EX)
        finally:
            fcntl.flock(outer, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(inner, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the files."""
        for file in self._files or ():
            file.close()

    def _opened(self) -> tuple[BinaryIO, BinaryIO]:
        """The files of the two locks, opened by the first turn: a process that only reads creates none."""
        if self._files is None:
            self._files = self._beside("-turn"), self._beside("-lane")
        return self._files

    def _beside(self, suffix: str) -> BinaryIO:
        path = self._database.with_name(self._database.name + suffix)
        return open(path, "ab", opener=private)


class Lane:
    """One thread that makes all writes to one SQLite file."""

    def __init__(self, engine: Engine, database: Path) -> None:
        self._engine = engine
        self._turnstile = Turnstile(database)
        self._waiting: SimpleQueue[tuple[Unit[Any], Future[Any]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="write-lane", daemon=True)
        self._thread.start()

    def write(self, unit: Unit[T]) -> T:
        """Run a unit in a transaction and return its result when it is on disk.

        Raises:
            StoreUnavailable: the transaction could not be begun or committed; nothing was changed.
            BaseException: an exception of the unit; its changes are rolled back.
        """
        future: Future[T] = Future()
        self._waiting.put((unit, future))
        return future.result()

    def close(self) -> None:
        """Finish the waiting units, then stop."""
        self._waiting.put(None)
        self._thread.join()
        self._turnstile.close()

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            answers: list[Callable[[], None]] = []
            unanswered = [first[1]]
            kind: type[StoreUnavailable] = StoreUnavailable
            try:
                with self._turnstile.turn(), self._engine.connect() as connection, connection.begin():
                    for unit, future in self._batch(first):
                        unanswered.append(future)
                        answers.append(_attempt(connection, unit, future))
                    kind = CommitUncertain
            except Exception as error:  # noqa: BLE001 - whatever it was, nobody may be told that it worked
                lost = kind(f"the transaction was lost: {error}")
                lost.__cause__ = error
                for future in set(unanswered):
                    future.set_exception(lost)
            else:
                for answer in answers:
                    answer()

    def _batch(self, first: tuple[Unit[Any], Future[Any]]) -> Iterator[tuple[Unit[Any], Future[Any]]]:
        yield first
        deadline = time.monotonic() + BATCH_SECONDS
        for _ in range(BATCH_UNITS - 1):
            if time.monotonic() >= deadline:
                return
            try:
                entry = self._waiting.get_nowait()
            except Empty:
                return
            if entry is None:
                self._waiting.put(None)
                return
            yield entry


def _attempt(connection: Connection, unit: Unit[Any], future: Future[Any]) -> Callable[[], None]:
    """Run one unit in its savepoint; return the function that answers its caller after the commit."""
    connection.exec_driver_sql("SAVEPOINT unit")
    try:
        result = unit(connection)
    except BaseException as error:
        if not connection.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]
            raise StoreUnavailable(f"the database rolled back the transaction: {error}") from error
        connection.exec_driver_sql("ROLLBACK TO unit")
        connection.exec_driver_sql("RELEASE unit")
        failure = _unavailable(error)
        return lambda: future.set_exception(failure)
    connection.exec_driver_sql("RELEASE unit")
    return lambda: future.set_result(result)


def _unavailable(error: BaseException) -> BaseException:
    """A full disk or a missing file is not a fault of the unit: raise that the database is unavailable."""
    if isinstance(error, DBAPIError) and type(error.orig).__name__ == "OperationalError":
        lost = StoreUnavailable(f"the database failed: {error.orig}")
        lost.__cause__ = error
        return lost
    return error
