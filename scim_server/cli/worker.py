"""`scim-seats worker`: mail, and what time makes due."""

import signal
from threading import Event

import click

from scim_server import telemetry
from scim_server.cli.output import opened
from scim_server.worker import loop


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
def worker(*, once: bool) -> None:
    """Send mail and apply what time makes due, until Ctrl-C. Several may run.

    Mail leaves by SCIM_SEATS_SMTP_URL; without it, it waits.

    Example: scim-seats worker
    """
    stop = Event()
    with opened() as (settings, database):
        telemetry.configure(settings.log_level)
        if settings.smtp_url is None:
            click.echo("SCIM_SEATS_SMTP_URL is not set: mail waits until it is.", err=True)
        if once:
            while loop.once(settings, database):
                pass
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        loop.run(settings, database, stop)
