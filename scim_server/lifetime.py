"""Ends the processes of the server in order, each only once and not later than the server."""

import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from scim_server import metrics
from scim_server.telemetry import log

ENDING: Final = threading.Event()
"""Set when this process was asked to end. Requests that only wait are then answered at once."""
_CHECK_SECONDS: Final = 0.5
_AGAIN_SECONDS: Final = 1.0
"""Seconds until a thread that failed goes on."""
_END_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def pause(seconds: float) -> None:
    """Wait, also while the clock is set.

    `time.sleep` waits until a time that it computes. If the clock steps between, it may raise OSError.
    """
    select.poll().poll(seconds * 1000)


def kept(name: str, act: Callable[[], None]) -> threading.Thread:
    """A daemon thread, not yet started, that runs `act` again after each failure, until `act` returns.

    The server would otherwise go on without the thread, and nobody would notice.
    """

    def run() -> None:
        while True:
            try:
                act()
            except Exception as error:  # noqa: BLE001 - no failure may end the thread
                metrics.event("thread_failed")
                log.error(
                    "a thread failed and goes on", thread=name, cause=f"{type(error).__name__}: {error}"
                )
                with suppress(OSError):
                    pause(_AGAIN_SECONDS)
            else:
                return

    return threading.Thread(target=run, name=name, daemon=True)


def default_signals() -> None:
    """Let SIGTERM and SIGINT end this process until the process sets its own handlers.

    A forked web worker has the handlers of its parent until Granian has set new ones. Signals before that
    would have no effect, and the server would wait for the worker forever.
    """
    for number in _END_SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def accept_signals() -> None:
    """Let SIGTERM and SIGINT reach this process, even if the process that started it had blocked them.

    A blocked signal stays blocked in every child. Only SIGKILL could then end the server.
    """
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _END_SIGNALS)


def pass_over_signals() -> None:
    """Let further SIGTERM and SIGINT have no effect, because this process is already ending.

    The handler is a function that does nothing. With SIG_IGN, Python would report an error for a signal that
    arrived just before.
    """
    for number in _END_SIGNALS:
        signal.signal(number, lambda _number, _frame: None)


def ignore_signals() -> None:
    """Ignore SIGTERM and SIGINT while Python ends, because Python removes other handlers before its end."""
    for number in _END_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def on_end_signal(act: Callable[[int], None]) -> None:
    """Call `act` in a thread at the first SIGTERM or SIGINT; later signals have no effect.

    A terminal or a service manager sends a signal to every process of the server, and the server then sends
    another signal to each worker. Two signals may therefore arrive at the same time. If a Python signal
    handler interrupts itself while it sets a `threading.Event`, it waits forever for its own lock. Here no
    handler runs. The signals are blocked in every thread, and one thread waits for the first signal.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _END_SIGNALS)
    kept("end-signal", lambda: act(signal.sigwait(_END_SIGNALS))).start()


@contextmanager
def stopped_by_signal(act: Callable[[], None]) -> Iterator[None]:
    """Call `act` in a thread at the first SIGTERM or SIGINT inside this block; ignore later signals.

    If there was no signal, the signals have their earlier effect again after the block.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _END_SIGNALS)
    over = threading.Event()

    def wait() -> None:
        signal.sigwait(_END_SIGNALS)
        if not over.is_set():
            act()

    waiting = kept("end-signal", wait)
    waiting.start()
    try:
        yield
    finally:
        over.set()
        if waiting.is_alive() and waiting.ident is not None:
            signal.pthread_kill(waiting.ident, signal.SIGTERM)
            waiting.join()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_as_handled(number: int) -> None:
    """Run this process's handler of a signal; if there is no handler, end the process at once."""
    ENDING.set()
    handler = signal.getsignal(number)
    if callable(handler):
        handler(number, None)
    else:
        os._exit(0)


def end_with(parent: int) -> None:
    """End this process when its parent has ended, even if the parent ended before this call.

    A web worker that outlives a killed server would keep the port and silently share it with the next server.
    The worker for due changes would run in addition to the next server's own worker.
    """

    def watch() -> None:
        while os.getppid() == parent:
            pause(_CHECK_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    kept("parent-watch", watch).start()
