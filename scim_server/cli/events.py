"""`scim-seats events`: list and follow the public events of an organization, and take a snapshot."""

import time
from collections.abc import Sequence
from typing import Final

import click

from scim_server.cli.output import emit, in_organization, json_option, minute, say, say_json, table
from scim_server.representations.public_events import published
from scim_server.representations.snapshots import lines
from scim_server.services.events import queries
from scim_server.services.events.queries import (
    AT_ONCE,
    LOOKS_EVERY,
    MOST_SECONDS,
    PUBLIC,
    Appended,
    reference,
)

_COLUMNS: Final = ("id", "when", "type", "about", "by")
_types = click.option(
    "--type",
    "types",
    multiple=True,
    type=click.Choice(PUBLIC),
    metavar="TYPE",
    help="Only events of this type.",
)
_after = click.option("--after", "cursor", metavar="CURSOR", help="Continue after this cursor.")


@click.group()
def events() -> None:
    """Public events, as the vendor's app gets them."""


@events.command("list")
@click.argument("slug")
@_after
@_types
@click.option(
    "--limit", type=click.IntRange(1, AT_ONCE), default=50, show_default=True, help="How many events at most."
)
@json_option
def list_(slug: str, *, cursor: str | None, types: Sequence[str], limit: int, as_json: bool) -> None:
    """List events, oldest first. Without a cursor, the list begins with the first event."""
    with in_organization(slug) as context:
        found = queries.after(context, cursor, types=types or PUBLIC, limit=limit)
    result = {"data": published(found.data), "next_cursor": found.cursor, "has_more": found.more}

    def text() -> None:
        table(_COLUMNS, map(_row, found.data), empty="No events.")
        if found.more:
            say(f"There are more events: --after {found.cursor}")

    emit(result, as_json=as_json, text=text)


@events.command()
@click.argument("slug")
@_after
@_types
@click.option("--seconds", type=click.IntRange(1), help="End after this time; usually it does not end.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object in each line.")
def follow(
    slug: str, *, cursor: str | None, types: Sequence[str], seconds: int | None, as_json: bool
) -> None:
    """Print events as they come. Without a cursor, this begins with the next event."""
    until = None if seconds is None else time.monotonic() + seconds
    with in_organization(slug) as context:
        cursor = queries.end(context) if cursor is None else cursor
        while (left := MOST_SECONDS if until is None else until - time.monotonic()) > LOOKS_EVERY:
            found = queries.after(context, cursor, types=types or PUBLIC, wait=min(left, MOST_SECONDS))
            cursor = found.cursor
            for one in found.data:
                if as_json:
                    say_json(published([one])[0])
                else:
                    say("  ".join(text for text in _row(one) if text))


@events.command()
@click.argument("slug")
def snapshot(slug: str) -> None:
    """Print seats, people, groups and members as JSON lines, with the cursor after which events continue.

    The last line has the kind `end`; without it, the snapshot is not complete.
    """
    with in_organization(slug) as context:
        for line in lines(queries.snapshot(context)):
            say_json(line)


def _row(one: Appended) -> tuple[str, ...]:
    id_, name = one.event.subject
    return str(reference(one)), minute(one.at), one.type, name or id_ or "", one.actor
