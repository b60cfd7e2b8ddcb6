"""`scim-seats export`: write everything of an organization except secrets to a file."""

import os
import sys
from pathlib import Path
from typing import BinaryIO

import click
import orjson

from scim_server.cli.failures import Refusal
from scim_server.cli.output import in_organization
from scim_server.services.context import Context
from scim_server.services.exports import queries

_OWNER_ONLY = 0o600


@click.command()
@click.argument("slug")
@click.option(
    "--to",
    "file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; only its owner can read it.  [default: standard output]",
)
def export(*, slug: str, file: Path | None) -> None:
    """Write everything of an organization except secrets, one JSON object on each line.

    The export has the settings, tiers, contract terms, schemas, mappings, people with their seats and
    roles, and groups with their members, all from one moment. 'scim-seats import' reads it.

    Example: scim-seats export acme --to acme.jsonl
    """
    with in_organization(slug) as context:
        if file is None:
            _write(context, sys.stdout.buffer)
            return
        part = file.with_name(f"{file.name}.part")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY), "wb") as out:
                _write(context, out)
            part.replace(file)
        except OSError as error:
            raise Refusal("file_not_written", f"{file} cannot be written: {error.strerror}") from None


def _write(context: Context, out: BinaryIO) -> None:
    out.writelines(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in queries.lines(context))
    out.flush()
