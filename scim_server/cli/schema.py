"""`scim-seats schema`: attributes of an organization's own."""

from pathlib import Path

import click
import orjson

from scim_server.cli.output import emit, json_option, opened, table
from scim_server.protocol.messages import parse_object
from scim_server.services import organizations
from scim_server.services import schemas as service
from scim_server.services.schemas import EXTENDED
from scim_server.store.session import OPERATOR


@click.group()
def schema() -> None:
    """Schemas of an organization's own: attributes beyond those of SCIM."""


@schema.command()
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--extends", type=click.Choice(EXTENDED), default="User", show_default=True, help="What it extends."
)
@json_option
def add(*, slug: str, file: Path, extends: str, as_json: bool) -> None:
    """Add an extension from a file in the form of RFC 7643 section 7, as /Schemas shows schemas.

    Example: scim-seats schema add acme badge.json
    """
    definition = parse_object(file.read_bytes())
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        added = service.add(database, organization.id, OPERATOR, definition, extends)
    result = {"org": slug, "schema": added.id, "extends": extends, "attributes": len(added.attributes)}
    words = f"{extends}s of {slug} now have {added.id} with {len(added.attributes)} attributes."
    emit(result, as_json=as_json, text=lambda: click.echo(words))


@schema.command(name="list")
@click.argument("slug")
@json_option
def list_(*, slug: str, as_json: bool) -> None:
    """List the organization's own schemas."""
    with opened() as (_, database):
        found = service.every(database, organizations.find(database, slug).id)
    result = {
        "schemas": [
            {"schema": one.urn, "extends": one.extends, "definition": orjson.loads(one.definition)}
            for one in found
        ]
    }
    rows = [(one.urn, one.extends, one.created) for one in found]
    empty = "There are no schemas of its own; 'scim-seats schema add' adds one."
    emit(result, as_json=as_json, text=lambda: table(("schema", "extends", "added"), rows, empty=empty))


@schema.command()
@click.argument("slug")
@click.argument("urn")
@json_option
def remove(*, slug: str, urn: str, as_json: bool) -> None:
    """Remove a schema that nobody has values of."""
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        service.remove(database, organization.id, OPERATOR, urn)
    emit(
        {"org": slug, "schema": urn, "removed": True},
        as_json=as_json,
        text=lambda: click.echo(f"{urn} is removed."),
    )
