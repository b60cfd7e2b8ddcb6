"""Custom schemas and resource types: added, listed and removed."""

from http import HTTPStatus
from typing import Any, Final

from marshmallow import fields

from scim_server.admin import auth
from scim_server.admin.parsing import Input, choice
from scim_server.admin.routes import OF_ORGANIZATION, Noun
from scim_server.representations import schemas as shapes
from scim_server.representations.base import dump
from scim_server.services.access.commands import Scope
from scim_server.services.errors import InvalidSchema, SchemaExists, SchemaInUse, UnknownSchema
from scim_server.services.schemas import commands, queries
from scim_server.services.scim.queries import EXTENDED

schemas = Noun("schemas", "Custom SCIM schemas and resource types of an organization.")

_SCHEMAS: Final = f"{OF_ORGANIZATION}/schemas"


class SchemaInput(Input):
    """Definitions in the form of SCIM."""

    definition = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={
            "description": "A schema or a resource type in the form of /Schemas and /ResourceTypes, or "
            "several of them in `Resources`."
        },
    )
    extends = choice(
        EXTENDED, load_default="User", about="What schemas extend that no resource type in the body uses."
    )


@schemas.do(
    _SCHEMAS,
    Scope.PROVISIONING_WRITE,
    shapes.AddedSchemas,
    SchemaInput,
    status=HTTPStatus.CREATED,
    raises=(InvalidSchema, SchemaExists),
    example={
        "definition": {
            "id": "urn:example:params:scim:schemas:extension:badge:2.0:User",
            "name": "Badge",
            "attributes": [{"name": "badge", "type": "string"}],
        },
        "extends": "User",
    },
)
def add(body: dict[str, Any]) -> dict[str, object]:
    """Add schemas and resource types: either all of them, or none."""
    found = commands.read_definitions(body["definition"])
    commands.add(auth.context(), found, body["extends"])
    return shapes.added(auth.organization().slug, found)


@schemas.show(_SCHEMAS, Scope.PROVISIONING_READ, shapes.OrganizationSchemas)
def list_schemas() -> dict[str, object]:
    """All custom schemas and resource types of the organization."""
    return shapes.every(auth.organization().slug, queries.every(auth.context()))


@schemas.remove(
    f"{_SCHEMAS}/<schema>",
    Scope.PROVISIONING_WRITE,
    shapes.RemovedSchema,
    raises=(UnknownSchema, SchemaInUse),
)
def remove(schema: str) -> dict[str, object]:
    """Remove an unused schema by its URN, or an unused resource type by its name."""
    commands.remove(auth.context(), schema)
    return dump(shapes.RemovedSchema(), {"organization": auth.organization().slug, "removed": schema})
