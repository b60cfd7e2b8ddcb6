"""Turns between processes that write to one SQLite file."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from scim_server.store.database.engines import private


class Turnstile:
    """A lock between processes. While another process waits, no process can take it twice in a row.

    A process that wants the inner lock first takes the outer lock, and keeps it while it waits. The process
    that just released the inner lock therefore gets it later. So a command of the operator waits for at most
    one batch of a busy server.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._files: tuple[BinaryIO, BinaryIO] | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for this process's turn. The turn ends with the block or with the process."""
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
        """The files of the two locks.

        The first turn opens them, so a process that only reads creates none.
        """
        if self._files is None:
            self._files = self._beside("-turn"), self._beside("-lane")
        return self._files

    def _beside(self, suffix: str) -> BinaryIO:
        path = self._database.with_name(self._database.name + suffix)
        return open(path, "ab", opener=private)
