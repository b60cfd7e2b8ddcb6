"""Processes that end with the server that started them."""

import os
import signal
import threading
import time

_CHECK_SECONDS = 0.5


def default_signals() -> None:
    """Let SIGTERM and SIGINT end this process, until it handles them itself.

    A forked web worker holds its parent's handlers until Granian has set its own: it would swallow what
    comes meanwhile, and the server would wait for it in vain.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def end_with(parent: int) -> None:
    """End this process when its parent is gone, or has gone before this was called.

    A web worker that outlives a killed server keeps the port and shares it with the next one, silently; a
    worker that does would go on beside the next one's.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_CHECK_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
