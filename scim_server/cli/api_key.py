"""`scim-seats api-key`: manage the keys with which the vendor's app calls /v1."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import click

from scim_server.cli.output import day, emit, json_option, minute, opened, say, table
from scim_server.representations import tokens as shapes
from scim_server.representations.base import dump
from scim_server.services.access import commands, queries
from scim_server.services.access.commands import SCOPES, NewApiKey

_NAME: Final = "app"


@click.group(name="api-key")
def api_key() -> None:
    """Keys with which the vendor's app calls /v1."""


@api_key.command()
@click.option("--name", help="Name of the key.  [default: app, app-2, ...]")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in SCOPES]),
    help="A scope of the key; repeatable. Default: sign-ins, people:read and seats:read.",
)
@click.option(
    "--organization",
    metavar="SLUG",
    help="The only organization that the key can use. For this key, all others do not exist.",
)
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    help="Days until the key expires. By default, the key does not expire.",
)
@json_option
def create(
    *, name: str | None, scopes: tuple[str, ...], organization: str | None, days: int | None, as_json: bool
) -> None:
    """Create a key and print it once.

    Example: scim-seats api-key create --scope sign-ins --scope people:read
    """
    lifetime = None if days is None else timedelta(days=days)
    with opened(creates=True) as (_, database):
        made = commands.create_api_key(
            database,
            name or _NAME,
            scopes,
            organization=organization,
            lifetime=lifetime,
            numbered=name is None,
        )

    def text() -> None:
        say(f"API key  {made.secret}")
        say(f"Name     {made.key.name}")
        say(f"Scopes   {', '.join(sorted(made.key.scopes))}")
        if organization is not None:
            say(f"Only for {organization}")
        say("The key is not shown again.")

    _emit_new(made, as_json=as_json, text=text)


def _emit_new(made: NewApiKey, *, as_json: bool, text: Callable[[], None]) -> None:
    emit({"key": made.secret, **dump(shapes.ApiKey(), made.key)}, as_json=as_json, text=text)


@api_key.command(name="list")
@json_option
def list_(*, as_json: bool) -> None:
    """List the keys, without their secrets."""
    with opened() as (_, database):
        found = queries.every_api_key(database)
    rows = [
        (
            key.name,
            key.organization or "all",
            ", ".join(sorted(key.scopes)),
            day(key.created),
            day(key.expires),
            day(key.revoked),
            minute(key.last_used),
            key.id,
        )
        for key in found
    ]
    empty = "No keys yet; 'scim-seats api-key create' creates one."
    emit(
        {"data": [dump(shapes.ApiKey(), key) for key in found], "next_cursor": None},
        as_json=as_json,
        text=lambda: table(
            ("name", "organization", "scopes", "created", "expires", "revoked", "last used", "id"),
            rows,
            empty=empty,
        ),
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


@api_key.group()
def rotate() -> None:
    """Replace the secret of a key in two steps, so that no call is refused in between."""


@rotate.command()
@click.argument("name")
@json_option
def start(*, name: str, as_json: bool) -> None:
    """Give a key a second secret, and print it once. Both secrets work until the rotation ends.

    Example: scim-seats api-key rotate start app
    """
    with opened() as (_, database):
        made = commands.rotate_api_key(database, name)

    def text() -> None:
        say(f"API key  {made.secret}")
        say("The key is not shown again. The earlier one still works.")
        say(f"When your app uses the new one: scim-seats api-key rotate complete {name}")

    _emit_new(made, as_json=as_json, text=text)


@rotate.command()
@click.argument("name")
@json_option
def complete(*, name: str, as_json: bool) -> None:
    """Complete a rotation: only the new secret works from now on.

    Example: scim-seats api-key rotate complete app
    """
    with opened() as (_, database):
        key = commands.complete_api_key_rotation(database, name)
    words = f"The earlier secret of {key.name} no longer works."
    emit(dump(shapes.ApiKey(), key), as_json=as_json, text=lambda: say(words))


@rotate.command()
@click.argument("name")
@json_option
def cancel(*, name: str, as_json: bool) -> None:
    """Cancel a rotation: only the earlier secret works from now on.

    Example: scim-seats api-key rotate cancel app
    """
    with opened() as (_, database):
        key = commands.cancel_api_key_rotation(database, name)
    words = f"The new secret of {key.name} no longer works."
    emit(dump(shapes.ApiKey(), key), as_json=as_json, text=lambda: say(words))
