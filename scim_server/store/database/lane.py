"""The write lane: units of work that need the same lock are committed together.

On SQLite one lane serves the file, on PostgreSQL one serves each organization. Without it, sixteen threads
that each commit wait for one another, and each pays for its own lock, its own reads and its own sync to disk.
The thread that finds the lane empty leads: it opens a transaction, runs its own unit and those that have come
meanwhile, and commits once; then the first that waits leads. A unit is answered after the commit that holds
it: acknowledged means synced. A unit that fails undoes only itself.
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

from scim_server.store.database.changes import RowsMissed
from scim_server.store.database.transaction import Transaction
from scim_server.store.errors import CommitUncertain, StoreUnavailable

T = TypeVar("T")
Unit = Callable[[Transaction], T]

BATCH_SECONDS: Final = 0.020
BATCH_UNITS: Final = 256
ATTEMPTS: Final = 3
_SERIALIZATION_FAILURE: Final = "40001"
_DEADLOCK: Final = "40P01"


class _Entry(Generic[T]):
    """A unit of work in the lane.

    Attributes:
        alone: whether it shares its transaction with no other.
        leads: whether its thread is to lead the lane now.
        result, error: its answer, of which one is set.
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

    def wait(self) -> None:
        """Wait until it has its answer, or its thread is to lead."""
        self._turn.acquire()

    def wake(self) -> None:
        """Let its thread go on."""
        self._turn.release()

    def answer(self) -> T:
        """The result of the unit; what it raised is raised here."""
        if self.error is not None:
            raise self.error
        return cast(T, self.result)


class _Again(Exception):
    """A unit failed after it had written beside others: each has to run in a transaction of its own."""


class _Undo(Exception):
    """The only unit of a transaction failed after it had written: the transaction is undone."""


Next = Callable[[], _Entry[Any] | None]


class Lane:
    """Runs units of work one after the other, and commits those that wait together."""

    def __init__(
        self, begin: Callable[[], AbstractContextManager[Transaction]], *, savepoints: bool = False
    ) -> None:
        """A lane without anybody in it.

        Args:
            begin: opens a transaction, which is committed at the end of the block and undone by an error.
            savepoints: whether each unit has one of its own. Where that costs a round trip, a unit that fails
                after it has written makes those beside it run again.
        """
        self._begin = begin
        self._savepoints = savepoints
        self._mutex = threading.Lock()
        self._waiting: deque[_Entry[Any]] = deque()
        self._led = False

    def write(self, unit: Unit[T], *, alone: bool = False) -> T:
        """Run a unit in a transaction and return its result once that is on disk.

        Args:
            alone: whether it shares the transaction with no other, because it is to be undone.

        Raises:
            StoreUnavailable: the transaction could not be begun or committed; nothing was changed.
            CommitUncertain: nobody knows whether it was.
            BaseException: whatever the unit raised; its changes are undone.
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
        """Return when everything that waits now is finished."""
        self._enter(_Entry(lambda _: None, alone=True))
        self._hand_over()

    def _enter(self, entry: _Entry[Any]) -> None:
        """Return when the entry leads, or has its answer."""
        with self._mutex:
            if not self._led:
                self._led = entry.leads = True
                return
            self._waiting.append(entry)
        entry.wait()

    def _hand_over(self) -> None:
        """Let the first that waits lead."""
        with self._mutex:
            if not self._waiting:
                self._led = False
                return
            following = self._waiting.popleft()
            following.leads = True
        following.wake()

    def _lead(self, own: _Entry[Any]) -> None:
        batch = [own]
        try:
            self._run(batch, self._following(batch))
        finally:
            for entry in batch[1:]:
                entry.wake()

    def _following(self, batch: list[_Entry[Any]]) -> Next:
        """What adds the next that waits to a batch, and returns it, until the batch is full.

        Its time begins with the first call: before, the transaction may have waited for its lock.
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
        """Run a batch and what follows it; then each entry has its result or its error."""
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
                return

    def _attempt(self, transaction: Transaction, entry: _Entry[Any], *, shared: bool) -> None:
        """Run one unit, which undoes itself alone where it fails.

        Raises:
            _Again, _Undo: the transaction has to be undone for that.
            OperationalError, InterfaceError: it is lost.
        """
        _carry_out(transaction.send, shared=shared)
        before = transaction.begin_unit()
        entry.result = entry.error = None
        if self._savepoints:
            transaction.run("SAVEPOINT unit")
        try:
            entry.result = entry.unit(transaction)
            if self._savepoints:
                transaction.send()
        except BaseException as error:
            entry.error = error
            transaction.forget_unit(before)
            if self._savepoints:
                if not transaction.is_open:
                    raise StoreUnavailable(f"the database gave up the transaction: {cause(error)}") from error
                transaction.run("ROLLBACK TO unit")
                entry.error = _unavailable(error)
            elif isinstance(error, OperationalError | InterfaceError):
                raise
            elif transaction.wrote or isinstance(error, DBAPIError):
                raise (_Again if shared else _Undo) from error
        if self._savepoints:
            transaction.run("RELEASE unit")


def _carry_out(write: Callable[[], None], *, shared: bool) -> None:
    """Write what units have left to be written; if the database refuses that, find out whose it was."""
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


def _unavailable(error: BaseException) -> BaseException:
    """Raise that the database is unavailable: a full disk or a missing file is not a fault of the unit."""
    if isinstance(error, DBAPIError) and type(error.orig).__name__ == "OperationalError":
        lost = StoreUnavailable(f"the database failed: {error.orig}")
        lost.__cause__ = error
        return lost
    return error


def _interrupted(error: BaseException) -> StoreUnavailable:
    """What the others are told of a batch whose leader was stopped."""
    lost = CommitUncertain(f"the write was interrupted: {type(error).__name__}")
    lost.__cause__ = error
    return lost


def cause(error: BaseException) -> str:
    """The driver's own first line, without SQLAlchemy's statement and parameters."""
    return str(getattr(error, "orig", None) or error).strip().split("\n", 1)[0]
