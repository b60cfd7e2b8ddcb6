"""Imports of people and groups: send them, see what would happen, and start the import."""

from http import HTTPStatus
from typing import Any, Final

from marshmallow import fields, validate

from scim_server.admin import auth, lists
from scim_server.admin.parsing import Input, flag
from scim_server.admin.routes import OF_ORGANIZATION, Noun
from scim_server.representations import imports as shapes
from scim_server.representations.base import dump
from scim_server.services.access.commands import Scope
from scim_server.services.errors import ImportClosed, UnknownImport
from scim_server.services.imports import commands, queries
from scim_server.services.imports.commands import Options

imports = Noun("imports", "Directories that move in, with their ids if wanted.")

MOST: Final = 10_000
_IMPORTS: Final = f"{OF_ORGANIZATION}/imports"
_ONE: Final = f"{_IMPORTS}/<job>"
_PERSON: Final = {"id": "2819c223", "userName": "ada@example.com", "displayName": "Ada"}
_GROUP: Final = {"id": "e9e30dba", "displayName": "Engineering", "members": [{"value": "2819c223"}]}


class ImportInput(Input):
    """The people and groups to import."""

    resources = fields.List(
        fields.Dict(keys=fields.String()),
        required=True,
        validate=validate.Length(1, MOST),
        metadata={
            "description": "SCIM Users and Groups. People get seats in this order. A User may have a `tier`."
        },
    )
    keep_ids = flag(load_default=False, about="People and groups keep their ids.")
    update = flag(load_default=False, about="Replace the values of people and groups who are here already.")


@imports.do(
    _IMPORTS,
    Scope.PROVISIONING_WRITE,
    shapes.ImportJob,
    ImportInput,
    status=HTTPStatus.CREATED,
    example={"resources": [_PERSON, _GROUP], "keep_ids": True},
)
def create(body: dict[str, Any]) -> dict[str, object]:
    """Send people and groups. Nothing is imported until the import is started.

    The same people and groups give the same import until it is finished. For a larger directory, or for
    another SCIM server, use the command `scim-seats import`.
    """
    options = Options(body["keep_ids"], body["update"])
    return dump(shapes.IMPORT, commands.read_resources(auth.context(), body["resources"], options))


@imports.list(_IMPORTS, Scope.PROVISIONING_READ, shapes.ImportJob)
def list_imports(query: dict[str, Any]) -> dict[str, object]:
    """List the imports, the newest first."""
    page = lists.cut(queries.every(auth.context()), lambda one: one.id, query)
    return lists.listing(shapes.IMPORT, page)


@imports.show(_ONE, Scope.PROVISIONING_READ, shapes.ImportReport, raises=(UnknownImport,))
def show(job: str) -> dict[str, object]:
    """What an import did so far, the people who are left out, and the price of letting them in."""
    return dump(shapes.REPORT, queries.report(auth.context(), job))


@imports.show(f"{_ONE}/preview", Scope.PROVISIONING_READ, shapes.ImportPreview, raises=(UnknownImport,))
def preview(job: str) -> dict[str, object]:
    """What an import would do now: the new people, their seats, and the price of the missing seats."""
    return dump(shapes.PREVIEW, queries.preview(auth.context(), job))


@imports.do(f"{_ONE}/start", Scope.PROVISIONING_WRITE, shapes.ImportJob, raises=(UnknownImport, ImportClosed))
def start(job: str) -> dict[str, object]:
    """Start an import. A worker carries it out; `state` is `done` at its end."""
    return dump(shapes.IMPORT, commands.start(auth.context(), job))


@imports.do(
    f"{_ONE}/cancel", Scope.PROVISIONING_WRITE, shapes.ImportJob, raises=(UnknownImport, ImportClosed)
)
def cancel(job: str) -> dict[str, object]:
    """Cancel an import that is not finished. People and groups that were imported stay."""
    return dump(shapes.IMPORT, commands.cancel(auth.context(), job))
