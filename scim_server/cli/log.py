"""`scim-seats log`: who was provisioned, who was left out and why."""

from datetime import UTC, datetime
from typing import Final

import click

from scim_server.cli.left_out import entry_number, retry
from scim_server.cli.output import emit, json_option, opened, table
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
from scim_server.history.people import FAMILY
from scim_server.services.left_out import log as service
from scim_server.services.left_out.log import OUTCOMES
from scim_server.services.organizations import queries as organizations
from scim_server.store.rows.events import Entry


@click.group()
def log() -> None:
    """The provisioning log: what happened to people, and who was left out."""


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
@click.option("--outcome", type=click.Choice(OUTCOMES), help="Only this outcome; rejected: who was left out.")
@click.option(
    "--since", metavar="TIME", callback=_moment, help="Only from this time on (UTC unless it says)."
)
@click.option("--open", "only_open", is_flag=True, help="Only refusals of people who are still left out.")
@click.option(
    "--limit", default=100, show_default=True, type=click.IntRange(1, 10_000), help="Entries at most."
)
@click.option("--before", metavar="ID", help="The next page: entries older than this one.")
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
    """List the log, newest first.

    Example: scim-seats log list acme --outcome rejected --since 2026-03-01
    """
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        found = service.entries(
            database,
            organization.id,
            outcome=outcome,
            since=since,
            before=None if before is None else entry_number(slug, before),
            only_open=only_open,
            limit=limit + 1,
        )
    page = found[:limit]
    more = f"{slug}-{page[-1].sequence}" if len(found) > limit else None
    result = {"entries": [_as_json(slug, entry) for entry in page], "next": more}
    emit(result, as_json=as_json, text=lambda: _print(slug, page, more))


def _as_json(slug: str, entry: Entry) -> dict[str, object]:
    return {
        "id": f"{slug}-{entry.sequence}",
        "at": entry.at,
        "outcome": entry.outcome,
        "person": entry.person,
        "user_name": entry.user_name,
        "way_in": entry.way_in,
        "actor": entry.actor,
        "reason": entry.reason,
        "status": entry.status,
        "detail": entry.detail,
        "attempts": entry.attempts,
        "last_attempt": entry.last_attempt,
        "open": entry.is_open,
        "closed": entry.closed,
        "closed_by": None if entry.closed_by is None else entry.closed_by.removeprefix(FAMILY),
        "override": entry.override,
        "details": entry.details,
        "request_id": entry.request_id,
        "seats": entry.seats,
    }


def _print(slug: str, page: list[Entry], more: str | None) -> None:
    rows = [
        (
            f"{slug}-{entry.sequence}",
            entry.last_attempt[:19] + "Z",
            _words(entry),
            entry.user_name,
            entry.actor,
            reason_in_words(entry),
            entry.attempts,
        )
        for entry in page
    ]
    empty = "Nothing here: nobody was left out." if not page else ""
    table(("id", "last attempt", "outcome", "userName", "by", "reason", "attempts"), rows, empty=empty)
    if more is not None:
        click.echo(f"There are older entries: add --before {more}")


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
"""What has become of a refused person, by the event that closed their entry."""


def _words(entry: Entry) -> str:
    if entry.type != PersonRejected.type or entry.closed is None:
        return entry.outcome
    return f"{entry.outcome}, {_SINCE.get(entry.closed_by or '', 'closed')} since"


def reason_in_words(entry: Entry) -> str:
    """Why, as a word and as it was said, and whether it was done past the queue."""
    why = entry.event.why if isinstance(entry.event, PersonDismissed) else None
    told = [f"{entry.reason}: {why}" if why else entry.reason, "override" if entry.override else None]
    return ", ".join(word for word in told if word)


log.add_command(retry)
