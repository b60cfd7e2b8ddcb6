"""`scim-seats worker`: send mail, apply due changes and do the daily housekeeping."""

from threading import Event

import click

from scim_server import telemetry
from scim_server.cli.output import emit, json_option, opened, say, table, warn_of_private_webhooks
from scim_server.cli.webhook import lag_of
from scim_server.lifetime import stopped_by_signal
from scim_server.representations import webhooks as shapes
from scim_server.representations.base import dump
from scim_server.services.notifications import queries as notifications
from scim_server.services.webhooks import queries
from scim_server.services.webhooks.queries import Scope
from scim_server.store.database.session import OPERATOR, Served
from scim_server.worker import loop


@click.group(invoke_without_command=True)
@click.option(
    "--once", is_flag=True, help="Do what is due now, without the daily housekeeping, and then stop."
)
@click.pass_context
def worker(context: click.Context, *, once: bool) -> None:
    """Send mail and webhooks, apply due changes and do the daily housekeeping, until Ctrl-C.

    Several workers may run. SCIM_SEATS_SMTP_URL sets the mail server. Without this setting, mail stays in
    the database. On SQLite, `serve` starts a worker.

    Example: scim-seats worker
    """
    if context.invoked_subcommand is not None:
        return
    stop = Event()
    # This is done before any other thread exists, because each thread inherits the blocked signals.
    with stopped_by_signal(stop.set):
        _work(stop, once=once)


def _work(stop: Event, *, once: bool) -> None:
    with opened(served=Served()) as (settings, database):
        telemetry.configure(settings.log_level)
        if settings.smtp_url is None:
            say("SCIM_SEATS_SMTP_URL is not set. Mail stays in the database until it is set.", err=True)
        if settings.private_webhooks:
            warn_of_private_webhooks()
        if not once:
            loop.run(settings, database, stop)
        while once and not stop.is_set() and loop.once(settings, database, stop):
            pass


@worker.command()
@json_option
def status(*, as_json: bool) -> None:
    """Show what waits for a worker: mail, and the events of each webhook endpoint with their age.

    Example: scim-seats worker status
    """
    with opened() as (_, database):
        mails = notifications.waiting_mails(database)
        found = queries.states(Scope(database, OPERATOR))
    rows = [
        (one.endpoint.id[:8], one.slug or "all", one.state, one.unread, one.waiting.events, lag_of(one))
        for one in found
    ]

    def text() -> None:
        say(f"Mail waiting: {mails}")
        columns = ("endpoint", "organization", "state", "new events", "waiting", "oldest")
        table(columns, rows, empty="No webhook endpoints.")

    endpoints = [dump(shapes.WebhookEndpoint(), one) for one in found]
    emit({"mails_waiting": mails, "endpoints": endpoints}, as_json=as_json, text=text)
