"""`scim-seats left-out` and `waiting`: list the people without the seat they want, and give them seats."""

from collections import Counter
from collections.abc import Iterable, Sequence

import click

from scim_server.cli.bought import (
    confirm_option,
    confirmed,
    print_bought,
    print_done,
    print_names,
    repeated_words,
)
from scim_server.cli.failures import Refusal
from scim_server.cli.output import emit, in_organization, json_option, minute, say, table
from scim_server.cli.people import print_let_in, yes_option
from scim_server.representations.base import dump, listing
from scim_server.representations.left_out import ATTEMPTS, DISMISSED, LEFT_OUT, WAITING, cleared
from scim_server.representations.seat_requests import prioritised
from scim_server.services.left_out import commands, queries
from scim_server.services.left_out.commands import Attempt, Cleared, Done, Prioritised, Retried
from scim_server.services.left_out.queries import LeftOut, Rejected, Waiting, WantsBetter

_NOT_LET_IN = (Attempt.REJECTED, Attempt.FAILED)


@click.group(name="left-out")
def left_out() -> None:
    """List people without the seat they want, give them seats, or dismiss them."""


@click.group()
def waiting() -> None:
    """The queue of people who wait for a seat."""


_limit_option = click.option(
    "--limit",
    default=1000,
    show_default=True,
    type=click.IntRange(1, 100_000),
    help="Maximum number of people.",
)
_key_option = click.option(
    "--key", help="Idempotency key. A second call with the same key buys nothing more."
)


def _print_queue(people: Sequence[Waiting]) -> None:
    rows = [
        (
            one.place,
            one.person.user_name,
            one.person.wants,
            one.person.tier,
            minute(one.person.waiting_since),
            one.person.priority,
        )
        for one in people
    ]
    table(("place", "userName", "wants", "has", "since", "priority"), rows, empty="Nobody waits.")


@waiting.command(name="list")
@click.argument("slug")
@_limit_option
@json_option
def list_waiting(*, slug: str, limit: int, as_json: bool) -> None:
    """List the people who wait, in the order in which they will get seats."""
    with in_organization(slug) as context:
        page = queries.queue(context, limit=limit)
    emit(listing(WAITING, page), as_json=as_json, text=lambda: _print_queue(page.data))


@left_out.command(name="list")
@click.argument("slug")
@_limit_option
@json_option
def list_(*, slug: str, limit: int, as_json: bool) -> None:
    """List the people without the seat they want, with the reason.

    The list has three kinds of people: people who wait, people who were refused, and people whose seat has a
    lower tier than they want. It includes the answer that the provider got.
    """
    with in_organization(slug) as context:
        found = queries.left_out(context, limit=limit)
    emit(dump(LEFT_OUT, found), as_json=as_json, text=lambda: _print_left_out(found))


def _print_left_out(found: LeftOut) -> None:
    _print_queue(found.waiting)
    say("")
    columns = ("id", "refused", "wanted", "last attempt", "attempts", "reason")
    table(columns, map(_rejected_row, found.rejected), empty="Nobody was refused.")
    for one in found.rejected:
        old = "" if one.recent else " Older than 7 days; to retry it, give its id."
        say(f"{one.reference}: answer to the provider: {one.refusal.detail}{old}")
    say("")
    columns = ("id", "wants a better tier", "has", "wants", "refused", "reason")
    table(columns, map(_better_row, found.wants_better_tier), empty="Nobody wants a better tier.")
    for better in found.wants_better_tier:
        say(f"{better.reference}: {better.detail}; answer to the provider: {better.provider_answer}.")


def _rejected_row(one: Rejected) -> tuple[object, ...]:
    refusal = one.refusal
    last = minute(refusal.last_attempt)
    return one.reference, refusal.user_name, refusal.wants, last, refusal.attempts, refusal.reason


def _better_row(one: WantsBetter) -> tuple[object, ...]:
    return one.reference, one.person.user_name, one.tier, one.wants, minute(one.at), one.reason


@left_out.command()
@click.argument("slug")
@click.argument("id_", metavar="[ID]", required=False)
@click.option(
    "--all",
    "every",
    is_flag=True,
    help="Retry all people whom their provider tried to add in the last 7 days, and all people who want a "
    "better tier.",
)
@json_option
def retry(*, slug: str, id_: str | None, every: bool, as_json: bool) -> None:
    """Try again to give a person the seat that was refused.

    A person without a seat is created with the values that their provider sent. A person who wants a better
    tier keeps the present seat until the better tier is free.

    Example: scim-seats left-out retry acme acme-12
    """
    if (id_ is None) is not every:
        raise click.UsageError("give one entry, or use --all")
    with in_organization(slug) as context:
        done = commands.retry(context, id_)

    def text() -> None:
        _print_retried(done.tried)
        for why, count in Counter(one.detail for one in done.not_tried).items():
            say(f"{count} more {'was' if count == 1 else 'were'} not tried: {why}.")

    emit(dump(ATTEMPTS, done), as_json=as_json, text=text)
    if not every and done.tried[0].outcome in _NOT_LET_IN:
        one = done.tried[0]
        raise Refusal("still_left_out", f"{one.user_name} could not get a seat: {one.detail}")


def _print_retried(done: Iterable[Retried]) -> None:
    rows = [(one.reference, one.user_name, one.outcome.value, one.detail) for one in done]
    table(("id", "userName", "now", "why"), rows, empty="Nobody is left out.")


@left_out.command()
@click.argument("slug")
@click.argument("id_", metavar="ID")
@click.option("--reason", required=True, help="The reason; it is shown in the log.")
@yes_option
@json_option
def dismiss(*, slug: str, id_: str, reason: str, yes: bool, as_json: bool) -> None:
    """Close a refusal without giving the seat.

    A person who wants a better tier keeps the present seat. Another attempt of the provider opens a new
    refusal.

    Example: scim-seats left-out dismiss acme acme-12 --reason "left the company" --yes
    """
    with in_organization(slug) as context:
        done = commands.dismiss(context, id_, reason, preview=not yes)
    name = done.user_name

    def text() -> None:
        if done.preview:
            keeps = "not get a seat" if done.tier is None else f"keep the {done.tier} seat"
            say(f"{done.reference} of {name} would be dismissed, and this person would {keeps}.")
            say("This was a preview, and nothing was changed. Add --yes to do it.")
        else:
            say(f"Dismissed {name}.")

    emit(dump(DISMISSED, done), as_json=as_json, text=text)


@left_out.command()
@click.argument("slug")
@click.argument("person")
@click.argument("priority_", metavar="PRIORITY", type=int)
@confirm_option
@yes_option
@json_option
def priority(
    *, slug: str, person: str, priority_: int, confirm: str | None, yes: bool, as_json: bool
) -> None:
    """Change the priority of a waiting person. A smaller number is served first; without a change it is 100.

    The priority applies to the present wait only. If a group gives the priority, it cannot be changed here.

    Example: scim-seats left-out priority acme ada@example.com 10
    """
    preview = not yes and confirm is None
    with in_organization(slug) as context:
        done = confirmed(
            commands.prioritise(context, person, priority_, preview=preview, confirmation=confirm)
        )
    emit(prioritised(done), as_json=as_json, text=lambda: _print_priority(done))


def _print_priority(done: Done[Prioritised]) -> None:
    changed = done.result
    name = changed.after.user_name
    say(f"{name}: priority {changed.after.priority}, not {changed.before.priority}.")
    say(f"Place in the queue: {changed.place_after}, not {changed.place_before}.")
    label = "Passed" if changed.raised else "Passed by"
    print_names(label, [one.user_name for one in changed.passed])
    print_done(done)


@left_out.command()
@click.argument("slug")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@_key_option
@confirm_option
@yes_option
@json_option
def buy(
    *, slug: str, ids: tuple[str, ...], key: str | None, confirm: str | None, yes: bool, as_json: bool
) -> None:
    """Buy the missing seats and give them to the people who are left out.

    People who wait get seats first, including people who wait for a better tier. Then people who were refused
    get seats. A refusal older than 7 days is included only if its id is given.

    Example: scim-seats left-out buy acme
    """
    preview = not yes and confirm is None
    with in_organization(slug) as context:
        done = confirmed(commands.buy(context, ids, key=key, confirmation=confirm, preview=preview))
    emit(cleared(slug, done), as_json=as_json, text=lambda: _print_cleared(done))


def _print_cleared(done: Done[Cleared]) -> None:
    result = done.result
    if result.purchase is not None and result.purchase.repeated:
        say(repeated_words(result.purchase))
        return
    print_bought(result.order, result.purchase, done=not done.preview)
    print_let_in(result.let_in, preview=done.preview)
    if result.retried:
        _print_retried(result.retried)
    print_done(done, result.purchase)
