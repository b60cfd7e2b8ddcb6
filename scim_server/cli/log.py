"""`scim-seats log`: show what happened to people, and why."""

from datetime import UTC, datetime
from typing import Final

import click

from scim_server.cli.output import emit, in_organization, json_option, minute, say, table
from scim_server.history import (
    GroupDeleted,
    GroupUpdated,
    MappingRemoved,
    MappingSaved,
    PersonActivated,
    PersonCreated,
    PersonDeleted,
    PersonDeprovisioned,
    PersonDismissed,
    PersonPromoted,
    PersonProvisioned,
    PersonQueued,
    PersonRejected,
    PersonRestored,
)
from scim_server.representations.base import listing
from scim_server.representations.events import EVENT
from scim_server.services.left_out import queries
from scim_server.services.left_out.queries import OUTCOMES, Logged, Page
from scim_server.store.rows.events import Entry


@click.group()
def log() -> None:
    """The provisioning log: what happened to people."""


def _moment(_context: object, _parameter: object, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(
            f"'{value}' is not a time such as 2026-03-01 or 2026-03-01T08:30:00Z"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@log.command(name="list")
@click.argument("slug")
@click.option(
    "--outcome", type=click.Choice(OUTCOMES), help="Show only entries with this outcome, such as rejected."
)
@click.option(
    "--since",
    metavar="TIME",
    callback=_moment,
    help="Show only entries from this time on. A time without a zone is UTC.",
)
@click.option(
    "--open", "only_open", is_flag=True, help="Show only refusals of people who are still left out."
)
@click.option(
    "--limit",
    default=100,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help="Maximum number of entries.",
)
@click.option("--before", metavar="ID", help="Show the next page: only entries older than this one.")
@json_option
def list_(  # noqa: PLR0913 - one parameter per option
    *,
    slug: str,
    outcome: str | None,
    since: datetime | None,
    only_open: bool,
    limit: int,
    before: str | None,
    as_json: bool,
) -> None:
    """List the entries of the log, newest first.

    Example: scim-seats log list acme --outcome rejected --since 2026-03-01
    """
    with in_organization(slug) as context:
        page = queries.log(
            context, outcome=outcome, since=since, before=before, only_open=only_open, limit=limit
        )
    emit(listing(EVENT, page), as_json=as_json, text=lambda: _print(page))


def _print(page: Page[Logged]) -> None:
    rows = [
        (
            one.reference,
            minute(one.entry.last_attempt),
            _words(one),
            one.entry.user_name,
            one.entry.actor,
            reason_in_words(one.entry),
            one.entry.attempts,
        )
        for one in page.data
    ]
    table(("id", "when", "outcome", "userName", "by", "reason", "tries"), rows, empty="No entries.")
    if page.next_cursor is not None:
        say(f"For older entries add --before {page.next_cursor}")


_SINCE: Final = {
    PersonProvisioned.type: "let in",
    PersonPromoted.type: "let in",
    PersonRestored.type: "let in",
    PersonQueued.type: "in the queue",
    PersonCreated.type: "here without a seat",
    PersonActivated.type: "here without a seat",
    PersonDismissed.type: "dismissed",
    PersonDeprovisioned.type: "deactivated",
    PersonDeleted.type: "deleted",
    GroupUpdated.type: "group changed",
    GroupDeleted.type: "group deleted",
    MappingSaved.type: "mapping changed",
    MappingRemoved.type: "mapping removed",
}
"""How a refusal ended, by the type of the event that closed it."""


def _words(one: Logged) -> str:
    if one.entry.type != PersonRejected.type or one.entry.closed is None:
        return one.outcome
    return f"{one.outcome}, {_SINCE.get(one.entry.closed_by or '', 'closed')} since"


def reason_in_words(entry: Entry) -> str:
    """The reason as a word, an admin's own words, and whether an admin ignored the queue."""
    why = entry.event.why if isinstance(entry.event, PersonDismissed) else None
    words = [f"{entry.reason}: {why}" if why else entry.reason, "override" if entry.override else None]
    return ", ".join(word for word in words if word)
