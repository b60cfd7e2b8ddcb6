"""`scim-seats webhook log|replay|test`: what was sent, and sending it again."""

from datetime import datetime
from typing import Final

import click

from scim_server.cli.output import emit, json_option, minute, opened, say, table
from scim_server.cli.webhook import PREVIEW, policy, scope_of
from scim_server.history import PersonProvisioned
from scim_server.representations import webhooks as shapes
from scim_server.representations.base import dump, listing
from scim_server.representations.messages import request_of
from scim_server.services.organizations import queries as organizations
from scim_server.services.webhooks import commands, queries
from scim_server.services.webhooks.commands import Range, Scope
from scim_server.services.webhooks.queries import Entry, Filter, Page

_MOST: Final = 200


@click.command()
@click.argument("endpoint")
@click.option("--org", "slug", help="Only events of this organization.")
@click.option("--message", help="Only the attempts for the message with this id, in full.")
@click.option("--failed", is_flag=True, help="Only attempts that did not deliver.")
@click.option("--limit", type=click.IntRange(1, _MOST), default=50, show_default=True)
@click.option("--cursor", help="Continue a list.")
@json_option
def log(  # noqa: PLR0913 - one parameter for each option
    *,
    endpoint: str,
    slug: str | None,
    message: str | None,
    failed: bool,
    limit: int,
    cursor: str | None,
    as_json: bool,
) -> None:
    """List the attempts of the last 30 days, newest first.

    Example: scim-seats webhook log 0b9c5a10 --failed
    """
    with opened() as (_, database):
        scope = scope_of(database)
        organization = None if slug is None else organizations.find(database, slug).id
        wanted = Filter(organization, message, failed)
        page = queries.log(scope, endpoint, wanted, cursor=cursor, limit=limit)
    result = listing(shapes.WebhookDeliveryForOperators(), page)

    def text() -> None:
        if message is None:
            _print_attempts(page)
            return
        for entry in page.data:
            _print_attempt(entry)

    emit(result, as_json=as_json, text=text)


def _print_attempts(page: Page[Entry]) -> None:
    rows = [
        (
            minute(one.attempt.at),
            f"{one.slug}-{one.attempt.events[0]}",
            one.attempt.outcome,
            one.attempt.status or one.attempt.failure,
            f"{one.attempt.milliseconds} ms",
            minute(one.attempt.next_attempt),
            one.attempt.message,
        )
        for one in page.data
    ]
    columns = ("at", "event", "outcome", "answer", "time", "next attempt", "message")
    table(columns, rows, empty="No attempts in the last 30 days.")
    if page.next_cursor:
        say(f"Continue with --cursor {page.next_cursor}")


def _print_attempt(entry: Entry) -> None:
    one = entry.attempt
    say(f"{minute(one.at)}  {one.outcome}  {one.status or one.failure}  {one.milliseconds} ms")
    say(f"POST {one.url}")
    for name, value in one.request.items():
        say(f"{name}: {value}")
    say("")
    say(one.request_body)
    say("")
    if one.cause is not None:
        say(f"Cause: {one.cause}")
    for name, value in one.headers.items():
        say(f"{name}: {value}")
    say("")
    say(one.body + (" (truncated)" if one.truncated else ""))
    say("")


@click.command()
@click.argument("endpoint")
@click.option("--message", help="The message with this id.")
@click.option("--org", "slug", help="The organization of --first and --last, for an endpoint of all.")
@click.option("--first", type=click.IntRange(1), help="All events from this number on.")
@click.option("--last", type=click.IntRange(1), help="All events up to this number.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z"]),
    help="All events at or after this time, such as 2026-03-01T08:00:00Z.",
)
@click.option("--yes", is_flag=True, help="Deliver the events again. Without this option, only count them.")
@json_option
def replay(  # noqa: PLR0913 - one parameter for each option
    *,
    endpoint: str,
    message: str | None,
    slug: str | None,
    first: int | None,
    last: int | None,
    since: datetime | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Deliver events again: a message of the log, a range of numbers, or all after a time.

    The messages have the same ids as before.

    Example: scim-seats webhook replay 0b9c5a10 --since 2026-03-01T08:00:00Z --yes
    """
    if sum((message is not None, since is not None, first is not None or last is not None)) != 1:
        raise click.UsageError("give one of --message, --since, or --first and --last")
    with opened() as (_, database):
        scope = scope_of(database)
        if message is not None:
            number = commands.replay_message(scope, endpoint, message, preview=not yes)
        elif since is not None:
            ranges = queries.ranges_since(scope, endpoint, since)
            number = commands.replay(scope, endpoint, ranges, preview=not yes)
        else:
            ranges = [Range(_organization_of(scope, endpoint, slug), first or 1, last)]
            number = commands.replay(scope, endpoint, ranges, preview=not yes)

    def text() -> None:
        if yes:
            say(f"{number} events are delivered again.")
        else:
            say(f"{number} events would be delivered again.")
            say(f"{PREVIEW} deliver them.")

    emit(shapes.replayed(endpoint, number, preview=not yes), as_json=as_json, text=text)


def _organization_of(scope: Scope, endpoint: str, slug: str | None) -> str:
    """The organization whose events have numbers."""
    own = queries.state(scope, endpoint).endpoint.organization
    if own is not None:
        return own
    if slug is None:
        raise click.UsageError("the endpoint is for all organizations; give one of them with --org")
    return organizations.find(scope.database, slug).id


@click.command(name="test")
@click.argument("endpoint")
@click.option("--type", "type_", default=PersonProvisioned.type, show_default=True, help="Type of event.")
@json_option
def test(*, endpoint: str, type_: str, as_json: bool) -> None:
    """Send an example of an event at once, and print the answer. It is not in the log.

    Example: scim-seats webhook test 0b9c5a10 --type person.queued
    """
    with opened() as (_, database):
        parcel = queries.example(scope_of(database), endpoint, type_)
        headers, body = request_of(parcel, database.now())
    answer = policy().post(parcel.endpoint.url, headers, body)

    def text() -> None:
        say(f"POST {parcel.endpoint.url}")
        say(body.decode())
        say(f"{answer.status or answer.failure} in {answer.milliseconds} ms")
        if answer.cause is not None:
            say(f"Cause: {answer.cause}")
        say(answer.body)

    sent = {"request_headers": headers, "request_body": body.decode()}
    emit({**dump(shapes.WebhookTest(), answer), **sent, "cause": answer.cause}, as_json=as_json, text=text)
