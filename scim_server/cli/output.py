"""Prints the output of commands: one JSON object for scripts, tables for people, one line for a failure."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scim_server import config
from scim_server.config import Config
from scim_server.printable import escaped, printable
from scim_server.services.billing import commands as billing
from scim_server.services.context import Context
from scim_server.services.organizations import queries as organizations
from scim_server.store.database import schema
from scim_server.store.database.session import OPERATOR, Database, Served
from seat_policy.bill import Order, Upgrade

_AMOUNT: Final = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})*(\.[0-9]+)?")
_NUMBER: Final = re.compile(r"-?[0-9]+")
_CHANGE: Final = re.compile(
    r"(?P<tier>[^=:]+)=\+(?P<added>[0-9]{1,9})|(?P<source>[^=:]+):(?P<target>[^=:]+)=(?P<upgraded>[0-9]{1,9})"
)
_UPGRADE: Final = re.compile(r"([^=:]+)=([0-9]{1,9}):([^=:]+)")

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
create_option = click.option(
    "--create",
    is_flag=True,
    help="Create the SQLite file if it is missing, even if the files next to it show that it held data.",
)


@contextmanager
def opened(
    settings: Config | None = None,
    *,
    creates: bool = False,
    anew: bool = False,
    served: Served | None = None,
) -> Iterator[tuple[Config, Database]]:
    """Open the settings and the database of a command; the tables must be those of this version.

    Args:
        creates: whether a missing SQLite file is created; only true for commands that may create a database.
        anew: whether it is created even if the database held data.
        served: how a command that runs for long uses the database.
    """
    settings = settings or config.load()
    database = billing.opened(
        settings.database_url,
        pool_size=2,
        creates=creates,
        anew=anew,
        served=served,
        public_url=settings.public_url,
    )
    try:
        schema.ensure(database)
        yield settings, database
    finally:
        database.close()


@contextmanager
def in_organization(slug: str) -> Iterator[Context]:
    """Open an organization for a command, with the operator as the actor.

    Raises:
        NotFound: no organization has this slug.
    """
    with opened() as (_, database):
        yield Context(database, organizations.find(database, slug).id, OPERATOR)


def warn_of_loopback(settings: Config) -> None:
    """Warn if providers cannot reach the base URL."""
    if settings.is_loopback:
        say(
            f"Only this machine can reach {settings.public_url}. Set SCIM_SEATS_PUBLIC_URL to the "
            "address where providers reach the server, such as https://scim.example.com.",
            err=True,
        )


def warn_of_private_webhooks() -> None:
    """Warn that requests can reach the inside of the network."""
    say(
        "SCIM_SEATS_PRIVATE_WEBHOOKS is on: webhooks may reach every address of your network, without TLS. "
        "Use it only for development and tests.",
        err=True,
    )


def emit(result: Mapping[str, object], *, as_json: bool, text: Callable[[], None]) -> None:
    """Print a result as JSON, or as text by calling `text`."""
    if as_json:
        click.echo(escaped(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode()))
    else:
        text()


def say(line: str, *, err: bool = False) -> None:
    """Print a line, which may contain names from outside.

    Args:
        err: whether the line goes to standard error.
    """
    click.echo(printable(line), err=err)


def progress(words: str) -> None:
    """Replace the last line of the terminal, without ending it."""
    click.echo(f"\r\x1b[K{printable(words)}", err=True, nl=False)


def say_json(value: object) -> None:
    """Print a value as one line of JSON."""
    click.echo(escaped(orjson.dumps(value).decode()))


def say_all(text: str) -> None:
    """Print text of several lines, in which no name from outside can begin a line."""
    for line in text.split("\n"):
        say(line)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print rows under headings, within the width of the terminal; numbers are aligned to the right.

    Args:
        empty: printed if there are no rows.
    """
    found = [list(row) for row in rows]
    if not found:
        say(empty)
        return
    drawn = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for index, name in enumerate(columns):
        number = any(_is_number(row[index]) for row in found)
        drawn.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in found:
        drawn.add_row(*map(_cell, row))
    # Markup is off because names are user input. Without a terminal, the width is COLUMNS or 80.
    Console(markup=False, highlight=False, soft_wrap=False).print(drawn)


def _is_number(value: object) -> bool:
    return isinstance(value, int) or _AMOUNT.fullmatch(str(value)) is not None


def _cell(value: object) -> Text:
    text = "" if value is None else printable(str(value))
    return Text(text, justify="right" if _is_number(value) else "default")


def minute(moment: str | datetime | None) -> str:
    """A time as every table shows it, such as `2026-03-01 08:30`, in UTC."""
    if moment is None:
        return ""
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return found.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def day(moment: str | None) -> str:
    """The date of a time, in UTC; `never` if there is no time."""
    return minute(moment)[:10] or "never"


def parse_quantities(_context: object, _parameter: object, values: Sequence[str]) -> dict[str, int]:
    """Read TIER=NUMBER values.

    Raises:
        BadParameter: the form is wrong, a tier is given twice, or a number is negative.
    """
    quantities: dict[str, int] = {}
    for value in values:
        tier, sign, number = value.partition("=")
        if not sign or not tier or not _NUMBER.fullmatch(number):
            raise click.BadParameter(f"'{value}' is not of the form TIER=NUMBER, such as standard=50")
        if tier in quantities:
            raise click.BadParameter(f"the tier '{tier}' is given twice")
        if number.startswith("-"):
            raise click.BadParameter(f"'{value}': seats cannot be negative")
        if len(number) > 9:  # noqa: PLR2004 - more seats than people on earth
            raise click.BadParameter(f"'{value}': the number of seats is too large")
        quantities[tier] = int(number)
    return quantities


def parse_upgrades(_context: object, _parameter: object, values: Sequence[str]) -> tuple[Upgrade, ...]:
    """Read TIER=NUMBER:TIER values.

    Raises:
        BadParameter: a value does not have that form.
    """
    return tuple(_upgrade(value) for value in values)


def parse_changes(_context: object, _parameter: object, values: Sequence[str]) -> Order:
    """Read changes of seats. TIER=+NUMBER adds seats, and TIER:TIER=NUMBER upgrades seats.

    Raises:
        BadParameter: a value has neither form, or a tier is given twice.
    """
    adds: dict[str, int] = {}
    upgrades: list[Upgrade] = []
    for value in values:
        found = _CHANGE.fullmatch(value)
        if found is None:
            raise click.BadParameter(
                f"'{value}' must have the form TIER=+NUMBER, such as standard=+5, or "
                "TIER:TIER=NUMBER, such as standard:premium=3"
            )
        if found["added"] is None:
            upgrades.append(Upgrade(int(found["upgraded"]), found["source"], found["target"]))
        elif found["tier"] in adds:
            raise click.BadParameter(f"the tier '{found['tier']}' is given twice")
        else:
            adds[found["tier"]] = int(found["added"])
    return Order(adds, tuple(upgrades))


def _upgrade(value: str) -> Upgrade:
    found = _UPGRADE.fullmatch(value)
    if found is None:
        raise click.BadParameter(f"'{value}' is not of the form TIER=NUMBER:TIER, such as standard=3:premium")
    return Upgrade(int(found[2]), found[1], found[3])


def parse_scheduled(context: object, parameter: object, values: Sequence[str]) -> dict[str, int | None]:
    """Read TIER=NUMBER or TIER=none values.

    Raises:
        BadParameter: as for `parse_quantities`.
    """
    taken_back = [value.removesuffix("=none") for value in values if value.endswith("=none")]
    chosen = [value for value in values if not value.endswith("=none")]
    for tier in taken_back:
        if taken_back.count(tier) > 1 or any(value.startswith(f"{tier}=") for value in chosen):
            raise click.BadParameter(f"the tier '{tier}' is given twice")
    return {**parse_quantities(context, parameter, chosen), **dict.fromkeys(taken_back)}
