"""`scim-seats token`: manage the bearer tokens of providers."""

from datetime import timedelta
from typing import Final

import click

from scim_server import config
from scim_server.cli.output import day, emit, in_organization, json_option, minute, say, table
from scim_server.representations import tokens as shapes
from scim_server.representations.base import dump
from scim_server.services.access import commands, queries

_NAME: Final = "provider"


@click.group()
def token() -> None:
    """Manage the bearer tokens of an organization."""


@token.command()
@click.argument("slug")
@click.option("--name", help="Name of the token in the log.  [default: provider, provider-2, ...]")
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    help="Days until the token expires. By default, the token does not expire.",
)
@json_option
def create(*, slug: str, name: str | None, days: int | None, as_json: bool) -> None:
    """Create a token and print it once. Older tokens work until they are revoked."""
    lifetime = None if days is None else timedelta(days=days)
    with in_organization(slug) as context:
        made = commands.create_token(context, name or _NAME, lifetime=lifetime, numbered=name is None)
    result = shapes.created(slug, made, config.load().scim_url(slug))

    def text() -> None:
        say(f"Bearer token   {made.secret}")
        say(f"Name           {made.token.name}")
        say("The token is not shown again.")

    emit(result, as_json=as_json, text=text)


@token.command()
@click.argument("slug")
@click.argument("name")
@click.option(
    "--yes",
    is_flag=True,
    help="Revoke the token. Without this option, only show which token would be revoked.",
)
@json_option
def revoke(*, slug: str, name: str, yes: bool, as_json: bool) -> None:
    """Revoke a token, given by its id or name; every worker refuses the token within a second.

    Example: scim-seats token revoke acme provider --yes
    """
    with in_organization(slug) as context:
        revoked = commands.revoke_token(context, name, preview=not yes)
    result = shapes.revoked(slug, revoked, preview=not yes)

    def text() -> None:
        called = f"{revoked.name} ({revoked.id})"
        if yes:
            say(f"Token {called} is revoked.")
            return
        used = (
            "was never used" if revoked.last_used is None else f"was last used at {minute(revoked.last_used)}"
        )
        say(f"Token {called} {used}. Clients with this token could no longer call {slug}.")
        say("This was a preview, and nothing was changed. Add --yes to revoke the token.")

    emit(result, as_json=as_json, text=text)


@token.command(name="list")
@click.argument("slug")
@json_option
def list_(*, slug: str, as_json: bool) -> None:
    """List the tokens, without their secrets."""
    with in_organization(slug) as context:
        found = queries.every_token(context)
    rows = [
        (one.name, day(one.created), day(one.expires), day(one.revoked), minute(one.last_used), one.id)
        for one in found
    ]
    columns = ("name", "created", "expires", "revoked", "last used", "id")
    empty = "No tokens. Create one with 'scim-seats token create'."
    result = {"data": [dump(shapes.Token(), one) for one in found], "next_cursor": None}
    emit(result, as_json=as_json, text=lambda: table(columns, rows, empty=empty))
