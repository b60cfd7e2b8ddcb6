"""`python -m scim_server.worker PID`: the worker that a server with this process id runs next to itself.

It does the same as the command `scim-seats worker`, but loads only what it needs, because it uses memory as
long as the server runs.
"""

import sys
from threading import Event

from scim_server import config, metrics, telemetry
from scim_server.config import ConfigError
from scim_server.lifetime import end_with, stopped_by_signal
from scim_server.services.billing import commands as billing
from scim_server.store.database.session import Served
from scim_server.store.errors import StoreError
from scim_server.worker import loop


def main(parent: int) -> None:
    """Work until a signal, and not longer than the server."""
    stop = Event()
    # This is done before any other thread exists, because each thread inherits the blocked signals.
    with stopped_by_signal(stop.set):
        end_with(parent)
        try:
            _work(stop)
        except (ConfigError, StoreError) as error:
            sys.exit(str(error))


def _work(stop: Event) -> None:
    settings = config.load()
    telemetry.configure(settings.log_level)
    metrics.count_in(settings.metrics_folder)
    database = billing.opened(
        settings.database_url,
        pool_size=2,
        creates=False,
        public_url=settings.public_url,
        served=Served(settings.served_file),
    )
    try:
        loop.run(settings, database, stop)
    finally:
        database.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))
