"""`scim-seats seat-request`: requests of people for a seat or a better tier."""

import click

from scim_server.cli.bought import confirm_option, confirmed, print_bought, print_done, yes_option
from scim_server.cli.failures import Refusal
from scim_server.cli.output import emit, in_organization, json_option, minute, say, table
from scim_server.cli.people import print_let_in
from scim_server.representations.base import dump, listing
from scim_server.representations.seat_requests import SEAT_REQUEST, approved
from scim_server.services.seat_requests import commands, queries
from scim_server.services.seat_requests.commands import Approved, Done, Listed, NoneFree
from scim_server.services.seat_requests.queries import RequestState


@click.group(name="seat-request")
def seat_request() -> None:
    """Requests of people for a seat or a better tier."""


@seat_request.command(name="open")
@click.argument("slug")
@click.argument("person")
@click.option("--reason", required=True, help="Why the person asks; Owners read it.")
@click.option(
    "--tier",
    help="The wanted tier, or any. Without this option, the tier that the person waits for or was refused, "
    "or the next better tier.",
)
@json_option
def open_(*, slug: str, person: str, reason: str, tier: str | None, as_json: bool) -> None:
    """Ask for a seat or a better tier in the name of a person.

    PERSON is the id or userName of a member, or the userName of a person who was refused.

    Example: scim-seats seat-request open acme ada@example.com --reason "new project"
    """
    with in_organization(slug) as context:
        one = commands.ask(context, person, reason, tier)
    emit(dump(SEAT_REQUEST, one), as_json=as_json, text=lambda: _print_state(one))


def _print_state(one: Listed) -> None:
    request = one.request
    name, state = request.user_name, request.state.value
    say(f"{one.reference}: the request of {name} for the tier {request.wants} is {state}.")
    if one.tier is not None:
        say(f"{name} has a {one.tier} seat.")


@seat_request.command(name="list")
@click.argument("slug")
@click.option(
    "--state",
    type=click.Choice([*(state.value for state in RequestState), "all"]),
    default=RequestState.OPEN.value,
    show_default=True,
    help="Show only requests in this state.",
)
@click.option(
    "--limit",
    default=100,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help="Maximum number of requests.",
)
@click.option("--after", metavar="ID", help="Show the next page: only requests before this one.")
@json_option
def list_(*, slug: str, state: str, limit: int, after: str | None, as_json: bool) -> None:
    """List requests, newest first.

    Example: scim-seats seat-request list acme
    """
    with in_organization(slug) as context:
        chosen = None if state == "all" else RequestState(state)
        page = queries.page(context, state=chosen, after=after, limit=limit)

    def text() -> None:
        rows = [_row(one) for one in page.data]
        columns = ("id", "userName", "has", "wants", "since", "state", "reason")
        table(columns, rows, empty="No requests.")
        if page.next_cursor is not None:
            say(f"For the next page add --after {page.next_cursor}")

    emit(listing(SEAT_REQUEST, page), as_json=as_json, text=text)


def _row(one: Listed) -> tuple[object, ...]:
    request = one.request
    since, state = minute(request.opened), request.state.value
    return one.reference, request.user_name, one.tier, request.wants, since, state, request.reason


@seat_request.command()
@click.argument("slug")
@click.argument("id_", metavar="ID")
@confirm_option
@yes_option
@json_option
def approve(*, slug: str, id_: str, confirm: str | None, yes: bool, as_json: bool) -> None:
    """Give the seat of a request: a free one that nobody waits for, or a bought one.

    A person with a seat has this seat upgraded. People who wait are not overtaken.

    Example: scim-seats seat-request approve acme acme-12
    """
    preview = not yes and confirm is None
    with in_organization(slug) as context:
        outcome = commands.approve(context, id_, preview=preview, confirmation=confirm)
        if isinstance(outcome, NoneFree):
            raise Refusal("no_free_seat", f"no {outcome.wants} seat is free")
        done = confirmed(outcome)
    emit(approved(slug, done), as_json=as_json, text=lambda: _print_approved(done))


def _print_approved(done: Done[Approved]) -> None:
    result, one = done.result, done.result.listed
    if result.purchase is not None:
        print_bought(result.purchase.order, result.purchase, done=not done.preview)
    gets = "would get" if done.preview else "has"
    say(f"{one.request.user_name} {gets} a {one.tier} seat.")
    print_let_in(result.let_in, preview=done.preview)
    print_done(done, result.purchase)


@seat_request.command()
@click.argument("slug")
@click.argument("id_", metavar="ID")
@click.option("--reason", required=True, help="The reason; the person gets it by mail.")
@json_option
def decline(*, slug: str, id_: str, reason: str, as_json: bool) -> None:
    """Decline a request. The person gets a mail with the reason.

    Example: scim-seats seat-request decline acme acme-12 --reason "use the shared seat"
    """
    with in_organization(slug) as context:
        one = commands.decline(context, id_, reason)
    emit(dump(SEAT_REQUEST, one), as_json=as_json, text=lambda: _print_state(one))


@seat_request.command()
@click.argument("slug")
@click.argument("id_", metavar="ID")
@json_option
def withdraw(*, slug: str, id_: str, as_json: bool) -> None:
    """Withdraw a request in the name of the person who asked.

    Example: scim-seats seat-request withdraw acme acme-12
    """
    with in_organization(slug) as context:
        one = commands.withdraw(context, id_)
    emit(dump(SEAT_REQUEST, one), as_json=as_json, text=lambda: _print_state(one))
