"""Notices when the file of a SQLite database is deleted, moved, replaced or overwritten under a server.

SQLite goes on with the file that it has opened, even if that file has no name any more. Its writes would be
acknowledged and lost. A new connection would find another database, or an empty one, and a provider would
conclude that nobody exists. So each read and each batch of writes compares the file with the file that the
server was started with.
"""

import os
import time
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from scim_server import metrics
from scim_server.store.database.engines import sqlite
from scim_server.store.errors import DatabaseReplaced, StoreUnavailable
from scim_server.telemetry import log

_HEADER_BYTES: Final = 100
_MAGIC: Final = b"SQLite format 3\0"
_COUNTER: Final = slice(24, 28)
"""The place of the change counter, which SQLite never lowers; an older copy has a lower one."""
_AGAIN_SECONDS: Final = 0.05
_PATIENCE_SECONDS: Final = 30


class Identity(NamedTuple):
    """The device and the inode of a file, and its change counter when it was last read."""

    device: int
    inode: int
    counter: int

    @classmethod
    def read(cls, text: str) -> "Identity":
        """The identity from its text."""
        device, inode, counter = map(int, text.split(":"))
        return cls(device, inode, counter)

    def __str__(self) -> str:
        return ":".join(map(str, self))


def identity(path: Path) -> Identity:
    """The identity of a file to which this process has no open connection.

    POSIX drops the locks of a process on a file as soon as the process closes any descriptor of that file.

    Raises:
        OSError: the file cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        found = os.fstat(descriptor)
        return Identity(found.st_dev, found.st_ino, _counter(descriptor) or 0)
    finally:
        os.close(descriptor)


def _counter(descriptor: int) -> int | None:
    """The change counter of a database file; None if the file is not a database any more."""
    header = os.pread(descriptor, _HEADER_BYTES, 0)
    if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
        return None
    return int.from_bytes(header[_COUNTER])


class Watch:
    """Compares the file of a database, and its write-ahead log, with those that this server uses.

    A connection stays open as long as the watch. While any connection is open, SQLite neither deletes nor
    replaces the log, so another log means that it was deleted.
    """

    def __init__(self, path: Path, expected: str | None) -> None:
        """Begin to watch.

        Args:
            expected: the identity of the file that the server was started with; None for the present file.
        """
        self._path = path
        self._log = Path(f"{os.path.realpath(path)}-wal")
        self._cause: str | None = None
        self._anchor: Any = None
        self._descriptor = -1
        self._written = 0
        self._known = Identity.read(expected) if expected else None
        try:
            self._open()
        except (OSError, sqlite.Error) as error:
            self._fail(f"it cannot be opened ({error})")

    def _open(self) -> None:
        # The descriptor stays open, because closing it would drop the locks of this process on the file.
        self._descriptor = os.open(self._path, os.O_RDONLY)
        found = os.fstat(self._descriptor)
        present = Identity(found.st_dev, found.st_ino, _counter(self._descriptor) or 0)
        known = self._known or present
        self._known = Identity(known.device, known.inode, max(known.counter, present.counter))
        if present[:2] != known[:2]:
            self._fail("it was replaced")
            return
        if present.counter < known.counter:
            self._fail("it was overwritten")
            return
        url = f"file:{quote(str(self._path))}?mode=rw"
        self._anchor = sqlite.connect(url, uri=True, check_same_thread=False, timeout=_PATIENCE_SECONDS)
        self._anchor.execute("PRAGMA journal_mode = WAL")
        self._anchor.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        log_ = self._log.stat()
        self._log_identity = (log_.st_dev, log_.st_ino)

    def verify(self) -> None:
        """Check that the file is still the same. This costs two calls of the system.

        Raises:
            DatabaseReplaced: the file is another one; this is final.
        """
        if self._cause is None:
            self._look()
        if self._cause is not None:
            raise DatabaseReplaced(f"the database file {self._path} is not the one that the server opened")

    def _look(self) -> None:
        try:
            file, log_ = self._path.stat(), self._log.stat()
        except (FileNotFoundError, NotADirectoryError) as error:
            self._fail(f"{error.filename} was deleted or moved")
            return
        except OSError as error:
            raise StoreUnavailable(f"the database file {self._path} cannot be reached: {error}") from error
        if self._known is None or (file.st_dev, file.st_ino) != self._known[:2]:
            self._fail("it was replaced")
        elif (log_.st_dev, log_.st_ino) != self._log_identity:
            self._fail(f"{self._log} was replaced")
        elif file.st_mtime_ns != self._written:
            self._look_inside(file.st_mtime_ns)

    def _look_inside(self, written: int) -> None:
        """Look at the change counter, because SQLite has written the file, or a program that copies files."""
        known = self._known
        counter = _counter(self._descriptor)
        if known is not None and (counter is None or counter < known.counter):
            # SQLite may be writing these bytes now.
            time.sleep(_AGAIN_SECONDS)
            counter = _counter(self._descriptor)
            if counter is None or counter < known.counter:
                self._fail("it was overwritten")
                return
        if known is not None and counter is not None:
            self._known = Identity(known.device, known.inode, counter)
        self._written = written

    def _fail(self, cause: str) -> None:
        if self._cause is None:
            self._cause = cause
            metrics.event("database_file_replaced")
            log.error(
                "the database file is not the one that the server was started with; until the server is "
                "started again, every request is answered 503",
                file=str(self._path),
                cause=cause,
            )

    def close(self) -> None:
        """Stop watching. The other connections of this process must be closed already."""
        if self._anchor is not None:
            self._anchor.close()
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
