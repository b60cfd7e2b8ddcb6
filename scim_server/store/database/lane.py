"""The write lane: units of work that need the same lock are committed together.

On SQLite, there is one lane for the file; on PostgreSQL, one for each organization. Without a lane, sixteen
threads that commit would wait for one another, and each would need its own lock, its own reads and its own
sync to disk. The thread that finds the lane empty leads. It opens a transaction, runs its own unit and the
units that arrived meanwhile, and commits once. Then the thread that waits longest leads. A unit is answered
after its commit, so an acknowledged write is on disk. If a unit fails, only its own changes are undone.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import chain
from typing import Any, Final, Generic, TypeVar, cast

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from scim_server import metrics
from scim_server.store.database.changes import RowsMissed
from scim_server.store.database.transaction import Transaction
from scim_server.store.errors import CommitUncertain, StoreBusy, StoreUnavailable

T = TypeVar("T")
Unit = Callable[[Transaction], T]

BATCH_SECONDS: Final = 0.020
BATCH_UNITS: Final = 256
ATTEMPTS: Final = 3
STUCK_SECONDS: Final = 1.0
"""After this time in one turn, a lane counts as stuck, and only some threads go on to wait for it."""
PATIENCE_SECONDS: Final = 10.0
"""How long a thread waits in a stuck lane."""
_SERIALIZATION_FAILURE: Final = "40001"
_DEADLOCK: Final = "40P01"


class _Entry(Generic[T]):
    """A unit of work in the lane.

    Attributes:
        alone: whether the unit must have a transaction of its own.
        leads: whether the thread of this unit must lead the lane now.
        result, error: the answer; one of the two is set.
    """

    __slots__ = ("_turn", "alone", "error", "leads", "result", "unit")

    def __init__(self, unit: Unit[T], *, alone: bool) -> None:
        self.unit = unit
        self.alone = alone
        self.leads = False
        self.result: T | None = None
        self.error: BaseException | None = None
        self._turn = threading.Lock()
        self._turn.acquire()

    def wait(self, seconds: float = -1) -> bool:
        """Wait until the unit has its answer, or until its thread must lead.

        Args:
            seconds: how long to wait; forever if negative.

        Returns:
            Whether the wait is over; false if it took too long.
        """
        return self._turn.acquire(timeout=seconds)

    def wake(self) -> None:
        """Let the thread of the unit continue."""
        self._turn.release()

    def answer(self) -> T:
        """Return the result of the unit, or raise its error."""
        if self.error is not None:
            raise self.error
        return cast(T, self.result)


class _Again(Exception):
    """A unit failed after it had written, together with others.

    Each of them must now run in its own transaction.
    """


class _Undo(Exception):
    """The only unit of a transaction failed after it had written, so the transaction is undone."""


Next = Callable[[], _Entry[Any] | None]


class Lane:
    """Runs units of work one after another, and commits the waiting units together.

    If one turn lasts long, because another process does not release the lock, not all threads of a server may
    wait: other organizations, and reads, need them. Then only some threads wait, and not forever.
    """

    def __init__(
        self, begin: Callable[[], AbstractContextManager[Transaction]], most_waiting: int | None = None
    ) -> None:
        """Create an empty lane.

        Args:
            begin: opens a transaction, which is committed at the end of the block, or undone after an error.
            most_waiting: how many threads wait while the lane is stuck; None if all wait as long as needed.
        """
        self._begin = begin
        self._most_waiting = most_waiting
        self._since = 0.0
        self._mutex = threading.Lock()
        self._waiting: deque[_Entry[Any]] = deque()
        self._led = False

    def write(self, unit: Unit[T], *, alone: bool = False) -> T:
        """Run a unit in a transaction, and return its result when the result is on disk.

        Args:
            alone: whether the unit must have a transaction of its own, because the transaction will be
                undone.

        Raises:
            StoreBusy: the lane is stuck; nothing was changed.
            StoreUnavailable: the transaction could not begin or commit; nothing was changed.
            CommitUncertain: it is unknown whether the transaction was committed.
            BaseException: the unit raised this error; its changes are undone.
        """
        entry = _Entry(unit, alone=alone)
        self._enter(entry)
        if entry.leads:
            try:
                self._lead(entry)
            finally:
                self._hand_over()
        return entry.answer()

    @property
    def waiting(self) -> int:
        """How many units wait for their turn."""
        return len(self._waiting)

    def close(self) -> None:
        """Return when all units that wait now are finished."""
        self._enter(_Entry(lambda _: None, alone=True))
        self._hand_over()

    def _enter(self, entry: _Entry[Any]) -> None:
        """Return when the unit must lead, or has its answer."""
        with self._mutex:
            if not self._led:
                self._led = entry.leads = True
                self._since = time.monotonic()
                return
            self._waiting.append(entry)
            if self._is_too_long(entry, 0):
                self._leave(entry)
        if self._most_waiting is None:
            entry.wait()
            return
        began = time.monotonic()
        while not entry.wait(STUCK_SECONDS):
            with self._mutex:
                # A unit that has left the queue is being carried out.
                if entry in self._waiting and self._is_too_long(entry, time.monotonic() - began):
                    self._leave(entry)

    def _is_too_long(self, entry: _Entry[Any], waited: float) -> bool:
        """Whether a unit must not wait any more. The mutex is held."""
        if self._most_waiting is None or time.monotonic() - self._since < STUCK_SECONDS:
            return False
        return waited >= PATIENCE_SECONDS or self._waiting.index(entry) >= self._most_waiting

    def _leave(self, entry: _Entry[Any]) -> None:
        self._waiting.remove(entry)
        metrics.event("write_refused")
        raise StoreBusy(f"{len(self._waiting)} other writes wait already for a lock that is not released")

    def _hand_over(self) -> None:
        """Let the first waiting unit lead."""
        with self._mutex:
            if not self._waiting:
                self._led = False
                return
            following = self._waiting.popleft()
            following.leads = True
            self._since = time.monotonic()
        following.wake()

    def _lead(self, own: _Entry[Any]) -> None:
        batch = [own]
        try:
            self._run(batch, self._following(batch))
        finally:
            for entry in batch[1:]:
                entry.wake()

    def _following(self, batch: list[_Entry[Any]]) -> Next:
        """A function that adds the next waiting unit to a batch and returns it, until the batch is full.

        The time of the batch begins with the first call, because the transaction may have waited for its lock
        before.
        """
        deadline: list[float] = []

        def following() -> _Entry[Any] | None:
            if not deadline:
                deadline.append(time.monotonic() + BATCH_SECONDS)
            if batch[0].alone or len(batch) >= BATCH_UNITS or time.monotonic() >= deadline[0]:
                return None
            with self._mutex:
                if not self._waiting or self._waiting[0].alone:
                    return None
                batch.append(self._waiting.popleft())
            return batch[-1]

        return following

    def _run(self, batch: list[_Entry[Any]], following: Next) -> None:
        """Run a batch and the units that join it. Then each unit has its result or its error."""
        try:
            self._commit(batch, following)
        except _Again:
            for entry in batch:
                self._run([entry], lambda: None)
        except BaseException as error:
            for entry in batch:
                entry.error = error if isinstance(error, Exception) else _interrupted(error)
            if not isinstance(error, Exception):
                raise

    def _commit(self, batch: list[_Entry[Any]], following: Next) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            committing = False
            try:
                with self._begin() as transaction:
                    for entry in chain(list(batch), iter(following, None)):
                        self._attempt(transaction, entry, shared=len(batch) > 1)
                    _carry_out(transaction.settle, shared=len(batch) > 1)
                    committing = True
            except _Undo:
                return
            except PoolTimeout as error:
                raise StoreUnavailable("every connection to the database is in use") from error
            except IntegrityError:
                raise
            except (DBAPIError, OSError) as error:
                if committing:
                    raise CommitUncertain(f"the connection was lost in a commit: {cause(error)}") from error
                if attempt == ATTEMPTS or not _repeatable(error):
                    raise StoreUnavailable(f"the database does not answer: {cause(error)}") from error
            else:
                metrics.committed(len(batch))
                return

    def _attempt(self, transaction: Transaction, entry: _Entry[Any], *, shared: bool) -> None:
        """Run one unit. If it fails, only its own changes are undone.

        Raises:
            _Again, _Undo: the whole transaction must be undone.
            OperationalError, InterfaceError: the transaction is lost.
        """
        _carry_out(transaction.send, shared=shared)
        before = transaction.begin_unit()
        entry.result = entry.error = None
        try:
            entry.result = entry.unit(transaction)
        except BaseException as error:
            entry.error = error
            transaction.forget_unit(before)
            if isinstance(error, OperationalError | InterfaceError):
                raise
            if transaction.wrote or isinstance(error, DBAPIError):
                raise (_Again if shared else _Undo) from error


def _carry_out(write: Callable[[], None], *, shared: bool) -> None:
    """Send the changes that still wait. If the database refuses them, find the unit that caused this."""
    try:
        write()
    except (IntegrityError, RowsMissed) as error:
        if shared:
            raise _Again from error
        raise


def _repeatable(error: DBAPIError | OSError) -> bool:
    if isinstance(error, OSError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or state in {_SERIALIZATION_FAILURE, _DEADLOCK}


def _interrupted(error: BaseException) -> StoreUnavailable:
    """The error for the other units of a batch whose leader was stopped."""
    lost = CommitUncertain(f"the write was interrupted: {type(error).__name__}")
    lost.__cause__ = error
    return lost


def cause(error: BaseException) -> str:
    """The first line of the driver's message, without SQLAlchemy's statement and parameters."""
    return str(getattr(error, "orig", None) or error).strip().split("\n", 1)[0]
