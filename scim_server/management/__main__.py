"""`python -m scim_server.management PID`: the management listener of the server with this process id."""

import sys
from threading import Event, Thread

from scim_server import config, telemetry
from scim_server.config import Config, ConfigError
from scim_server.lifetime import end_with, stopped_by_signal
from scim_server.management.gauges import Gauges
from scim_server.management.listener import Listener
from scim_server.services.billing import commands as billing
from scim_server.store.database.session import Served
from scim_server.store.errors import StoreError


def main(parent: int) -> None:
    """Listen until a signal, and not longer than the server."""
    stop = Event()
    with stopped_by_signal(stop.set):
        end_with(parent)
        try:
            _listen(config.load(), stop)
        except (ConfigError, StoreError, OSError) as error:
            sys.exit(f"The management listener cannot run: {error}")


def _listen(settings: Config, stop: Event) -> None:
    telemetry.configure(settings.log_level)
    if settings.management is None or settings.metrics_folder is None:
        raise ConfigError("it is started by 'scim-seats serve' only")
    database = billing.opened(
        settings.database_url, pool_size=2, creates=False, served=Served(settings.served_file)
    )
    listener = Listener(settings.management, settings, Gauges(database), settings.metrics_folder)
    Thread(target=listener.serve_forever, name="management", daemon=True).start()
    stop.wait()
    listener.shutdown()
    database.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))
