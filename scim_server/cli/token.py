"""`scim-seats token`: what providers authenticate with."""

from datetime import timedelta

import click

from scim_server.cli.output import emit, json_option, opened, table
from scim_server.services.access import tokens
from scim_server.services.organizations import settings as organizations
from scim_server.store.database.session import OPERATOR
from scim_server.store.rows.tokens import Token


@click.group()
def token() -> None:
    """Bearer tokens of an organization."""


@token.command()
@click.argument("slug")
@click.option("--name", default="provider", show_default=True, help="Stands in the log beside what it does.")
@click.option("--days", type=click.IntRange(1, 3650), help="Days until it expires; without this it does not.")
@json_option
def create(*, slug: str, name: str, days: int | None, as_json: bool) -> None:
    """Make a token; it is shown this once. Older tokens keep working until they are revoked."""
    with opened() as (settings, database):
        organization = organizations.find(database, slug)
        lifetime = None if days is None else timedelta(days=days)
        made = tokens.create(database, organization.id, OPERATOR, name, lifetime=lifetime)
    result = _as_json(made.token) | {
        "org": slug,
        "base_url": settings.scim_url(slug),
        "token": made.secret,
    }

    def text() -> None:
        click.echo(f"Bearer token   {made.secret}")
        click.echo("It is not shown again.")

    emit(result, as_json=as_json, text=text)


@token.command()
@click.argument("slug")
@click.argument("name")
@json_option
def revoke(*, slug: str, name: str, as_json: bool) -> None:
    """End a token, named by its id or name; within a second no worker accepts it."""
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        revoked = tokens.revoke(database, organization.id, OPERATOR, name)
    result = {"org": slug, "id": revoked.id, "name": revoked.name, "revoked": True}
    emit(result, as_json=as_json, text=lambda: click.echo(f"Token {revoked.name} ({revoked.id}) is revoked."))


@token.command(name="list")
@click.argument("slug")
@json_option
def list_(*, slug: str, as_json: bool) -> None:
    """List the tokens, without their secrets."""
    with opened() as (_, database):
        found = tokens.every(database, organizations.find(database, slug).id)
    rows = [(one.id, one.name, one.created, one.expires, one.revoked, one.last_used) for one in found]
    columns = ("id", "name", "created", "expires", "revoked", "last used")
    empty = "There are no tokens; 'scim-seats token create' makes one."
    emit(
        {"tokens": [_as_json(one) for one in found]},
        as_json=as_json,
        text=lambda: table(columns, rows, empty=empty),
    )


def _as_json(one: Token) -> dict[str, object]:
    return {
        "id": one.id,
        "name": one.name,
        "created": one.created,
        "expires": one.expires,
        "revoked": one.revoked,
        "last_used": one.last_used,
    }
