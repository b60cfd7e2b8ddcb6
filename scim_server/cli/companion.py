"""The worker beside the web server: a process of its own that is there as long as the server is."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Final

import click

SHORTEST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 30.0
"""Before a worker that ended is started again: doubled for each that did not live as long as this."""


class Companion:
    """Keeps one worker running; a thread waits for it and starts the next when it ends.

    The server forks its web workers. One that is forked while this starts a process would inherit the pipe
    by which that is done, and this would wait for as long as the web worker lives: `apart` keeps them apart.
    """

    def __init__(self) -> None:
        self._leaving = Event()
        self._turn = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper = Thread(target=self._keep, name="worker-keeper", daemon=True)

    def start(self) -> None:
        """Start the worker and keep it."""
        self._keeper.start()

    @contextmanager
    def apart(self) -> Iterator[None]:
        """No worker is started meanwhile."""
        with self._turn:
            yield

    def dismiss(self) -> None:
        """Ask the worker to finish what it has begun; no other is started."""
        self._leaving.set()
        with self._turn:
            if self._process is not None:
                self._process.terminate()

    def end(self, within_seconds: float) -> None:
        """Return once the worker is gone; it is killed if it does not end in time."""
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
            click.echo(f"The worker {words}; it is started again.", err=True)
            self._leaving.wait(pause)
            lived_long = time.monotonic() - began >= LONGEST_PAUSE_SECONDS
            pause = SHORTEST_PAUSE_SECONDS if lived_long else min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _one_life(self) -> str:
        """Start a worker and wait until it has ended; how it did."""
        with self._turn:
            if self._leaving.is_set():
                return "was dismissed"
            try:
                self._process = _started()
            except OSError as error:
                return f"could not be started ({error.strerror})"
        status = self._process.wait()
        return f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"


def _started() -> subprocess.Popen[bytes]:
    # In a process group of its own: Ctrl-C reaches the server alone, which then ends both in order.
    # -P: what lies in the working folder is nothing to import.
    return subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-P", "-m", "scim_server.cli", "worker", "--parent", str(os.getpid())],
        stdin=subprocess.DEVNULL,
        process_group=0,
    )
