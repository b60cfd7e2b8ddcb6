"""The program of each web worker process."""

import os

from flask import Flask

from scim_server import arrival, config, metrics, telemetry
from scim_server.app import create_app
from scim_server.lifetime import default_signals, end_as_handled, end_with, on_end_signal
from scim_server.services.billing import commands as billing
from scim_server.store.database.session import Served


def build() -> Flask:
    """Build the application of one worker, with its own connections."""
    default_signals()
    on_end_signal(end_as_handled)
    settings = config.load()
    telemetry.configure(settings.log_level, for_good=True)
    metrics.count_in(settings.metrics_folder)
    end_with(os.getppid())
    database = billing.opened(
        settings.database_url,
        pool_size=settings.threads + 2,
        creates=False,
        prepared=settings.prepared_statements,
        public_url=settings.public_url,
        served=Served(settings.served_file, most_waiting=max(1, settings.threads // 2)),
    )
    arrivals = arrival.Arrivals(settings.threads)
    arrival.install(arrivals)
    return create_app(settings, database, arrivals)
