"""The OpenAPI document and its readable page. Both need no key, and show nothing of any organization."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import orjson
from flask import Blueprint, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from scim_server.admin.areas import NOUNS
from scim_server.admin.document import document, path_of
from scim_server.admin.errors import every_code
from scim_server.admin.problems import PREFIX
from scim_server.services.access.commands import PERMITS

docs = Blueprint("v1_docs", __name__, url_prefix=PREFIX.rstrip("/"))

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "Cache-Control": "public, max-age=300",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_PAGES: Final = Environment(
    loader=PackageLoader("scim_server.admin"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _in_words(text: str) -> Markup:
    """A text of the document, with its words in backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - it is escaped


_PAGES.filters["words"] = _in_words


@dataclass(frozen=True, slots=True)
class Field:
    """A row of the table of a body.

    Attributes:
        path: the name, after the names of the objects that contain it.
    """

    path: str
    type: str
    required: bool
    about: str


@docs.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI document."""
    return Response(_document(), headers=_HEADERS, mimetype="application/json")


@docs.get("/docs")
def page() -> Response:
    """The page for people."""
    return Response(_page(), headers=_HEADERS, mimetype="text/html")


@docs.get("/docs.css")
def style() -> Response:
    """The style of the page."""
    content = files("scim_server.admin").joinpath("static/docs.css").read_bytes()
    return Response(content, headers=_HEADERS, mimetype="text/css")


@cache
def _document() -> bytes:
    return orjson.dumps(document(), option=orjson.OPT_INDENT_2)


@cache
def _page() -> str:
    found = document()
    return _PAGES.get_template("docs.html").render(
        document=found,
        nouns=[_noun(found, noun) for noun in NOUNS],
        scopes=PERMITS.items(),
        codes=every_code().values(),
        in_json=lambda value: orjson.dumps(value, option=orjson.OPT_INDENT_2).decode(),
    )


def _noun(found: dict[str, Any], noun: Any) -> dict[str, Any]:  # noqa: ANN401 - a noun of the library's class
    return {
        "name": noun.name,
        "about": noun.description,
        "calls": [_call(found, call) for call in noun.calls.values()],
    }


def _call(found: dict[str, Any], call: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    operation, schemas = found["paths"][path_of(call)][call.method.lower()], found["components"]["schemas"]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return {
        "id": operation["operationId"],
        "method": call.method,
        "path": path_of(call),
        "operation": operation,
        "fields": [] if body is None else list(_fields(body["schema"], schemas)),
        "example": None if body is None else call.example,
        "status": int(call.status),
        "answer": _example(operation["responses"][str(int(call.status))]["content"]),
        "problems": {
            status: one["description"] for status, one in operation["responses"].items() if status >= "4"
        },
    }


def _example(content: Mapping[str, Any]) -> object:
    """The example of the only kind of body that an answer has."""
    (only,) = content.values()
    return only["example"]


def _fields(schema: dict[str, Any], schemas: dict[str, Any], before: str = "") -> Iterator[Field]:
    """The fields of a body, with those of inner objects."""
    schema = _resolved(schema, schemas)
    for name, raw in schema.get("properties", {}).items():
        inner = _resolved(raw, schemas)
        path = f"{before}{name}"
        required = name in schema.get("required", ())
        about = raw.get("description") or inner.get("description") or ""
        yield Field(path, _type(inner), required, about)
        yield from _fields(inner, schemas, f"{path}.")
        for word, mark in (("items", "[]."), ("additionalProperties", ".*.")):
            if isinstance(inner.get(word), dict):
                yield from _fields(inner[word], schemas, f"{path}{mark}")


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    for word in ("allOf", "anyOf", "oneOf"):
        if word in schema:
            return _resolved(schema[word][0], schemas)
    if "$ref" in schema:
        found: dict[str, Any] = schemas[schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _type(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join("null" if one is None else str(one) for one in schema["enum"])
    kind = schema.get("type", "any")
    return kind if isinstance(kind, str) else " | ".join(kind)
