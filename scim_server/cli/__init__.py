"""The command `scim-seats`."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager

import click

from scim_server.cli import failures
from scim_server.cli.api_key import api_key
from scim_server.cli.backup import backup, restore
from scim_server.cli.config_check import config_
from scim_server.cli.contract import contract, renew
from scim_server.cli.db import db
from scim_server.cli.domain import domain
from scim_server.cli.events import events
from scim_server.cli.export import export
from scim_server.cli.forecast import forecast, housekeeping
from scim_server.cli.import_ import import_
from scim_server.cli.invitation import invitation, invite
from scim_server.cli.invoice import invoice
from scim_server.cli.left_out import left_out, retry, waiting
from scim_server.cli.log import log
from scim_server.cli.mapping import mapping
from scim_server.cli.org import org
from scim_server.cli.owner_link import owner_link
from scim_server.cli.people import people
from scim_server.cli.quote import quote
from scim_server.cli.reclaim import drift, idle
from scim_server.cli.removals import removals
from scim_server.cli.schema import schema
from scim_server.cli.seat_request import seat_request
from scim_server.cli.seats import seats
from scim_server.cli.serve import demo, serve
from scim_server.cli.simulate import simulate
from scim_server.cli.sso import sso
from scim_server.cli.token import token
from scim_server.cli.webhook import webhook
from scim_server.cli.webhook_log import log as webhook_log
from scim_server.cli.webhook_log import replay, test
from scim_server.cli.worker import worker
from scim_server.printable import printable


@contextmanager
def _usage_errors_printable() -> Iterator[None]:
    """Make the message of a usage error printable, because it repeats arguments, which may be pasted text."""
    try:
        yield
    except click.ClickException as error:
        vars(error)["message"] = printable(error.message)
        raise


class _Commands(click.Group):
    """A group of commands that turns a failure into one line on standard error and exit status 1."""

    given: tuple[str, ...] = ()

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Refuse arguments that are not valid text, before any use of them."""
        self.given = tuple(args)
        for argument in args:
            if not argument.isascii() and any("\ud800" <= letter <= "\udfff" for letter in argument):
                raise click.UsageError("an argument is not valid UTF-8", context)
        with _usage_errors_printable():
            return super().parse_args(context, args)

    def invoke(self, context: click.Context) -> object:
        try:
            with _usage_errors_printable():
                return super().invoke(context)
        except failures.FAILURES as error:
            failures.report(error, as_json="--json" in self.given)
            context.exit(1)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="scim-seats", prog_name="scim-seats")
def main() -> None:
    """A SCIM 2.0 server that enforces a plan's seats.

    The variable SCIM_SEATS_DATABASE_URL sets the database (default: a SQLite file under ./data).
    """


for group in (
    serve,
    worker,
    demo,
    db,
    config_,
    org,
    owner_link,
    sso,
    domain,
    invite,
    invitation,
    people,
    mapping,
    seats,
    contract,
    quote,
    invoice,
    renew,
    left_out,
    waiting,
    seat_request,
    simulate,
    import_,
    export,
    removals,
    log,
    events,
    token,
    api_key,
    webhook,
    schema,
    housekeeping,
):
    main.add_command(group)
seats.add_command(forecast)
for one in (drift, idle):
    people.add_command(one)
log.add_command(retry)
for one in (test, webhook_log, replay):
    webhook.add_command(one)
for one in (backup, restore):
    db.add_command(one)


def _summarise(command: click.Command) -> None:
    """Show the whole summary of each command in lists of commands; click would shorten it to one line."""
    summary = inspect.cleandoc(command.help or "").partition("\n\n")[0]
    command.short_help = " ".join(summary.split()).removesuffix(".")
    if isinstance(command, click.Group):
        for part in command.commands.values():
            _summarise(part)


_summarise(main)
