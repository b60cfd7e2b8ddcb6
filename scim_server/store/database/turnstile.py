"""Turns between processes that write to one SQLite file."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Condition, Thread
from typing import BinaryIO, Final

from scim_server.store.database.engines import private
from scim_server.store.errors import StoreBusy

TURN_SECONDS: Final = 10.0
"""How long a server waits for its turn."""


class Turnstile:
    """A lock between processes. While another process waits, no process can take it twice in a row.

    A process that wants the inner lock first takes the outer lock, and keeps it while it waits. The process
    that just released the inner lock therefore gets it later. So a command of the operator waits for at most
    one batch of a busy server.
    """

    def __init__(self, database: Path, within: float | None = None) -> None:
        """Make a lock next to a database file.

        Args:
            within: how many seconds a turn may be waited for; None for as long as needed.
        """
        self._database = database
        self._within = within
        self._files: tuple[BinaryIO, BinaryIO] | None = None
        self._state = Condition()
        self._waiting = self._wanted = self._taken = False

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for this process's turn. The turn ends with the block or with the process.

        Only one thread of a process may want the turn at a time.

        Raises:
            StoreBusy: another process did not end its turn in time.
        """
        outer, inner = self._opened()
        with self._state:
            waiting = self._waiting
        # A thread that still waits has the same files, so it would share what is taken here.
        if waiting or not _taken_at_once(outer, inner):
            self._wait(outer, inner)
        try:
            yield
        finally:
            fcntl.flock(inner, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the files."""
        for file in self._files or ():
            file.close()

    def _wait(self, outer: BinaryIO, inner: BinaryIO) -> None:
        if self._within is None:
            _take(outer, inner)
            return
        with self._state:
            self._wanted = True
            # After a turn that was not waited for, the thread still waits.
            if not self._waiting:
                self._waiting = True
                Thread(target=self._take_apart, args=(outer, inner), name="turn", daemon=True).start()
            took = self._state.wait_for(lambda: self._taken, self._within)
            self._wanted = self._taken = False
        if not took:
            raise StoreBusy(f"another process has been writing for more than {self._within:g} seconds")

    def _take_apart(self, outer: BinaryIO, inner: BinaryIO) -> None:
        """Take the lock in a thread of its own, because waiting for a file lock cannot be ended."""
        with suppress(ValueError):  # The files were closed meanwhile.
            _take(outer, inner)
            with self._state:
                self._waiting = False
                self._taken = self._wanted
                if not self._wanted:
                    fcntl.flock(inner, fcntl.LOCK_UN)
                self._state.notify_all()

    def _opened(self) -> tuple[BinaryIO, BinaryIO]:
        """The files of the two locks.

        The first turn opens them, so a process that only reads creates none.
        """
        if self._files is None:
            self._files = self._beside("-turn"), self._beside("-lane")
        return self._files

    def _beside(self, suffix: str) -> BinaryIO:
        path = self._database.with_name(self._database.name + suffix)
        return open(path, "ab", opener=private)


def _taken_at_once(outer: BinaryIO, inner: BinaryIO) -> bool:
    """Take the lock if nobody has it and nobody waits for it; else keep what was taken of it."""
    try:
        fcntl.flock(outer, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(inner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(outer, fcntl.LOCK_UN)
    return True


def _take(outer: BinaryIO, inner: BinaryIO) -> None:
    fcntl.flock(outer, fcntl.LOCK_EX)
    try:
        fcntl.flock(inner, fcntl.LOCK_EX)
    finally:
        fcntl.flock(outer, fcntl.LOCK_UN)
