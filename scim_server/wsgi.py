"""What each worker process of the web server runs."""

import os
import signal
import threading
import time

from flask import Flask

from scim_server import config, telemetry
from scim_server.app import create_app
from scim_server.services import due

_PARENT_CHECK_SECONDS = 0.5


def build() -> Flask:
    """The application of one worker, with its own connections."""
    # Until Granian has set its own handlers, a worker holds its parent's and would swallow the signal.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    settings = config.load()
    telemetry.configure(settings.log_level)
    _end_with(os.getppid())
    return create_app(settings, due.opened(settings.database_url, pool_size=settings.threads + 2))


def _end_with(parent: int) -> None:
    """End this worker when the server process that started it is gone.

    A worker that outlives a killed server keeps the port and shares it with the next one, silently.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_PARENT_CHECK_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
