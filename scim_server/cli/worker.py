"""`scim-seats worker`: send mail, apply due changes and do the daily housekeeping."""

from threading import Event

import click

from scim_server import telemetry
from scim_server.cli.output import opened, say
from scim_server.lifetime import stopped_by_signal
from scim_server.store.database.session import Served
from scim_server.worker import loop


@click.command()
@click.option(
    "--once", is_flag=True, help="Do what is due now, without the daily housekeeping, and then stop."
)
def worker(*, once: bool) -> None:
    """Send mail, apply due changes and do the daily housekeeping, until Ctrl-C. Several workers may run.

    SCIM_SEATS_SMTP_URL sets the mail server. Without this setting, mail stays in the database. On SQLite,
    `serve` starts a worker.

    Example: scim-seats worker
    """
    stop = Event()
    # This is done before any other thread exists, because each thread inherits the blocked signals.
    with stopped_by_signal(stop.set):
        _work(stop, once=once)


def _work(stop: Event, *, once: bool) -> None:
    with opened(served=Served()) as (settings, database):
        telemetry.configure(settings.log_level)
        if settings.smtp_url is None:
            say("SCIM_SEATS_SMTP_URL is not set. Mail stays in the database until it is set.", err=True)
        if not once:
            loop.run(settings, database, stop)
        while once and not stop.is_set() and loop.once(settings, database, stop):
            pass
