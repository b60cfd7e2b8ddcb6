"""`scim-seats left-out` and `waiting`: who has no seat, and letting them in."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import click

from scim_server.cli.bought import as_json_bought, print_bought, print_done, repeated_words
from scim_server.cli.output import emit, json_option, opened, printable, table
from scim_server.services.errors import OperatorError
from scim_server.services.left_out import let_in as service
from scim_server.services.left_out.let_in import Cleared, LeftOut, Retried
from scim_server.services.organizations import queries as organizations
from scim_server.store.database.session import OPERATOR
from scim_server.store.rows.people import Person
from scim_server.store.rows.refusals import Refusal

_MOST_DIGITS = 18


def entry_number(slug: str, reference: str) -> int:
    """The number of a log entry, from its id such as acme-12.

    Raises:
        OperatorError: it is none.
    """
    text = reference.removeprefix(f"{slug}-")
    if not text.isascii() or not text.isdecimal() or len(text) > _MOST_DIGITS:
        raise OperatorError(f"'{reference}' is not an entry's id, such as {slug}-12")
    return int(text)


@click.group(name="left-out")
def left_out() -> None:
    """People without the seat they want: list them, let them in, dismiss them."""


@click.group()
def waiting() -> None:
    """The queue: people who wait for a seat."""


def _waiting(place: int, person: Person) -> dict[str, object]:
    return {
        "place": place,
        "person": person.id,
        "user_name": person.user_name,
        "wants": person.wants,
        "tier": person.tier,
        "since": person.waiting_since,
        "priority": person.priority,
        "way_in": person.way_in,
    }


_QUEUE = ("place", "userName", "wants", "has", "since", "priority")


def _queue_row(place: int, person: Person) -> tuple[object, ...]:
    since = (person.waiting_since or "")[:19] + "Z"
    return place, person.user_name, person.wants, person.tier, since, person.priority


@waiting.command(name="list")
@click.argument("slug")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1, 100_000), help="At most.")
@json_option
def list_waiting(*, slug: str, limit: int, as_json: bool) -> None:
    """List who waits, in the order in which they are served."""
    with opened() as (_, database):
        found = service.left_out(database, organizations.find(database, slug).id, limit=limit)
    numbered = list(enumerate(found.waiting, start=1))
    emit(
        {"waiting": [_waiting(*one) for one in numbered]},
        as_json=as_json,
        text=lambda: table(_QUEUE, [_queue_row(*one) for one in numbered], empty="Nobody waits."),
    )


@left_out.command(name="list")
@click.argument("slug")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1, 100_000), help="At most.")
@json_option
def list_(*, slug: str, limit: int, as_json: bool) -> None:
    """List who waits and who was refused, with what their provider was told."""
    with opened() as (_, database):
        found = service.left_out(database, organizations.find(database, slug).id, limit=limit)
    numbered = list(enumerate(found.waiting, start=1))
    result = {
        "waiting": [_waiting(*one) for one in numbered],
        "rejected": [_rejected(slug, one, found) for one in found.rejected],
    }

    def text() -> None:
        table(_QUEUE, [_queue_row(*one) for one in numbered], empty="Nobody waits.")
        rows = [_rejected_row(slug, one, found) for one in found.rejected]
        headings = ("id", "userName", "wanted", "first", "last attempt", "attempts", "")
        table(headings, rows, empty="Nobody was refused.")

    emit(result, as_json=as_json, text=text)


def _rejected(slug: str, refusal: Refusal, found: LeftOut) -> dict[str, object]:
    return {
        "id": f"{slug}-{refusal.sequence}",
        "user_name": refusal.user_name,
        "person": refusal.person,
        "wants": refusal.wants,
        "reason": refusal.reason,
        "detail": refusal.detail,
        "first_attempt": refusal.first_attempt,
        "last_attempt": refusal.last_attempt,
        "attempts": refusal.attempts,
        "recent": refusal.sequence in found.recent,
    }


def _rejected_row(slug: str, refusal: Refusal, found: LeftOut) -> tuple[object, ...]:
    old = "" if refusal.sequence in found.recent else "older than 7 days: only by its id"
    return (
        f"{slug}-{refusal.sequence}",
        refusal.user_name,
        refusal.wants,
        _minute(refusal.first_attempt),
        _minute(refusal.last_attempt),
        refusal.attempts,
        old,
    )


def _minute(moment: str) -> str:
    return datetime.fromisoformat(moment).strftime("%Y-%m-%d %H:%M")


@left_out.command()
@click.argument("slug")
@click.argument("id_", metavar="[ID]", required=False)
@click.option("--all", "every", is_flag=True, help="Everybody whose provider tried in the last 7 days.")
@json_option
def retry(*, slug: str, id_: str | None, every: bool, as_json: bool) -> None:
    """Try again to let in someone who was refused, with the values their provider sent.

    Example: scim-seats left-out retry acme acme-12
    """
    if (id_ is None) is not every:
        raise click.UsageError("name one entry, or use --all")
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        number = None if id_ is None else entry_number(slug, id_)
        done = service.retry(database, organization, OPERATOR, number)
    tried = [one for one in done if one.outcome != "not_tried"]
    left = [one for one in done if one.outcome == "not_tried"]

    def text() -> None:
        _print_retried(tried)
        for why, count in Counter(one.detail for one in left).items():
            click.echo(f"{count} more {'was' if count == 1 else 'were'} not tried: {why}.")

    result = {"retried": [*map(_retried, tried)], "not_tried": [*map(_retried, left)]}
    emit(result, as_json=as_json, text=text)
    if not every and done[0].outcome in ("rejected", "failed"):
        raise OperatorError(f"{done[0].user_name} could not be let in: {done[0].detail}")


def _retried(one: Retried) -> dict[str, object]:
    return {"id": one.reference, "user_name": one.user_name, "outcome": one.outcome, "detail": one.detail}


def _print_retried(done: Iterable[Retried]) -> None:
    rows = [(one.reference, one.user_name, one.outcome, one.detail) for one in done]
    table(("id", "userName", "now", "why"), rows, empty="Nobody is left out.")


@left_out.command()
@click.argument("slug")
@click.argument("id_", metavar="ID")
@click.option("--reason", required=True, help="Why; it stands in the log.")
@json_option
def dismiss(*, slug: str, id_: str, reason: str, as_json: bool) -> None:
    """Close an entry without letting anybody in."""
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        entry = service.dismiss(database, organization, OPERATOR, entry_number(slug, id_), reason)
    result = {"id": id_, "user_name": entry.user_name, "closed": entry.closed}
    emit(result, as_json=as_json, text=lambda: click.echo(f"Dismissed {printable(str(entry.user_name))}."))


@left_out.command()
@click.argument("slug")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--key", help="Idempotency key: sent again, it buys nothing more.")
@click.option(
    "--confirm", metavar="TOKEN", help="Do it if the bill is what the preview with this token showed."
)
@click.option("--yes", is_flag=True, help="Do it; without this, only show what would happen.")
@json_option
def buy(
    *, slug: str, ids: tuple[str, ...], key: str | None, confirm: str | None, yes: bool, as_json: bool
) -> None:
    """Buy the seats that are missing and let everybody in: who waits first, then who was refused.

    Refusals older than 7 days are included only where their ids are given.

    Example: scim-seats left-out buy acme
    """
    done = yes or confirm is not None
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        cleared = service.buy(
            database,
            organization,
            OPERATOR,
            chosen={entry_number(slug, one) for one in ids},
            key=key,
            confirmation=confirm,
            preview=not done,
        )
    emit(_cleared(cleared, done=done), as_json=as_json, text=lambda: _print_cleared(cleared, done=done))


def _cleared(cleared: Cleared, *, done: bool) -> dict[str, object]:
    return {
        **as_json_bought(cleared.order, cleared.purchase, done=done),
        "promoted": 0 if cleared.purchase is None else cleared.purchase.promoted,
        "retried": [*map(_retried, cleared.retried)],
    }


def _print_cleared(cleared: Cleared, *, done: bool) -> None:
    if cleared.purchase is not None and cleared.purchase.repeated:
        click.echo(repeated_words(cleared.purchase))
        return
    print_bought(cleared.order, cleared.purchase, done=done)
    promoted = 0 if cleared.purchase is None else cleared.purchase.promoted
    click.echo(f"{promoted} who wait{'ed got' if done else ' would get'} in.")
    if cleared.retried:
        _print_retried(cleared.retried)
    print_done(cleared.purchase, done=done)
