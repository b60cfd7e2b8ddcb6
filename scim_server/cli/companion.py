"""Runs processes next to the web server, such as the worker. They live as long as the server."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock
from typing import Final

from scim_server.cli.output import say
from scim_server.lifetime import kept

SHORTEST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 30.0
"""Seconds before a worker is started again.

They are doubled while workers end before the longest pause is over.
"""


class Companion:
    """Keeps one process running. A thread waits for the process and starts the next one when it ends.

    The server forks its web workers. A web worker that is forked while this class starts a process would
    inherit the pipe of that start, and the start would wait until the web worker ends. The method `apart`
    prevents that.
    """

    def __init__(self, module: str = "scim_server.worker", name: str = "worker") -> None:
        """Prepare a process, which is not started yet.

        Args:
            module: the module to run.
            name: its name in messages.
        """
        self._module, self._name = module, name
        self._leaving = Event()
        self._turn = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper = kept(f"{name}-keeper", self._keep)

    def start(self) -> None:
        """Start the worker and keep it running."""
        self._keeper.start()

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Start no worker inside this block."""
        with self._turn:
            yield

    def dismiss(self) -> None:
        """Ask the worker to finish its current work and end; start no other worker."""
        self._leaving.set()
        with self._turn:
            if self._process is not None:
                self._process.terminate()

    def end(self, within_seconds: float) -> None:
        """Wait until the worker has ended; kill the worker if it does not end in time."""
        self.dismiss()
        if self._keeper.ident is None:
            return
        self._keeper.join(within_seconds)
        if self._process is not None:
            self._process.kill()
        self._keeper.join()

    def _keep(self) -> None:
        pause = SHORTEST_PAUSE_SECONDS
        while not self._leaving.is_set():
            began = time.monotonic()
            words = self._one_life()
            if self._leaving.is_set():
                return
            say(f"The {self._name} {words} and is started again.", err=True)
            self._leaving.wait(pause)
            lived_long = time.monotonic() - began >= LONGEST_PAUSE_SECONDS
            pause = SHORTEST_PAUSE_SECONDS if lived_long else min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _one_life(self) -> str:
        """Start a worker, wait until it ends, and return how it ended."""
        with self._turn:
            if self._leaving.is_set():
                return "was dismissed"
            try:
                # After a failure of this thread, the worker may still run.
                if self._process is None or self._process.poll() is not None:
                    self._process = _started(self._module)
            except OSError as error:
                return f"could not be started ({error.strerror})"
        status = self._process.wait()
        return f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"


def _started(module: str) -> subprocess.Popen[bytes]:
    # The worker has its own process group, so Ctrl-C reaches only the server, which then ends both in order.
    # With -P, Python does not import files from the working folder.
    return subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-P", "-m", module, str(os.getpid())],
        stdin=subprocess.DEVNULL,
        process_group=0,
    )
