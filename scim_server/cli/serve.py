"""`scim-seats serve` and `scim-seats demo`: run the server, and create a demo organization."""

import errno
import gc
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click
from granian.constants import Interfaces
from granian.server import MPServer

from scim_server import app as loaded_for_web_workers  # noqa: F401 - its memory is shared
from scim_server import config, telemetry
from scim_server.arrival import WAITING_THREADS
from scim_server.cli.companion import Companion
from scim_server.cli.output import (
    create_option,
    emit,
    json_option,
    opened,
    say,
    say_all,
    warn_of_private_webhooks,
)
from scim_server.cli.owner_link import url_of
from scim_server.config import Config, ConfigError
from scim_server.lifetime import accept_signals, default_signals, ignore_signals, pass_over_signals, pause
from scim_server.services.access import commands as access_commands
from scim_server.services.access import queries as access_queries
from scim_server.services.billing.commands import Terms
from scim_server.services.console import commands as console
from scim_server.services.context import Context
from scim_server.services.errors import NoConsoleAccess, UnknownOrganization
from scim_server.services.organizations import commands, queries
from scim_server.services.organizations.commands import NewOrganization
from scim_server.services.seats import queries as seats
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.availability import Availability
from seat_policy.contract import Per

DEMO: Final = "demo"
DEMO_SEATS: Final = {"standard": 3, "premium": 2}
DEMO_OWNER: Final = "owner@example.com"
DEMO_PRICES: Final = {"standard": ("20.00", Per.MONTH), "premium": ("50.00", Per.MONTH)}
RESPAWN_PAUSE_SECONDS: Final = 0.2
DRAIN_SECONDS: Final = 30
"""Seconds that requests in progress may take to finish after Ctrl-C."""


@click.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1 or SCIM_SEATS_HOST]")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port to listen on.  [default: 8080 or SCIM_SEATS_PORT]"
)
@click.option(
    "--workers", type=click.IntRange(1, 64), help="Worker processes.  [default: 2 or SCIM_SEATS_WORKERS]"
)
@click.option(
    "--demo", "with_demo", is_flag=True, help="Create the demo organization first, and show how to use it."
)
@create_option
@click.option(
    "--worker/--no-worker",
    "with_worker",
    default=None,
    help="Also run 'scim-seats worker', as long as the server runs.  [default: on SQLite]",
)
def serve(
    *,
    host: str | None,
    port: int | None,
    workers: int | None,
    with_demo: bool,
    create: bool,
    with_worker: bool | None,
) -> None:
    """Run the web server until Ctrl-C. Requests in progress are finished.

    On SQLite, this command also starts a worker, which sends mail and applies due changes. On PostgreSQL,
    start 'scim-seats worker' yourself.
    """
    settings = config.load(host=host, port=port)
    try:
        _require_free_port(settings.host, settings.port)
    except ConfigError as error:
        raise ConfigError(f"{error}; give another one with --port or PORT=") from error
    telemetry.configure(settings.log_level)
    if settings.private_webhooks:
        warn_of_private_webhooks()
    with opened(settings, creates=True, anew=create) as (_, database):
        if with_worker is None:
            with_worker = database.dialect == "sqlite"
        if with_demo:
            _print_demo(settings, _demo(settings, database))
    _hand_to_workers(settings, database.file_identity)
    server = _Server(
        "scim_server.wsgi:build",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=workers or settings.workers,
        blocking_threads=settings.threads + WAITING_THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=DRAIN_SECONDS,
        websockets=False,
        log_enabled=False,
    )
    server.on_startup(lambda: say(f"Listening on http://{settings.host}:{settings.port} (Ctrl-C stops)"))
    accept_signals()
    os.register_at_fork(after_in_child=default_signals)
    _share_memory()
    with _counting(settings) as listens:
        if with_worker:
            server.companions.append(Companion())
        if listens:
            server.companions.append(Companion("scim_server.management", "management listener"))
        try:
            server.serve()
        finally:
            for companion in server.companions:
                companion.end(DRAIN_SECONDS)
            ignore_signals()


class _Server(MPServer):
    """A Granian server that restarts its workers each time they die, and runs other processes next to them.

    Attributes:
        companions: the processes that start and end together with the web workers.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - passed through
        super().__init__(*arguments, **options)
        self.companions: list[Companion] = []

    def signal_handler_interrupt(self, *_arguments: object, **_options: object) -> None:
        # Operators press Ctrl-C more than once. A handler that interrupts itself would wait for its own lock.
        pass_over_signals()
        self.interrupt_signal = True
        self.main_loop_interrupt.set()

    def _spawn_workers(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - passed through
        super()._spawn_workers(*arguments, **options)  # type: ignore[no-untyped-call]
        for companion in self.companions:
            companion.start()

    def _respawn_workers(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - passed through
        with ExitStack() as apart:
            for companion in self.companions:
                apart.enter_context(companion.apart())
            super()._respawn_workers(*arguments, **options)
        # Granian ends all workers if one dies twice within seconds, so one killed worker could end all
        # others. The pause limits how often the server tries to start a failing worker.
        self.respawned_wrks.clear()
        pause(RESPAWN_PAUSE_SECONDS)

    def shutdown(self, exit_code: int = 0) -> None:
        # The companions are asked to end before the web workers, so that all finish their work at the same
        # time.
        for companion in self.companions:
            companion.dismiss()
        # A worker did not fail if the signal that ends the server also ended the worker.
        if self.interrupt_signal:
            self.interrupt_children.clear()
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]


def _share_memory() -> None:
    """Prepare for web workers that are forked and share the memory of the modules that are loaded now.

    Without this, the garbage collector writes into the shared objects, and each worker soon has its own
    copies.
    """
    gc.collect()
    gc.freeze()


def _hand_to_workers(settings: Config, file: str | None) -> None:
    """Put options of the command line into the environment, from which the new worker processes read them.

    Args:
        file: the identity of the database's file, so that no later worker uses another file.
    """
    os.environ[config.SERVED_FILE] = file or ""
    os.environ[config.METRICS_FOLDER] = ""
    os.environ["SCIM_SEATS_HOST"] = settings.host
    os.environ["SCIM_SEATS_PORT"] = str(settings.port)


@contextmanager
def _counting(settings: Config) -> Iterator[bool]:
    """A folder in which all processes of this server count; yields whether the management listener runs.

    Without another address, a second server on this machine has no listener.
    """
    if settings.management is None:
        yield False
        return
    try:
        _require_free_port(*settings.management)
    except ConfigError as error:
        if settings.management != config.default_management():
            raise ConfigError(f"SCIM_SEATS_MANAGEMENT: {error}") from error
        say(f"No management listener: {error}. Set SCIM_SEATS_MANAGEMENT to another address.", err=True)
        yield False
        return
    with TemporaryDirectory(prefix="scim-seats-metrics-") as folder:
        os.environ[config.METRICS_FOLDER] = folder
        yield True


def _require_free_port(host: str, port: int) -> None:
    """Refuse a port in use.

    Workers share ports, so a second server would silently get half of the requests.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            raise ConfigError(f"port {port} on {host} {reason}") from error


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo organization.

    Attributes:
        secret: the token of its provider.
        console_url: a link for its Owner; None if the organization has no Owner with a seat.
        there: its seats, if an earlier start created it; None for a new one.
    """

    secret: str
    console_url: str | None
    there: Availability | None


@click.command()
@json_option
def demo(*, as_json: bool) -> None:
    """Create the demo organization or find the existing one; print its URL, token, link and commands."""
    with opened(creates=True) as (settings, database):
        found = _demo(settings, database)
    result = {
        "org": DEMO,
        "organization": DEMO,
        "base_url": settings.scim_url(DEMO),
        "token": found.secret,
        "console_url": found.console_url,
    }
    emit(result, as_json=as_json, text=lambda: _print_demo(settings, found))


def _demo(settings: Config, database: Database) -> Demo:
    """The demo organization, with a token that is kept in a file, so that a second start prints the same."""
    kept = settings.data_folder / "demo-token"
    try:
        organization = queries.find(database, DEMO)
    except UnknownOrganization:
        new = NewOrganization(DEMO, DEMO_SEATS, owner=DEMO_OWNER, terms=Terms(prices=DEMO_PRICES))
        founded = commands.create(database, OPERATOR, new)
        _keep(kept, founded.token.secret)
        context = Context(database, founded.organization.id, OPERATOR)
        return Demo(founded.token.secret, _console_url(settings, context), None)
    context = Context(database, organization.id, OPERATOR)
    secret = kept.read_text().strip() if kept.exists() else ""
    if not secret or access_queries.live_token(database, organization.id, secret) is None:
        secret = access_commands.create_token(context, DEMO, numbered=True).secret
        _keep(kept, secret)
    return Demo(secret, _console_url(settings, context), seats.show(context))


def _console_url(settings: Config, context: Context) -> str | None:
    try:
        return url_of(settings, DEMO, console.create_link(context, DEMO_OWNER))
    except NoConsoleAccess:
        return None


def _keep(file: Path, secret: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as opened_file:
        opened_file.write(secret + "\n")


def _this_command() -> str:
    """The text with which the reader can run this command from the current folder."""
    return "scim-seats" if shutil.which("scim-seats") else os.path.relpath(sys.argv[0])


def _print_demo(settings: Config, found: Demo) -> None:
    command = _this_command()
    created = _created() if found.there is None else _found_again(found.there, command)
    say_all(f"""
Demo organization "{DEMO}", {created}

  SCIM base URL  {settings.scim_url(DEMO)}
  Bearer token   {found.secret}""")
    if found.console_url is not None:
        say_all(f"""  Owner's pages  {found.console_url}
                 (this link works once, for 10 minutes; another: {command} owner-link {DEMO} {DEMO_OWNER})""")
    say_all("\nTry it in another terminal:\n")
    say_all(_first_steps(settings, found.secret, command) if found.there is None else _next_steps(command))


def _created() -> str:
    return f"created with {' and '.join(f'{number} {tier}' for tier, number in DEMO_SEATS.items())} seats"


def _found_again(there: Availability, command: str) -> str:
    used = " and ".join(
        f"{one.assigned} of {one.purchased} {one.tier.name} seats in use" for one in reversed(there.tiers)
    )
    waiting = there.waiting_any + sum(one.waiting for one in there.tiers)
    return (
        f"created by an earlier start: {used}, {waiting} waiting.\n"
        f"To create an empty organization: {command} org create NAME --seats standard=3 --seats premium=1"
    )


def _first_steps(settings: Config, secret: str, command: str) -> str:
    base_url = settings.scim_url(DEMO)
    return f"""1. Create a person

  curl -s {base_url}/Users -H "Authorization: Bearer {secret}" \\
    -H "Content-Type: application/scim+json" -d '{{"userName": "ada@example.com"}}'

2. Use all seats. The last people are refused, and the answer gives the reason

  for n in 1 2 3 4 5 6; do curl -s {base_url}/Users -H "Authorization: Bearer {secret}" \\
    -H "Content-Type: application/scim+json" -d "{{\\"userName\\": \\"person$n@example.com\\"}}"; echo; done

3. List the people who were left out. To let them in, use the Owner's pages, or {command} seats add {DEMO}
   standard=5 --yes, then {command} log retry {DEMO} --all

  {command} log list {DEMO} --outcome rejected
"""


def _next_steps(command: str) -> str:
    return f"""1. List the people

  {command} people list {DEMO}

2. Show the seats

  {command} seats show {DEMO}

3. List the people who were left out

  {command} log list {DEMO} --outcome rejected
"""
