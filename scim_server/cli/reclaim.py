"""`scim-seats people drift` and `idle`: find accounts and seats that are perhaps not needed."""

from datetime import date

import click

from scim_server.cli.output import day, emit, in_organization, json_option, table
from scim_server.cli.people import after_option, limit_option, print_more
from scim_server.cli.terms import parse_day
from scim_server.representations.base import listing
from scim_server.representations.people import IDLE, PERSON
from scim_server.services.people import queries


@click.command()
@click.argument("slug")
@click.option(
    "--since",
    metavar="DATE",
    required=True,
    callback=parse_day,
    help="List people that no provider has sent since this day.",
)
@limit_option
@after_option
@json_option
def drift(*, slug: str, since: date, limit: int, after: str | None, as_json: bool) -> None:
    """List active people that no provider has sent since a day.

    Perhaps the provider does not know about these people.

    Example: scim-seats people drift acme --since 2026-03-01
    """
    with in_organization(slug) as context:
        page = queries.drift(context, since, after=after, limit=limit)

    def text() -> None:
        rows = [
            (one.user_name, one.status, one.tier, one.role, one.way_in, day(one.touched)) for one in page.data
        ]
        columns = ("userName", "status", "tier", "role", "way in", "last sent")
        table(columns, rows, empty=f"A provider has sent every active person since {since}.")
        print_more(page.next_cursor)

    emit(listing(PERSON, page), as_json=as_json, text=text)


@click.command()
@click.argument("slug")
@click.option(
    "--days",
    default=queries.IDLE_DAYS,
    show_default=True,
    type=click.IntRange(1, 3650),
    help="Minimum number of days without a sign-in.",
)
@limit_option
@after_option
@json_option
def idle(*, slug: str, days: int, limit: int, after: str | None, as_json: bool) -> None:
    """List people with a seat who have not signed in for a number of days.

    For people who never signed in, the days count from their creation.

    Example: scim-seats people idle acme --days 60
    """
    with in_organization(slug) as context:
        page = queries.idle(context, days=days, after=after, limit=limit)

    def text() -> None:
        rows = [
            (
                one.person.user_name,
                one.person.tier,
                one.person.role,
                day(one.person.created),
                day(one.signed_in),
            )
            for one in page.data
        ]
        columns = ("userName", "tier", "role", "created", "last sign-in")
        table(
            columns,
            rows,
            empty=f"No idle seats. Everyone signed in or got the seat within {days} days.",
        )
        print_more(page.next_cursor)

    emit(listing(IDLE, page), as_json=as_json, text=text)
