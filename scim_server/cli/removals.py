"""`scim-seats removals`: list, confirm and restore mass removals by a provider."""

from collections import Counter

import click

from scim_server.cli.bought import confirm_option, confirmed, print_bought, print_done
from scim_server.cli.output import emit, in_organization, json_option, minute, say, table
from scim_server.cli.people import print_let_in, yes_option
from scim_server.representations import removals as shapes
from scim_server.representations.base import dump, listing
from scim_server.representations.removals import REMOVAL, REMOVAL_DETAILS
from scim_server.services.mass_removals import commands, queries
from scim_server.services.mass_removals.commands import Done, Restored
from scim_server.services.mass_removals.queries import MassRemoval, Removed

_SHOWN = 50


@click.group()
def removals() -> None:
    """List, confirm and restore mass removals, in which a provider removed many people at once.

    A mass removal may be a mistake. It is detected when more than 20 % of the people, and at least 20, lose
    access within 10 minutes. With 'scim-seats org set SLUG --hold-removals', their seats are held until the
    removal is confirmed.
    """


@removals.command(name="list")
@click.argument("slug")
@click.option(
    "--limit",
    default=100,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help="Maximum number of removals.",
)
@json_option
def list_(*, slug: str, limit: int, as_json: bool) -> None:
    """List the mass removals, newest first."""
    with in_organization(slug) as context:
        page = queries.page(context, limit=limit)

    def text() -> None:
        rows = [
            (
                one.reference,
                minute(one.removal.at),
                one.count,
                one.count_back,
                _held_words(one),
                one.removal.state,
            )
            for one in page.data
        ]
        columns = ("id", "since", "people", "back", "seats held", "state")
        table(columns, rows, empty="No mass removals.")

    emit(listing(REMOVAL, page), as_json=as_json, text=text)


def _held_words(one: MassRemoval) -> str:
    return ", ".join(f"{count} {tier}" for tier, count in sorted(one.held.items()))


@removals.command()
@click.argument("slug")
@click.argument("id_", metavar="ID")
@json_option
def show(*, slug: str, id_: str, as_json: bool) -> None:
    """Show the people in a mass removal.

    It shows what each person had, whether a seat is held for the person, and whether the person is back.

    Example: scim-seats removals show acme acme-120
    """
    with in_organization(slug) as context:
        found = queries.show(context, id_)

    def text() -> None:
        table(("userName", "left", "had", "seat held", ""), map(_row, found.removed_people), empty="")

    emit(dump(REMOVAL_DETAILS, found), as_json=as_json, text=text)


def _row(one: Removed) -> tuple[object, ...]:
    left = one.removed
    had = left.tier or ("a place in the queue" if left.wants else "no seat")
    held = "yes" if one.held else "no"
    return left.user_name, minute(left.at), had, held, "back" if one.back else ""


@removals.command()
@click.argument("slug")
@click.argument("id_", metavar="ID")
@click.option(
    "--confirm",
    "token",
    metavar="TOKEN",
    help="Do exactly what the preview with this confirmation code showed. If the result would now "
    "differ, nothing is done.",
)
@yes_option
@json_option
def confirm(*, slug: str, id_: str, token: str | None, yes: bool, as_json: bool) -> None:
    """Confirm that a mass removal was intended.

    The held seats are given to people in the queue. The data for restoring the removed people is deleted.

    Example: scim-seats removals confirm acme acme-120 --yes
    """
    with in_organization(slug) as context:
        preview = not yes and token is None
        outcome = confirmed(commands.confirm(context, id_, preview=preview, confirmation=token))
    done = outcome.result

    def text() -> None:
        freed = ", ".join(f"{count} {tier}" for tier, count in done.freed.items()) or "none"
        say(f"{'Seats that would be' if done.preview else 'Confirmed. Seats'} freed: {freed}.")
        print_let_in(done.let_in, preview=done.preview)
        print_done(outcome)

    emit(shapes.confirmed(outcome), as_json=as_json, text=text)


@removals.command()
@click.argument("slug")
@click.argument("id_", metavar="ID")
@click.option(
    "--without-buying",
    is_flag=True,
    help="Buy no seats. People for whom no seat is free wait or are refused.",
)
@click.option(
    "--key", help="Idempotency key of the purchase. A second call with the same key buys nothing more."
)
@confirm_option
@yes_option
@json_option
def restore(  # noqa: PLR0913 - one parameter per option
    *,
    slug: str,
    id_: str,
    without_buying: bool,
    key: str | None,
    confirm: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Restore the people of a mass removal.

    The people get the seats back that they had. If other people have such a seat now, they keep it, and
    missing seats are bought at the price in the preview. Stop the provider first, or the provider will remove
    the people again.

    Example: scim-seats removals restore acme acme-120
    """
    preview = not yes and confirm is None
    with in_organization(slug) as context:
        outcome = commands.restore(
            context, id_, buys=not without_buying, key=key, confirmation=confirm, preview=preview
        )
    done = confirmed(outcome)
    emit(shapes.restored(slug, done), as_json=as_json, text=lambda: _print_restored(done))


def _print_restored(done: Done[Restored]) -> None:
    restored = done.result
    rows = [(one.user_name, one.outcome, one.tier, _SEATS[one.source.value]) for one in restored.people]
    table(("userName", "now", "tier", "seat"), rows[:_SHOWN], empty="All people are back already.")
    if len(rows) > _SHOWN:
        say(f"... and {len(rows) - _SHOWN} more; --json lists all.")
    counted = Counter(one.outcome for one in restored.people)
    counts = ", ".join(f"{count} {outcome}" for outcome, count in counted.items()) or "nobody"
    say(f"Restored: {counts}." if not done.preview else f"People who would be restored: {counts}.")
    print_let_in(restored.let_in, preview=restored.preview)
    print_bought(restored.order, restored.purchase, done=not done.preview)
    print_done(done, restored.purchase)


_SEATS = {"held": "was held", "free": "was free", "missing": "were given to other people", "not_needed": ""}
