"""The end of the server's processes: in order, once, and not later than that of the server."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_CHECK_SECONDS: Final = 0.5
_END_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def default_signals() -> None:
    """Let SIGTERM and SIGINT end this process, until it handles them itself.

    A forked web worker has its parent's handlers until Granian has set its own: signals in between would have
    no effect, and the server would wait for the worker without end.
    """
    for number in _END_SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def accept_signals() -> None:
    """Let SIGTERM and SIGINT reach this process, even if the process that started it had blocked them.

    A blocked signal stays blocked in every child. Only SIGKILL could then end the server.
    """
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _END_SIGNALS)


def pass_over_signals() -> None:
    """Let further SIGTERM and SIGINT change nothing: this process is ending.

    A handler that does nothing, not SIG_IGN: Python reports an error for a signal that came just before that.
    """
    for number in _END_SIGNALS:
        signal.signal(number, lambda _number, _frame: None)


def ignore_signals() -> None:
    """Ignore SIGTERM and SIGINT while Python ends, because it removes other handlers before its end."""
    for number in _END_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def on_end_signal(act: Callable[[int], None]) -> None:
    """Call `act` with the first SIGTERM or SIGINT, in a thread; later signals change nothing.

    A terminal, or a service manager, sends its signal to every process of the server, and the server then
    sends its own to each worker: two at the same time. If a Python signal handler interrupts itself
    while it sets a `threading.Event`, it waits forever for its own lock. Here no handler runs: the
    signals are blocked in every thread, and one thread waits for the first.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _END_SIGNALS)
    threading.Thread(target=lambda: act(signal.sigwait(_END_SIGNALS)), name="end-signal", daemon=True).start()


@contextmanager
def stopped_by_signal(act: Callable[[], None]) -> Iterator[None]:
    """Call `act` at the first SIGTERM or SIGINT while the context is open, in a thread; ignore later signals.

    If none comes, the signals afterwards have their earlier effect.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _END_SIGNALS)
    over = threading.Event()

    def wait() -> None:
        signal.sigwait(_END_SIGNALS)
        if not over.is_set():
            act()

    waiting = threading.Thread(target=wait, name="end-signal", daemon=True)
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
    """Run this process's handler of a signal; without a handler, end at once."""
    handler = signal.getsignal(number)
    if callable(handler):
        handler(number, None)
    else:
        os._exit(0)


def end_with(parent: int) -> None:
    """End this process when its parent has ended, even if that happened before this call.

    A web worker that outlives a killed server keeps the port and silently shares it with the next one;
    another worker would continue next to that of the next server.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_CHECK_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
