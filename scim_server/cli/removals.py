"""`scim-seats removals`: many people whom a provider removed at once; confirmed, or brought back."""

from collections import Counter

import click

from scim_server.cli.bought import as_json_bought, print_bought, print_done
from scim_server.cli.left_out import entry_number
from scim_server.cli.output import emit, json_option, opened, table
from scim_server.services.organizations import queries as organizations
from scim_server.services.removals import review as service
from scim_server.services.removals.restore import Returned
from scim_server.services.removals.review import Restored, Told
from scim_server.store.database.session import OPERATOR
from scim_server.store.rows.departures import Departure

_SHOWN = 50


@click.group()
def removals() -> None:
    """Removals of many people at once by a provider: perhaps meant, perhaps a mistake.

    Noticed when more than 20 % of the people, and at least 20, lose access within 10 minutes. With
    'scim-seats org set SLUG --hold-removals' their seats are kept from the queue until it is confirmed.
    """


@removals.command(name="list")
@click.argument("slug")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000), help="At most.")
@json_option
def list_(*, slug: str, limit: int, as_json: bool) -> None:
    """List the removals, the newest first."""
    with opened() as (_, database):
        found = service.every(database, organizations.find(database, slug).id, limit=limit)
    rows = [
        (
            f"{slug}-{one.removal.id}",
            _minute(one),
            len(one.people),
            len(one.back),
            _held_words(one),
            one.removal.state,
        )
        for one in found
    ]
    emit(
        {"removals": [_summary(slug, one) for one in found]},
        as_json=as_json,
        text=lambda: table(
            ("id", "since", "people", "back", "seats held", "state"),
            rows,
            empty="No provider has removed many people at once.",
        ),
    )


def _minute(told: Told) -> str:
    return told.removal.at[:16].replace("T", " ")


def _held(told: Told) -> Counter[str]:
    return Counter(one.held for one in told.people if one.held is not None)


def _held_words(told: Told) -> str:
    return ", ".join(f"{count} {tier}" for tier, count in sorted(_held(told).items()))


def _summary(slug: str, told: Told) -> dict[str, object]:
    return {
        "id": f"{slug}-{told.removal.id}",
        "at": told.removal.at,
        "people": len(told.people),
        "of": told.removal.members,
        "back": len(told.back),
        "holds": told.removal.holds,
        "held": dict(_held(told)),
        "state": told.removal.state,
        "closed": told.removal.closed,
    }


@removals.command()
@click.argument("slug")
@click.argument("id_", metavar="ID")
@json_option
def show(*, slug: str, id_: str, as_json: bool) -> None:
    """Show who left in a removal, what they had, and who is back.

    Example: scim-seats removals show acme acme-120
    """
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        told = service.show(database, organization, entry_number(slug, id_))
    result = _summary(slug, told) | {"left": [_left(one, told) for one in told.people]}

    def text() -> None:
        table(
            ("userName", "left", "had", "seat held", ""), [_row(one, told) for one in told.people], empty=""
        )

    emit(result, as_json=as_json, text=text)


def _left(one: Departure, told: Told) -> dict[str, object]:
    return {
        "person": one.person,
        "user_name": one.user_name,
        "at": one.at,
        "tier": one.tier,
        "wants": one.wants,
        "held": one.held is not None,
        "back": one.person in told.back,
    }


def _row(one: Departure, told: Told) -> tuple[object, ...]:
    had = one.tier or ("a place in the queue" if one.wants else "no seat")
    held = "yes" if one.held else "no"
    return one.user_name, one.at[:19] + "Z", had, held, "back" if one.person in told.back else ""


@removals.command()
@click.argument("slug")
@click.argument("id_", metavar="ID")
@json_option
def confirm(*, slug: str, id_: str, as_json: bool) -> None:
    """It was meant: give the seats that were held to the queue, and forget what was kept.

    Example: scim-seats removals confirm acme acme-120
    """
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        done = service.confirm(database, organization.id, OPERATOR, entry_number(slug, id_))
    result = {"id": f"{slug}-{done.removal.id}", "freed": done.freed, "promoted": done.promoted}

    def text() -> None:
        freed = ", ".join(f"{count} {tier}" for tier, count in done.freed.items()) or "none"
        click.echo(f"Confirmed. Seats that were held: {freed}. {done.promoted} who waited got in.")

    emit(result, as_json=as_json, text=text)


@removals.command()
@click.argument("slug")
@click.argument("id_", metavar="ID")
@click.option("--without-buying", is_flag=True, help="Who finds no seat waits or is refused, as others are.")
@click.option("--key", help="Idempotency key of the purchase: sent again, it buys nothing more.")
@click.option(
    "--confirm", metavar="TOKEN", help="Do it if the bill is what the preview with this token showed."
)
@click.option("--yes", is_flag=True, help="Do it; without this, only show what would happen.")
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
    """Bring everybody back who left in a removal, on the seats they had.

    Seats that others have got meanwhile stay theirs: the missing ones are bought, at the price shown first.
    Let the provider stop first, or it will remove them again.

    Example: scim-seats removals restore acme acme-120
    """
    done = yes or confirm is not None
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        restored = service.restore(
            database,
            organization.id,
            OPERATOR,
            entry_number(slug, id_),
            buys=not without_buying,
            key=key,
            confirmation=confirm,
            preview=not done,
        )
    result = {
        "id": f"{slug}-{restored.removal.id}",
        **as_json_bought(restored.order, restored.purchase, done=done),
        "people": [*map(_returned, restored.people)],
    }
    emit(result, as_json=as_json, text=lambda: _print_restored(restored, done=done))


def _returned(one: Returned) -> dict[str, object]:
    return {
        "person": one.person,
        "user_name": one.user_name,
        "outcome": one.outcome,
        "tier": one.tier,
        "seat": one.source.value,
    }


def _print_restored(restored: Restored, *, done: bool) -> None:
    rows = [(one.user_name, one.outcome, one.tier, _SEATS[one.source.value]) for one in restored.people]
    table(("userName", "now", "tier", "seat"), rows[:_SHOWN], empty="Everybody is back already.")
    if len(rows) > _SHOWN:
        click.echo(f"... and {len(rows) - _SHOWN} more; --json names everybody.")
    counted = Counter(one.outcome for one in restored.people)
    told = ", ".join(f"{count} {outcome}" for outcome, count in counted.items()) or "nobody"
    click.echo(f"Brought back: {told}." if done else f"Would be brought back: {told}.")
    print_bought(restored.order, restored.purchase, done=done)
    print_done(restored.purchase, done=done)


_SEATS = {"held": "was held", "free": "was free", "missing": "had gone to others", "not_needed": ""}
