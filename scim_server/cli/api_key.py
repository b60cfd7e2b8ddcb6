"""`scim-seats api-key`: keys by which the vendor's app calls /v1."""

import click

from scim_server.cli.output import emit, json_option, opened, table
from scim_server.services.access import api_keys as service
from scim_server.store.rows.api_keys import ApiKey


@click.group(name="api-key")
def api_key() -> None:
    """Keys of the vendor's app, for all organizations."""


def _described(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "created": key.created,
        "revoked": key.revoked,
    }


@api_key.command()
@click.option("--name", default="app", show_default=True, help="What to call it.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(service.SCOPES),
    help="What it may do, repeatable; by default everything but buying.",
)
@json_option
def create(*, name: str, scopes: tuple[str, ...], as_json: bool) -> None:
    """Make a key, which is shown this once.

    Example: scim-seats api-key create --scope sign-ins --scope people:read
    """
    with opened(creates=True) as (_, database):
        made = service.create(database, name, scopes)

    def text() -> None:
        click.echo(f"API key  {made.secret}")
        click.echo(f"Scopes   {', '.join(sorted(made.key.scopes))}")
        click.echo("The key is not shown again.")

    emit({"key": made.secret, **_described(made.key)}, as_json=as_json, text=text)


@api_key.command(name="list")
@json_option
def list_(*, as_json: bool) -> None:
    """List the keys, without their secrets."""
    with opened() as (_, database):
        found = service.every(database)
    rows = [(key.name, key.id, ", ".join(sorted(key.scopes)), key.created[:10], key.revoked) for key in found]
    empty = "There are no keys yet; 'scim-seats api-key create' makes one."
    emit(
        {"keys": [*map(_described, found)]},
        as_json=as_json,
        text=lambda: table(("name", "id", "scopes", "created", "revoked"), rows, empty=empty),
    )


@api_key.command()
@click.argument("name")
@json_option
def revoke(*, name: str, as_json: bool) -> None:
    """End a key, by its id or name; every worker refuses it within a second."""
    with opened() as (_, database):
        key = service.revoke(database, name)
    emit(_described(key), as_json=as_json, text=lambda: click.echo(f"Revoked {key.name} ({key.id})."))
