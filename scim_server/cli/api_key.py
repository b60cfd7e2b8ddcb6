"""`scim-seats api-key`: manage the keys with which the vendor's app calls /v1."""

from typing import Final

import click

from scim_server.cli.output import day, emit, json_option, opened, say, table
from scim_server.representations import tokens as shapes
from scim_server.representations.base import dump
from scim_server.services.access import commands, queries
from scim_server.services.access.commands import SCOPES

_NAME: Final = "app"


@click.group(name="api-key")
def api_key() -> None:
    """Keys with which the vendor's app calls /v1, for all organizations."""


@api_key.command()
@click.option("--name", help="Name of the key.  [default: app, app-2, ...]")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in SCOPES]),
    help="A scope of the key; repeatable. Default: all scopes except seats:buy.",
)
@json_option
def create(*, name: str | None, scopes: tuple[str, ...], as_json: bool) -> None:
    """Create a key and print it once.

    Example: scim-seats api-key create --scope sign-ins --scope people:read
    """
    with opened(creates=True) as (_, database):
        made = commands.create_api_key(database, name or _NAME, scopes, numbered=name is None)

    def text() -> None:
        say(f"API key  {made.secret}")
        say(f"Name     {made.key.name}")
        say(f"Scopes   {', '.join(sorted(made.key.scopes))}")
        say("The key is not shown again.")

    emit({"key": made.secret, **dump(shapes.ApiKey(), made.key)}, as_json=as_json, text=text)


@api_key.command(name="list")
@json_option
def list_(*, as_json: bool) -> None:
    """List the keys, without their secrets."""
    with opened() as (_, database):
        found = queries.every_api_key(database)
    rows = [
        (key.name, ", ".join(sorted(key.scopes)), day(key.created), day(key.revoked), key.id) for key in found
    ]
    empty = "No keys yet; 'scim-seats api-key create' creates one."
    emit(
        {"data": [dump(shapes.ApiKey(), key) for key in found], "next_cursor": None},
        as_json=as_json,
        text=lambda: table(("name", "scopes", "created", "revoked", "id"), rows, empty=empty),
    )


@api_key.command()
@click.argument("name")
@click.option(
    "--yes", is_flag=True, help="Revoke the key. Without this option, only show which key would be revoked."
)
@json_option
def revoke(*, name: str, yes: bool, as_json: bool) -> None:
    """Revoke a key, given by its id or name; every worker refuses the key within a second.

    Example: scim-seats api-key revoke app --yes
    """
    with opened() as (_, database):
        key = commands.revoke_api_key(database, name, preview=not yes)
    shown = {**dump(shapes.ApiKey(), key), "preview": not yes}

    def text() -> None:
        if yes:
            say(f"Key {key.name} ({key.id}) is revoked.")
            return
        scopes = ", ".join(sorted(key.scopes))
        say(f"Key {key.name} ({key.id}) of {day(key.created)} would be revoked. Scopes: {scopes}.")
        say("This was a preview, and nothing was changed. Add --yes to revoke the key.")

    emit(shown | ({} if yes else {"revoked": None}), as_json=as_json, text=text)
