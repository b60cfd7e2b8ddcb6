"""`scim-seats schema`: manage custom schemas and resource types."""

from pathlib import Path

import click

from scim_server.cli.output import day, emit, in_organization, json_option, say, table
from scim_server.protocol.messages import parse_object
from scim_server.representations import schemas as shapes
from scim_server.services.schemas import commands, queries
from scim_server.services.scim.queries import EXTENDED


@click.group()
def schema() -> None:
    """Manage custom schemas and resource types of an organization."""


@schema.command()
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--extends",
    type=click.Choice(EXTENDED),
    default="User",
    show_default=True,
    help="The resource type to extend.",
)
@json_option
def add(*, slug: str, file: Path, extends: str, as_json: bool) -> None:
    """Add schemas and resource types from a file, in the form of /Schemas and /ResourceTypes.

    The file contains one schema or resource type, or a list of several under "Resources". A schema that no
    resource type in the file uses extends Users or Groups. --extends chooses which.

    Example: scim-seats schema add acme badge.json
    """
    found = commands.read_definitions(parse_object(file.read_bytes()))
    with in_organization(slug) as context:
        commands.add(context, found, extends)
    names = [*(one.id for one in found.schemas), *(one.name for one in found.types)]
    emit(
        shapes.added(slug, found),
        as_json=as_json,
        text=lambda: say(f"{slug} now has: {', '.join(names)}."),
    )


@schema.command(name="list")
@click.argument("slug")
@json_option
def list_(*, slug: str, as_json: bool) -> None:
    """List the organization's custom schemas and resource types."""
    with in_organization(slug) as context:
        found = queries.every(context)
    rows = [(one.urn, one.extends or "(own types)", day(one.created)) for one in found.schemas]
    rows += [(one.name, f"/{one.key}", day(one.created)) for one in found.resource_types]
    empty = "No custom schemas. Add one with 'scim-seats schema add'."
    columns = ("schema or type", "extends or endpoint", "added")
    emit(shapes.every(slug, found), as_json=as_json, text=lambda: table(columns, rows, empty=empty))


@schema.command()
@click.argument("slug")
@click.argument("name")
@json_option
def remove(*, slug: str, name: str, as_json: bool) -> None:
    """Remove an unused schema by its URN, or an unused resource type by its name."""
    with in_organization(slug) as context:
        commands.remove(context, name)
    emit(
        {"organization": slug, "removed": name},
        as_json=as_json,
        text=lambda: say(f"{name} is removed."),
    )
