"""`scim-seats people`: list members, and change their seats, access and roles as an admin."""

from collections.abc import Sequence

import click

from scim_server.cli.failures import Refusal
from scim_server.cli.log import reason_in_words
from scim_server.cli.output import day, emit, in_organization, json_option, minute, say, table
from scim_server.protocol.seat_status import SeatStatus
from scim_server.representations.base import dump, listing
from scim_server.representations.people import CHANGED, HISTORY, PERSON
from scim_server.services.people import commands, queries
from scim_server.services.people.commands import Changed, Refused
from scim_server.services.people.queries import History
from scim_server.store.rows.events import Promoted
from scim_server.store.rows.people import Person
from seat_policy.roles import GIVEN, Role

_NAMED = 20
"""Maximum number of names in the list of people who got a seat; --json lists all names."""


@click.group()
def people() -> None:
    """List members, and change their seats, access and roles.

    PERSON is an id, a userName, or a part of a name that only one person has.
    """


COLUMNS = ("userName", "status", "tier", "waits for", "role", "way in", "since")


def person_row(person: Person) -> tuple[object, ...]:
    """The row of a member in a table with COLUMNS."""
    status = person.status if person.unseated is None else f"{person.status} ({person.unseated})"
    since = day(person.waiting_since or person.created)
    return person.user_name, status, person.tier, person.wants, person.role, person.way_in, since


limit_option = click.option(
    "--limit",
    default=100,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help="Maximum number of people.",
)
after_option = click.option(
    "--after", metavar="ID", help="Show the next page: only people after this person."
)
yes_option = click.option(
    "--yes", is_flag=True, help="Do it. Without this option, only show what would happen."
)


def print_more(cursor: str | None) -> None:
    """Print the option for the next page, if there is one."""
    if cursor is not None:
        say(f"For the next page add --after {cursor}")


@people.command(name="list")
@click.argument("slug")
@click.option("--status", type=click.Choice(queries.STATUSES), help="Show only people with this status.")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), help="Show only people with this role."
)
@click.option(
    "--unconfirmed",
    is_flag=True,
    help="Show only people whom an admin let in from the log and no provider has sent since then.",
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
    """List members, in the order in which they were created.

    Example: scim-seats people list acme --status none
    """
    with in_organization(slug) as context:
        page = queries.page(
            context,
            status=None if status is None else SeatStatus(status),
            role=role,
            unconfirmed=unconfirmed,
            after=after,
            limit=limit,
        )

    def text() -> None:
        table(COLUMNS, map(person_row, page.data), empty="No people.")
        print_more(page.next_cursor)

    emit(listing(PERSON, page), as_json=as_json, text=text)


@people.command()
@click.argument("slug")
@click.argument("person")
@json_option
def show(*, slug: str, person: str, as_json: bool) -> None:
    """Show one member with their history.

    If the person was deleted and created again, the history includes the time before.
    """
    with in_organization(slug) as context:
        history = queries.history(context, person)
    emit(dump(HISTORY, history), as_json=as_json, text=lambda: _print_history(history))


def _print_history(history: History) -> None:
    table(COLUMNS, [person_row(history.person)], empty="")
    rows = [
        (minute(one.entry.at), one.outcome, reason_in_words(one.entry), one.entry.actor)
        for one in history.entries
    ]
    table(("when", "event", "reason", "by"), rows, empty="")


def _print_changed(changed: Changed, done: str) -> None:
    table(COLUMNS, map(person_row, changed.people), empty="")
    print_let_in(changed.let_in, preview=changed.preview)
    say("This was a preview, and nothing was changed. Add --yes to do it." if changed.preview else f"{done}.")


def print_let_in(let_in: Sequence[Promoted], *, preview: bool) -> None:
    """Print the names of the waiting people who get a seat."""
    if not let_in:
        return
    named = ", ".join(f"{one.user_name} ({one.tier})" for one in let_in[:_NAMED])
    more = f" and {len(let_in) - _NAMED} more" if len(let_in) > _NAMED else ""
    people_of = "1 waiting person" if len(let_in) == 1 else f"{len(let_in)} waiting people"
    say(f"{people_of} {'would get' if preview else 'got'} a seat: {named}{more}.")


def _emit_changed(changed: Changed, done: str, *, as_json: bool) -> None:
    emit(dump(CHANGED, changed), as_json=as_json, text=lambda: _print_changed(changed, done))


@people.command()
@click.argument("slug")
@click.argument("person")
@click.option("--tier", help="Tier of the seat. Default: the highest tier with a free seat.")
@json_option
def assign(*, slug: str, person: str, tier: str | None, as_json: bool) -> None:
    """Give a person a free seat.

    A person who already has a seat moves to the new tier.

    Example: scim-seats people assign acme ada@example.com --tier premium
    """
    with in_organization(slug) as context:
        changed = commands.assign(context, person, tier)
    if not isinstance(changed, Changed):
        raise Refusal("no_free_seat", changed.detail)
    _emit_changed(changed, "Assigned", as_json=as_json)


@people.command()
@click.argument("slug")
@click.argument("person")
@yes_option
@json_option
def unassign(*, slug: str, person: str, yes: bool, as_json: bool) -> None:
    """Remove a person's seat or place in the queue.

    The person stays a member without access.

    Example: scim-seats people unassign acme ada@example.com --yes
    """
    with in_organization(slug) as context:
        changed = commands.unassign(context, person, preview=not yes)
    _emit_changed(changed, "Unassigned", as_json=as_json)


@people.command()
@click.argument("slug")
@click.argument("person")
@yes_option
@json_option
def deactivate(*, slug: str, person: str, yes: bool, as_json: bool) -> None:
    """End a person's access and free their seat.

    The person keeps id, history and groups. In the mode scim, the person becomes active again if the provider
    sends the person as active.

    Example: scim-seats people deactivate acme ada@example.com --yes
    """
    with in_organization(slug) as context:
        changed = commands.deactivate(context, person, preview=not yes)
    _emit_changed(changed, "Deactivated", as_json=as_json)


@people.command()
@click.argument("slug")
@click.argument("person")
@json_option
def activate(*, slug: str, person: str, as_json: bool) -> None:
    """Activate an inactive person.

    Like a new person, this person gets a seat, waits in the queue, or is refused.

    Example: scim-seats people activate acme ada@example.com
    """
    with in_organization(slug) as context:
        outcome = commands.activate(context, person)
    if isinstance(outcome, Refused):
        raise Refusal(outcome.reason, f"{person} could not get a seat: {outcome.detail}")
    _emit_changed(Changed((outcome.person,), ()), "Activated", as_json=as_json)


@people.command()
@click.argument("slug")
@click.argument("person")
@click.argument("to")
@yes_option
@json_option
def reassign(*, slug: str, person: str, to: str, yes: bool, as_json: bool) -> None:
    """Give a person's seat to another person, even if other people wait.

    Example: scim-seats people reassign acme ada@example.com grace@example.com --yes
    """
    with in_organization(slug) as context:
        changed = commands.reassign(context, person, to, preview=not yes)
    _emit_changed(changed, "Reassigned", as_json=as_json)


@people.command()
@click.argument("slug")
@click.argument("person")
@click.argument("other")
@yes_option
@json_option
def swap(*, slug: str, person: str, other: str, yes: bool, as_json: bool) -> None:
    """Exchange the tiers of two people.

    A free seat is not needed.

    Example: scim-seats people swap acme ada@example.com grace@example.com --yes
    """
    with in_organization(slug) as context:
        changed = commands.swap(context, person, other, preview=not yes)
    _emit_changed(changed, "Swapped", as_json=as_json)


@people.command()
@click.argument("slug")
@click.argument("person")
@click.argument("role", type=click.Choice([role.value for role in GIVEN]))
@yes_option
@json_option
def role(*, slug: str, person: str, role: str, yes: bool, as_json: bool) -> None:
    """Make a person a user, admin or owner.

    Example: scim-seats people role acme ada@example.com admin --yes
    """
    with in_organization(slug) as context:
        changed = commands.set_role(context, person, Role(role), preview=not yes)
    _emit_changed(changed, "Role set", as_json=as_json)


@people.command()
@click.argument("slug")
@click.argument("person")
@yes_option
@json_option
def transfer(*, slug: str, person: str, yes: bool, as_json: bool) -> None:
    """Make a person with a seat the Primary Owner.

    The current Primary Owner becomes an Owner.

    Example: scim-seats people transfer acme ada@example.com --yes
    """
    with in_organization(slug) as context:
        changed = commands.transfer(context, person, preview=not yes)
    _emit_changed(changed, "Transferred", as_json=as_json)
