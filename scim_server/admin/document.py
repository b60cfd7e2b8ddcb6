"""The OpenAPI document of /v1, computed from the calls and their schemas."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final, cast

from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from flask_smorest import Api
from marshmallow import Schema

from scim_server.admin.areas import NOUNS
from scim_server.admin.errors import OWN, Code, every_code
from scim_server.admin.examples import example_of
from scim_server.admin.idempotency import HEADER, REPLAYED
from scim_server.admin.problems import DOCS, PREFIX, PROBLEM_JSON
from scim_server.admin.routes import Call, calls
from scim_server.representations.base import Money
from scim_server.representations.public_events import types
from scim_server.services.access.commands import PERMITS
from scim_server.services.errors import (
    AnswerLost,
    InProgress,
    KeyInUse,
    ServiceError,
    StaleConfirmation,
    UnknownOrganization,
)

Document = dict[str, Any]

JSON_LINES: Final = "application/jsonl"
_VARIABLE: Final = re.compile(r"<(?:\w+:)?(\w+)>")
_IN_PATH: Final = {
    "slug": "The name of the organization in addresses.",
    "token": "The id or name of a SCIM token.",
    "person": "The id of a person; changes also accept the userName.",
    "job": "The id of an import.",
    "invoice": "The number of an invoice or its reference, such as acme-INV-0007.",
    "credit_note": "The number of a credit note or its reference, such as acme-INV-0008.",
    "seat_request": "The id of a request for a seat, such as acme-12.",
    "invitation": "The id of an invitation, or the address for its newest invitation.",
    "domain": "The domain, such as example.com.",
    "removal": "The id of a mass removal, such as acme-120.",
    "schema": "The URN of a schema, or the name of a resource type.",
    "refusal": "The id of a refusal of a seat or of a better tier, such as acme-12.",
    "endpoint": "The id of a webhook endpoint, or the beginning of its id.",
}
EVERY_CALL: Final = (
    "invalid_query",
    "unauthenticated",
    "scope_missing",
    "rate_limited",
    "internal_error",
    "database_unavailable",
)
"""The codes that every call can answer."""
_PROBLEM: Final[Document] = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "Where the code is explained."},
        "title": {"type": "string", "description": "The phrase of the status."},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "What programs compare. It does not change."},
        "detail": {"type": "string", "description": "The explanation, for people."},
        "errors": {
            "type": "object",
            "description": "Messages by the path of the field, such as `emails.0.value`.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "current": {"type": "object", "description": "With `changed`: the object as it is now."},
        "preview": {"type": "object", "description": "With `stale_confirmation`: the new preview."},
    },
}
_MONEY: Final[Document] = {
    "type": ["object", "null"],
    "required": ["amount", "currency"],
    "properties": {
        "amount": {"type": "string", "description": "Decimal text, such as 1000.00."},
        "currency": {"type": "string", "description": "ISO 4217 code."},
    },
}


@cache
def document() -> Document:
    """The whole document. It is the same for every server of this version."""
    app = Flask("v1")
    plugin = MarshmallowPlugin(schema_name_resolver=_name)
    about = {
        "title": "scim-seats",
        "version": version("scim-seats"),
        "openapi_version": "3.1.0",
        "marshmallow_plugin": plugin,
        "info": {"description": "The interface for the vendor's app and backend. See docs/api.md."},
    }
    api = Api(app, spec_kwargs=about)
    api.ma_plugin.converter.add_attribute_function(_money)
    for noun in NOUNS:
        api.register_blueprint(noun)
    found: Document = api.spec.to_dict()
    _complete(found)
    return found


def path_of(call: Call) -> str:
    """The address of a call, as the document writes it."""
    return PREFIX.rstrip("/") + _VARIABLE.sub(r"{\1}", call.rule)


def _name(schema: type[Schema] | Schema) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.strip("_").removesuffix("Representation")


def _money(self: object, field: object, **_: object) -> Document:  # noqa: ARG001 - the library's own signature
    return dict(_MONEY) if isinstance(field, Money) else {}


def _complete(found: Document) -> None:
    """Add what the calls declare besides their schemas."""
    components = found["components"]
    components.pop("responses", None)
    components.pop("headers", None)
    components.pop("parameters", None)
    for unused in ("ErrorSchema", "PaginationMetadataSchema", "Nothing"):
        components["schemas"].pop(unused, None)
    components["schemas"]["Problem"] = _PROBLEM
    for one in types():
        name = f"event.{one['type']}"
        components["schemas"][name] = {**cast("Document", one["schema"]), "example": one["example"]}
    components["securitySchemes"] = {
        "key": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key: `scim-seats api-key create`. Scopes: "
            + " ".join(f"`{scope}`: {permits}" for scope, permits in PERMITS.items()),
        }
    }
    for endpoint, call in calls(NOUNS).items():
        item = found["paths"][path_of(call)]
        item.pop("parameters", None)
        _complete_operation(found, item[call.method.lower()], endpoint, call)


def _complete_operation(found: Document, operation: Document, endpoint: str, call: Call) -> None:
    operation["operationId"] = endpoint.replace(".", "_").replace("-", "_")
    summary, _, rest = operation["summary"].partition(". ")
    parts = (rest, operation.get("description", ""), f"Needs the scope `{call.scope}`.")
    operation["summary"] = summary.rstrip(".")
    operation["description"] = " ".join(part for part in parts if part)
    operation["security"] = [{"key": [str(call.scope)]}]
    operation["parameters"] = [*_parameters(call), *operation.get("parameters", ())]
    body = operation.get("requestBody")
    if body is not None and call.example is None:
        del operation["requestBody"]
    success = str(int(call.status))
    answered = operation["responses"][success]
    answered["description"] = HTTPStatus(call.status).phrase
    answered["content"] = _content(found, answered["content"]["application/json"], call)
    if call.repeatable:
        answered["headers"] = {REPLAYED: _header("`true` if an earlier answer is repeated.")}
    operation["responses"] = {success: answered, **_problems(call)}


def _content(found: Document, content: Document, call: Call) -> Document:
    """The answer to a call that succeeds, by its media type."""
    if call.media is not None:
        schema = {"type": "string", "contentMediaType": call.media}
        return {call.media: {"schema": schema, "example": "The document."}}
    content["example"] = example_of(content["schema"], found["components"]["schemas"])
    return {JSON_LINES if call.lines else "application/json": content}


def _parameters(call: Call) -> Iterator[Document]:
    for name in _VARIABLE.findall(call.rule):
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": _IN_PATH[name],
            "schema": {"type": "string"},
        }
    if call.repeatable:
        about = "A new random text. A repetition within 24 hours has no second effect, and the same answer."
        yield {"name": HEADER, "in": "header", "description": about, "schema": {"type": "string"}}
    if call.if_match:
        about = "The ETag of what was read. If it has changed since, the answer is 412."
        yield {"name": "If-Match", "in": "header", "description": about, "schema": {"type": "string"}}


def _header(about: str) -> Document:
    return {"description": about, "schema": {"type": "string"}}


def codes_of(call: Call) -> list[Code]:
    """Every code that a call can answer."""
    own = [*EVERY_CALL]
    kinds: list[type[ServiceError]] = list(call.raises)
    if call.names_organization:
        kinds.append(UnknownOrganization)
    elif not call.bound:
        own.append("key_bound")
    if call.method != "GET":
        own += ["outcome_unknown", "invalid_body", "body_too_large", "unsupported_media_type"]
    elif call.paged:
        own.append("invalid_cursor")
    if call.repeatable:
        own.append("invalid_header")
        kinds += [KeyInUse, InProgress, AnswerLost]
    if call.confirmed:
        kinds.append(StaleConfirmation)
    if call.if_match:
        own.append("changed")
    known = every_code()
    return [*(OWN[code] for code in own), *(known[kind.code] for kind in kinds)]


def _problems(call: Call) -> Document:
    """The failures of a call by status."""
    by_status: dict[HTTPStatus, list[Code]] = {}
    for code in sorted(codes_of(call), key=lambda one: (one.status, one.code)):
        by_status.setdefault(code.status, []).append(code)
    return {str(int(status)): _problem(codes) for status, codes in by_status.items()}


def _problem(codes: list[Code]) -> Document:
    first = codes[0]
    example: Mapping[str, object] = {
        "type": f"{DOCS}#{first.code}",
        "title": first.status.phrase,
        "status": int(first.status),
        "code": first.code,
        "detail": first.meaning,
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": " ".join(f"`{one.code}`: {one.meaning}" for one in codes),
        "content": {PROBLEM_JSON: {"schema": schema, "example": example}},
    }
