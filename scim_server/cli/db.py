"""`scim-seats db`: upgrade the tables and check their contents."""

import sys

import click

from scim_server import config
from scim_server.cli.output import create_option, emit, json_option, opened, say, table
from scim_server.services.billing import commands as billing
from scim_server.store.database import check as store_check
from scim_server.store.database import schema
from scim_server.store.database.check import Problem
from scim_server.store.database.session import timestamp


@click.group()
def db() -> None:
    """Upgrade, check, back up or restore the database."""


@db.command()
@create_option
@json_option
def upgrade(*, create: bool, as_json: bool) -> None:
    """Upgrade the tables to this version. On SQLite, stop the server first."""
    database = billing.opened(config.load().database_url, pool_size=2, anew=create)
    try:
        before, now = schema.upgrade(database)
    finally:
        database.close()
    if before == now:
        words = f"is already up to date, at revision {now}"
    elif before is None:
        words = f"had no tables and is now at revision {now}"
    else:
        words = f"was upgraded from revision {before} to {now}"
    text = f"The database {database.place} {words}."
    emit({"from": before, "to": now}, as_json=as_json, text=lambda: say(text))


@db.command()
@json_option
def check(*, as_json: bool) -> None:
    """Check every counter against the rows and the history.

    Nothing is changed; the server may be running.
    """
    with opened() as (_, database), database.snapshot() as connection:
        found = store_check.problems(connection, timestamp(database.now()))
    result = {"sound": not found, "problems": problems_as_json(found)}
    emit(result, as_json=as_json, text=lambda: print_problems(found))
    sys.exit(1 if found else 0)


def problems_as_json(found: list[Problem]) -> list[dict[str, str]]:
    """The faults of a database, for scripts."""
    return [
        {
            "problem": problem.what,
            "org": problem.organization,
            "where": problem.where,
            "found": problem.found,
            "expected": problem.expected,
        }
        for problem in found
    ]


def print_problems(found: list[Problem]) -> None:
    """Print the faults of a database as a table."""
    rows = [(p.organization, p.where, p.what, p.found, p.expected) for p in found]
    columns = ("organization", "where", "problem", "found", "expected")
    table(columns, rows, empty="The database is consistent.")
