"""`scim-seats people`: members, their seats, access and roles, changed by hand."""

from collections.abc import Callable

import click

from scim_server.cli.log import reason_in_words
from scim_server.cli.output import emit, json_option, opened, table
from scim_server.services.errors import OperatorError
from scim_server.services.organizations import queries as organizations
from scim_server.services.people import manage as members
from scim_server.services.people.manage import Changed, History
from scim_server.services.seats.refuse import Refused
from scim_server.store.database.session import OPERATOR, Database
from scim_server.store.rows.events import Entry
from scim_server.store.rows.people import Person
from seat_policy.roles import GIVEN, Role

STATUSES = ("seated", "waiting", "none", "inactive")


@click.group()
def people() -> None:
    """People: list members, give, take, pass on and swap seats, end and give back access, change roles."""


def described(person: Person) -> dict[str, object]:
    """A person as commands print them."""
    return {
        "id": person.id,
        "user_name": person.user_name,
        "status": person.status,
        "tier": person.tier,
        "waits_for": person.wants,
        "waiting_since": person.waiting_since,
        "reason": person.unseated,
        "role": person.role,
        "priority": person.priority,
        "way_in": person.way_in,
        "unconfirmed": person.unconfirmed,
        "touched": person.touched,
        "created": person.created,
    }


COLUMNS = ("userName", "status", "tier", "waits for", "role", "way in", "since")


def _row(person: Person) -> tuple[object, ...]:
    status = person.status if person.unseated is None else f"{person.status} ({person.unseated})"
    return (
        person.user_name,
        status,
        person.tier,
        person.wants,
        person.role,
        person.way_in,
        (person.waiting_since or person.created)[:10],
    )


limit_option = click.option(
    "--limit", default=100, show_default=True, type=click.IntRange(1, 10_000), help="At most so many."
)
after_option = click.option("--after", metavar="ID", help="The next page: those after this person.")


@people.command(name="list")
@click.argument("slug")
@click.option("--status", type=click.Choice(STATUSES), help="Only these.")
@click.option("--role", type=click.Choice([role.value for role in Role]), help="Only these.")
@click.option(
    "--unconfirmed", is_flag=True, help="Only who was let in from the log and not named by a provider since."
)
@limit_option
@after_option
@json_option
def list_(  # noqa: PLR0913 - one parameter per option
    *,
    slug: str,
    status: str | None,
    role: str | None,
    unconfirmed: bool,
    limit: int,
    after: str | None,
    as_json: bool,
) -> None:
    """List members, in the order in which they came.

    Example: scim-seats people list acme --status none
    """
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        found = members.every(
            database,
            organization.id,
            status=status,
            role=role,
            unconfirmed=unconfirmed,
            after=after,
            limit=limit + 1,
        )
    shown, more = found[:limit], found[limit - 1].id if len(found) > limit else None

    def text() -> None:
        table(COLUMNS, [_row(person) for person in shown], empty="Nobody.")
        if more is not None:
            click.echo(f"There are more: add --after {more}")

    emit({"people": [described(person) for person in shown], "next": more}, as_json=as_json, text=text)


@people.command()
@click.argument("slug")
@click.argument("person")
@json_option
def show(*, slug: str, person: str, as_json: bool) -> None:
    """Show one member with their history, also from before they were deleted and came again."""
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        history = members.history(database, organization.id, person)
    result = {**described(history.person), "history": [_entry(slug, one) for one in history.entries]}
    emit(result, as_json=as_json, text=lambda: _print_history(history))


def _entry(slug: str, entry: Entry) -> dict[str, object]:
    return {
        "id": f"{slug}-{entry.sequence}",
        "at": entry.at,
        "event": entry.outcome,
        "person": entry.person,
        "reason": entry.reason,
        "way_in": entry.way_in,
        "actor": entry.actor,
        "seats": entry.seats,
        "override": entry.override,
        "details": entry.details,
    }


def _print_history(history: History) -> None:
    table(COLUMNS, [_row(history.person)], empty="")
    rows = [
        (one.at[:19] + "Z", one.outcome, reason_in_words(one), one.actor, one.person)
        for one in history.entries
    ]
    table(("when", "event", "reason", "by", "id then"), rows, empty="")


def _told(changed: Changed, verb: str, *, as_json: bool) -> None:
    result = {"people": [described(person) for person in changed.people], "promoted": changed.promoted}

    def text() -> None:
        table(COLUMNS, [_row(person) for person in changed.people], empty="")
        others = f" {changed.promoted} who waited got in." if changed.promoted else ""
        click.echo(f"{verb}.{others}")

    emit(result, as_json=as_json, text=text)


def _change(slug: str, use: Callable[[Database, str], Changed]) -> Changed:
    with opened() as (_, database):
        return use(database, organizations.find(database, slug).id)


@people.command()
@click.argument("slug")
@click.argument("person")
@click.option("--tier", help="Which; the highest with a free seat by default.")
@json_option
def assign(*, slug: str, person: str, tier: str | None, as_json: bool) -> None:
    """Give somebody a free seat, or move them to another tier that has one.

    Example: scim-seats people assign acme ada@example.com --tier premium
    """
    changed = _change(slug, lambda database, org: members.assign(database, org, OPERATOR, person, tier))
    _told(changed, "Assigned", as_json=as_json)


@people.command()
@click.argument("slug")
@click.argument("person")
@json_option
def unassign(*, slug: str, person: str, as_json: bool) -> None:
    """Take somebody's seat or place in the queue; they stay a member without access."""
    changed = _change(slug, lambda database, org: members.unassign(database, org, OPERATOR, person))
    _told(changed, "Unassigned", as_json=as_json)


@people.command()
@click.argument("slug")
@click.argument("person")
@json_option
def deactivate(*, slug: str, person: str, as_json: bool) -> None:
    """End somebody's access and free their seat; they keep id, history and groups.

    In the mode scim a provider that sends them as active brings them back.

    Example: scim-seats people deactivate acme ada@example.com
    """
    changed = _change(slug, lambda database, org: members.deactivate(database, org, OPERATOR, person))
    _told(changed, "Deactivated", as_json=as_json)


@people.command()
@click.argument("slug")
@click.argument("person")
@json_option
def activate(*, slug: str, person: str, as_json: bool) -> None:
    """Let somebody who is inactive in again: seated, in the queue or refused, as a newcomer would be.

    Example: scim-seats people activate acme ada@example.com
    """
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        outcome = members.activate(database, organization.id, OPERATOR, person)
    if isinstance(outcome, Refused):
        raise OperatorError(f"{person} could not be let in: {outcome.detail}")
    now = outcome.person

    def text() -> None:
        table(COLUMNS, [_row(now)], empty="")
        click.echo("Activated.")

    emit({"people": [described(now)]}, as_json=as_json, text=text)


@people.command()
@click.argument("slug")
@click.argument("person")
@click.argument("to")
@json_option
def reassign(*, slug: str, person: str, to: str, as_json: bool) -> None:
    """Pass a person's seat on to another, past the queue.

    Example: scim-seats people reassign acme ada@example.com grace@example.com
    """
    changed = _change(slug, lambda database, org: members.reassign(database, org, OPERATOR, person, to))
    _told(changed, "Passed on", as_json=as_json)


@people.command()
@click.argument("slug")
@click.argument("person")
@click.argument("other")
@json_option
def swap(*, slug: str, person: str, other: str, as_json: bool) -> None:
    """Exchange the tiers of two people; no seat need be free."""
    changed = _change(slug, lambda database, org: members.swap(database, org, OPERATOR, person, other))
    _told(changed, "Swapped", as_json=as_json)


@people.command()
@click.argument("slug")
@click.argument("person")
@click.argument("role", type=click.Choice([role.value for role in GIVEN]))
@json_option
def role(*, slug: str, person: str, role: str, as_json: bool) -> None:
    """Make somebody a user, admin or owner."""
    changed = _change(
        slug, lambda database, org: members.set_role(database, org, OPERATOR, person, Role(role))
    )
    _told(changed, "Role set", as_json=as_json)


@people.command()
@click.argument("slug")
@click.argument("person")
@json_option
def transfer(*, slug: str, person: str, as_json: bool) -> None:
    """Make a seated person the Primary Owner; the present one becomes an Owner."""
    changed = _change(slug, lambda database, org: members.transfer(database, org, OPERATOR, person))
    _told(changed, "Transferred", as_json=as_json)
