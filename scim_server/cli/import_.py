"""`scim-seats import`: move a directory in from a file or from another SCIM server."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from scim_server import config
from scim_server.cli import import_text
from scim_server.cli.failures import Refusal
from scim_server.cli.output import emit, in_organization, json_option, minute, say, table
from scim_server.documents import tables
from scim_server.remote import client as remote
from scim_server.remote.errors import RemoteError
from scim_server.remote.reader import Reader
from scim_server.representations.base import dump
from scim_server.representations.imports import IMPORT, PREVIEW, REPORT
from scim_server.services.context import Context
from scim_server.services.imports import commands, queries
from scim_server.services.imports.commands import Import, Options
from scim_server.services.imports.queries import Preview

_COLUMNS: Final = ("line", "id in the source", "userName", "result", "why")
_PEOPLE: Final = ("created", "here", "different", "updated", "refused", "errors")


class _WithDefault(click.Group):
    """A group whose first argument may be a slug; then it is the command `start`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            return "start", self.commands["start"], args
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or self.commands["start"]


@click.group(name="import", cls=_WithDefault)
def import_() -> None:
    """Move a directory in, with its groups and members, and optionally with its ids.

    Use: scim-seats import SLUG FILE, or scim-seats import SLUG --from URL. The first word may also be one
    of the commands below.
    """


_token_option = click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the token of the other server. Without it, SCIM_SEATS_SOURCE_TOKEN is used, or the "
    "token is asked for.",
)
_left_out_option = click.option(
    "--left-out",
    "csv",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the people who wait or were refused to a CSV file.",
)


@import_.command()
@click.argument("slug")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--from", "url", metavar="URL", help="Read another SCIM server: its base URL.")
@_token_option
@click.option(
    "--keep-ids", is_flag=True, help="People and groups keep their ids, so that providers notice nothing."
)
@click.option(
    "--update", is_flag=True, help="Replace the values of people and groups who are here with other values."
)
@click.option("--dry-run", is_flag=True, help="Only show what would happen, and keep nothing that was read.")
@click.option("--yes", is_flag=True, help="Import without asking.")
@_left_out_option
@json_option
def start(  # noqa: PLR0913 - one parameter per option
    *,
    slug: str,
    file: Path | None,
    url: str | None,
    token_file: Path | None,
    keep_ids: bool,
    update: bool,
    dry_run: bool,
    yes: bool,
    csv: Path | None,
    as_json: bool,
) -> None:
    """Show what an import would do, and do it after a confirmation.

    FILE is CSV with a header (userName; also displayName, givenName, familyName, email, externalId, active,
    tier, groups separated by semicolons, id), JSON Lines with SCIM resources or from 'scim-seats export', a
    JSON array or a SCIM list. People get seats in the order of the source. The same command continues an
    import that was interrupted.

    Example: scim-seats import acme people.csv

    Example: scim-seats import acme --from https://scim.example.com/v2 --token-file token.txt --keep-ids
    """
    if (file is None) is (url is None):
        raise click.UsageError("give a FILE, or the URL of another server with --from")
    if dry_run and yes:
        raise click.UsageError("give --dry-run or --yes, not both")
    options = Options(keep_ids, update)
    with in_organization(slug) as context:
        with _shown(as_json=as_json) as progress:
            job = _read(context, file, url, token_file, options, progress)
        if job.state == "ready" and not yes:
            preview = queries.preview(context, job.id)
            if not _confirm(context, slug, preview, dry_run=dry_run, as_json=as_json):
                return
        _carry_out(context, slug, job, csv, as_json=as_json)


def _read(
    context: Context,
    file: Path | None,
    url: str | None,
    token_file: Path | None,
    options: Options,
    progress: "_Bars",
) -> Import:
    if file is not None:
        return commands.read_file(context, file, options, progress.reading)
    with _reader(str(url), token_file) as reader:
        return commands.read_server(context, reader.client.url, reader, options, progress.reading)


@contextmanager
def _reader(url: str, token_file: Path | None) -> Iterator[Reader]:
    """Another server, with its token from a file, from the environment, or from the terminal."""
    try:
        url = remote.checked_url(url)
    except RemoteError as error:
        raise Refusal("invalid_url", str(error)) from None
    client = remote.Client(url, _token(token_file))
    try:
        yield Reader(client)
    finally:
        client.close()


def _token(token_file: Path | None) -> str:
    if token_file is not None:
        token = token_file.read_text(errors="replace").strip()
    else:
        token = config.load().source_token or ""
    if not token and sys.stdin.isatty():
        token = click.prompt("Token of the other server", hide_input=True).strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise Refusal(
            "token_missing", "give the token of the other server with --token-file or SCIM_SEATS_SOURCE_TOKEN"
        )
    return token


def _confirm(context: Context, slug: str, preview: Preview, *, dry_run: bool, as_json: bool) -> bool:
    """Show a preview; return whether the import goes on."""
    emit(dump(PREVIEW, preview), as_json=as_json, text=lambda: import_text.print_preview(preview))
    if dry_run:
        commands.forget(context, preview.job.id)
        return False
    if not as_json and sys.stdin.isatty() and click.confirm("Import?"):
        return True
    say(
        "Nothing is imported yet. To import, repeat the command with --yes, or use: scim-seats import "
        f"resume {slug} {preview.job.id}",
        err=True,
    )
    return False


def _carry_out(context: Context, slug: str, job: Import, csv: Path | None, *, as_json: bool) -> None:
    with _shown(as_json=as_json) as progress:
        total = queries.report(context, job.id).entries
        for step in commands.run(context, job.id):
            progress.importing(step, total)
    _report(context, slug, job.id, csv, as_json=as_json)


def _report(context: Context, slug: str, job_id: str, csv: Path | None, *, as_json: bool) -> None:
    report = queries.report(context, job_id)
    if csv is not None:
        _write_left_out(context, job_id, csv)
    emit(dump(REPORT, report), as_json=as_json, text=lambda: import_text.print_report(slug, report))


def _write_left_out(context: Context, job_id: str, csv: Path) -> None:
    try:
        with csv.open("w", encoding="utf-8", newline="") as out:
            out.write(tables.BOM + tables.line(_COLUMNS))
            for one in queries.left_out(context, job_id):
                out.write(tables.line((one.line, one.given_id, one.key, one.outcome, one.detail)))
    except OSError as error:
        raise Refusal("file_not_written", f"{csv} cannot be written: {error.strerror}") from None


@import_.command()
@click.argument("slug")
@click.argument("id_", metavar="ID")
@_token_option
@_left_out_option
@json_option
def resume(*, slug: str, id_: str, token_file: Path | None, csv: Path | None, as_json: bool) -> None:
    """Continue an import that was interrupted, or carry out one that was previewed.

    Example: scim-seats import resume acme 5f3a09c1
    """
    with in_organization(slug) as context:
        job = queries.get(context, id_)
        if job.state == "reading" and "://" in job.source:
            with _reader(job.source, token_file) as reader, _shown(as_json=as_json) as progress:
                job = commands.resume_reading(context, id_, reader, progress.reading)
        _carry_out(context, slug, job, csv, as_json=as_json)


@import_.command(name="list")
@click.argument("slug")
@json_option
def list_(*, slug: str, as_json: bool) -> None:
    """List the imports of an organization, newest first."""
    with in_organization(slug) as context:
        found = queries.every(context)
    rows = [(one.id, minute(one.created), one.source, one.state, sum(_done(one).values())) for one in found]
    result = {"data": [dump(IMPORT, one) for one in found], "next_cursor": None}
    columns = ("id", "started", "source", "state", "people")
    emit(result, as_json=as_json, text=lambda: table(columns, rows, empty="No imports."))


def _done(job: Import) -> dict[str, int]:
    return {name: job.counts.get(f"people.{name}", 0) for name in _PEOPLE}


@import_.command()
@click.argument("slug")
@click.argument("id_", metavar="ID")
@_left_out_option
@json_option
def show(*, slug: str, id_: str, csv: Path | None, as_json: bool) -> None:
    """Show the report of an import.

    Example: scim-seats import show acme 5f3a09c1 --left-out left-out.csv
    """
    with in_organization(slug) as context:
        _report(context, slug, id_, csv, as_json=as_json)


@import_.command()
@click.argument("slug")
@click.argument("id_", metavar="ID")
@json_option
def cancel(*, slug: str, id_: str, as_json: bool) -> None:
    """Cancel an import that is not finished. People and groups that were imported stay."""
    with in_organization(slug) as context:
        job = commands.cancel(context, id_)
    emit(dump(IMPORT, job), as_json=as_json, text=lambda: say(f"The import {id_} is cancelled."))


class _Bars:
    """Progress bars on standard error, if it is a terminal."""

    def __init__(self, bars: Progress | None) -> None:
        self._bars = bars
        self._tasks: dict[str, Any] = {}

    def reading(self, kind: str, count: int, total: int | None) -> None:
        """Show how much of a source was read."""
        self._show(f"read: {kind}", count, total)

    def importing(self, job: Import, total: dict[str, int]) -> None:
        """Show how much of an import was carried out."""
        counts = job.counts
        self._show("people", sum(_done(job).values()), total.get("person"))
        if job.phase not in ("schemas", "people"):
            names = ("created", "here", "different", "updated", "errors")
            self._show("groups", sum(counts.get(f"groups.{name}", 0) for name in names), total.get("group"))
            members = sum(n for name, n in counts.items() if name.startswith("members."))
            self._show("members", members, members if job.phase in ("follow", "done") else None)

    def _show(self, name: str, count: int, total: int | None) -> None:
        if self._bars is None:
            return
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=total)
        self._bars.update(self._tasks[name], completed=count, total=total)


@contextmanager
def _shown(*, as_json: bool) -> Iterator[_Bars]:
    console = Console(stderr=True)
    if as_json or not console.is_terminal:
        yield _Bars(None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        yield _Bars(bars)
