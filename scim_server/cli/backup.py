"""`scim-seats db backup` and `scim-seats db restore`."""

import sys
from pathlib import Path

import click

from scim_server import config
from scim_server.cli.db import print_problems, problems_as_json
from scim_server.cli.output import emit, json_option, opened, progress, say
from scim_server.services.billing import commands as billing
from scim_server.store.database import backup as copies
from scim_server.store.database.backup import Copied
from scim_server.store.database.session import Database

_FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.command()
@_FILE
@json_option
def backup(file: Path, *, as_json: bool) -> None:
    """Copy the database to a new FILE, and check the copy. The server may be running.

    The copy is one SQLite file with one consistent state. It contains everything, including secrets of
    integrations, so keep it where only operators can read it.
    """
    with opened() as (_, database):
        copied = copies.back_up(database, file.absolute(), _opened, _progress)
    _report(copied, as_json=as_json, file=file, done=f"The database {copied.place} was copied to {file}")


@click.command()
@_FILE
@json_option
def restore(file: Path, *, as_json: bool) -> None:
    """Fill the empty database of SCIM_SEATS_DATABASE_URL from FILE, and check it.

    FILE may come from SQLite or PostgreSQL, and from an older version. A database with organizations is
    refused. Nobody stays signed in at the console. Tokens that were revoked after the copy are active again:
    revoke them again.
    """
    copied = copies.restore(file.absolute(), config.load().database_url, _opened, _progress)
    _report(copied, as_json=as_json, file=file, done=f"The database {copied.place} was restored from {file}")


def _opened(url: str) -> Database:
    # A restoration takes the place of a lost file, so it may create the file again.
    return billing.opened(url, pool_size=2, anew=True)


def _progress(table: str, rows: int) -> None:
    """Show the progress on a terminal; scripts get the result only."""
    if sys.stderr.isatty():
        progress(f"{rows:,} rows of {table}")


def _report(copied: Copied, *, as_json: bool, file: Path, done: str) -> None:
    if sys.stderr.isatty():
        progress("")
    result = {
        "file": str(file),
        "bytes": file.stat().st_size,
        "rows": dict(copied.rows),
        "sound": not copied.problems,
        "problems": problems_as_json(copied.problems),
    }
    rows = copied.rows

    def text() -> None:
        say(
            f"{done}: {rows['organizations']:,} organizations, {rows['people']:,} people, "
            f"{rows['events']:,} events."
        )
        print_problems(copied.problems)

    emit(result, as_json=as_json, text=text)
    sys.exit(1 if copied.problems else 0)
