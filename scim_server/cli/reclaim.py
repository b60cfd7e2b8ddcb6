"""`scim-seats people drift` and `idle`: whose account or seat may be given up."""

from datetime import date

import click

from scim_server.cli.output import emit, json_option, opened, table
from scim_server.cli.people import after_option, described, limit_option
from scim_server.cli.terms import parse_day
from scim_server.services.organizations import queries as organizations
from scim_server.services.people import idle as reclaim


@click.command()
@click.argument("slug")
@click.option(
    "--since", metavar="DATE", required=True, callback=parse_day, help="Whom no provider named from then on."
)
@limit_option
@after_option
@json_option
def drift(*, slug: str, since: date, limit: int, after: str | None, as_json: bool) -> None:
    """List active people whom no provider has named since a day: it may not know that they are here.

    Example: scim-seats people drift acme --since 2026-03-01
    """
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        found = reclaim.drift(database, organization.id, since, after=after, limit=limit + 1)
    shown, more = found[:limit], found[limit - 1].id if len(found) > limit else None

    def text() -> None:
        rows = [
            (one.user_name, one.status, one.tier, one.role, one.way_in, (one.touched or "never")[:10])
            for one in shown
        ]
        columns = ("userName", "status", "tier", "role", "way in", "last named")
        table(columns, rows, empty=f"Everybody active was named by a provider since {since}.")
        _print_more(more)

    emit({"people": [described(one) for one in shown], "next": more}, as_json=as_json, text=text)


@click.command()
@click.argument("slug")
@click.option(
    "--days",
    default=reclaim.IDLE_DAYS,
    show_default=True,
    type=click.IntRange(1, 3650),
    help="Without a sign-in for so long.",
)
@limit_option
@after_option
@json_option
def idle(*, slug: str, days: int, limit: int, after: str | None, as_json: bool) -> None:
    """List people with a seat who have not signed in for a while; who never did, counts from the creation.

    Example: scim-seats people idle acme --days 60
    """
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        found = reclaim.idle(database, organization.id, days=days, after=after, limit=limit + 1)
    shown, more = found[:limit], found[limit - 1].person.id if len(found) > limit else None

    def text() -> None:
        rows = [
            (
                one.person.user_name,
                one.person.tier,
                one.person.role,
                one.person.created[:10],
                (one.signed_in or "never")[:10],
            )
            for one in shown
        ]
        columns = ("userName", "tier", "role", "created", "last sign-in")
        table(columns, rows, empty=f"Nobody has had a seat for {days} days without a sign-in.")
        _print_more(more)

    listed = [{**described(one.person), "signed_in": one.signed_in} for one in shown]
    emit({"people": listed, "next": more}, as_json=as_json, text=text)


def _print_more(more: str | None) -> None:
    if more is not None:
        click.echo(f"There are more: add --after {more}")
