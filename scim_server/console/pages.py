"""Renders the pages of the console, with their headers, and the line that says what a change did."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, g, redirect, request
from jinja2 import Environment, PackageLoader, StrictUndefined

from scim_server.console import audit_details, filters, menu
from scim_server.console.language import LANGUAGES
from scim_server.console.routes import PREFIX
from scim_server.console.visit import (
    Visit,
    database,
    language_of_request,
    public_path,
    translated,
    translated_plural,
    visit,
)
from scim_server.services.console import commands as console

ASSETS: Final = "/assets/"
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_YEAR: Final = 365 * 24 * 3600
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    # `no-referrer` is not used, because browsers would then also hide the origin of a POST.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_PAGES: Final = Environment(
    loader=PackageLoader("scim_server.console"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    extensions=["jinja2.ext.i18n"],
)
_PAGES.install_gettext_callables(translated, translated_plural, newstyle=True)  # type: ignore[attr-defined]
_PAGES.filters.update(filters.FILTERS)
_PAGES.filters.update(audit_details.FILTERS)

assets = Blueprint("assets", __name__)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the console, with its type and a short digest of its content."""

    content: bytes
    type: str
    version: str


@cache
def _assets() -> Mapping[str, Asset]:
    found = {}
    for file in files("scim_server.console").joinpath("static").iterdir():
        suffix = file.name[file.name.rfind(".") :]
        if suffix in _TYPES:
            content = file.read_bytes()
            found[file.name] = Asset(content, _TYPES[suffix], hashlib.sha256(content).hexdigest()[:12])
    return found


def asset_url(name: str) -> str:
    """The address of a file. It changes with the content, so that browsers may keep the file."""
    return f"{public_path()}{ASSETS}{name}?v={_assets()[name].version}"


@assets.get(f"{ASSETS}<name>")
def asset(name: str) -> Response:
    """A file of the console."""
    found = _assets().get(name)
    if found is None:
        return Response(status=int(HTTPStatus.NOT_FOUND))
    headers = {"Cache-Control": f"public, max-age={_YEAR}, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(found.content, headers=headers, content_type=found.type)


_PAGES.globals.update(asset_url=asset_url, languages=LANGUAGES)


def page(template: str, *, status: HTTPStatus = HTTPStatus.OK, **values: Any) -> Response:  # noqa: ANN401 - of the template
    """A page in the language of the request."""
    html = _PAGES.get_template(template).render(_frame() | values)
    return Response(html, status=int(status), headers=HEADERS, content_type="text/html; charset=utf-8")


def _frame() -> dict[str, Any]:
    """The values that every page has."""
    found: Visit | None = g.get("visit")
    slug, inside = g.get("slug", ""), f"{PREFIX}{g.get('slug', '')}"
    frame: dict[str, Any] = {
        "language": language_of_request(),
        "slug": slug,
        "root": f"{public_path()}{inside}",
    }
    if found is None:
        return frame | {"visit": None, "notice": None, "menu": ()}
    here = request.full_path.rstrip("?").removeprefix(inside)
    return frame | {
        "visit": found,
        "here": here if request.method == "GET" else "",
        "csrf": found.csrf(),
        "notice": _taken_notice(found),
        "menu": menu.entries(found.role, request.path.removeprefix(inside)),
    }


def _taken_notice(found: Visit) -> Any:  # noqa: ANN401 - JSON of this module
    """What the last change did. It is shown once."""
    notice = found.visitor.notice
    if notice is not None:
        console.change_session(database(), found.visitor, notice=None)
    return notice


@dataclass(frozen=True, slots=True)
class Undo:
    """The action that takes a change back exactly: a path inside the console, and the fields of its form."""

    path: str
    fields: Mapping[str, str]


def done(said: str, to: str, *, undo: Undo | None = None, **query: str) -> Response:
    """Go to a page of this organization, which says what was done."""
    return _go(to, query, {"said": said, "bad": False, "undo": _stored(undo)})


def not_done(why: str, to: str, **query: str) -> Response:
    """Go to a page of this organization, which says why nothing was done."""
    return _go(to, query, {"said": why, "bad": True, "undo": None})


def _stored(undo: Undo | None) -> dict[str, object] | None:
    return None if undo is None else {"path": undo.path, "fields": dict(undo.fields)}


def _go(to: str, query: Mapping[str, str], notice: dict[str, object]) -> Response:
    console.change_session(database(), visit().visitor, notice=notice)
    return go(visit().slug, to, **query)


def go(slug: str, to: str, **query: str) -> Response:
    """A redirect to a page inside the console of an organization."""
    address = f"{public_path()}{PREFIX}{slug}{local(to)}" + (f"?{urlencode(query)}" if query else "")
    answer = redirect(address, HTTPStatus.SEE_OTHER)
    answer.headers.update({"Cache-Control": "no-store"})
    return Response(answer.get_data(), status=answer.status_code, headers=answer.headers)


def local(path: str) -> str:
    """A path inside the console; everything else becomes the first page."""
    parts = urlsplit(path)
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    return path if safe and path.isprintable() and ".." not in path else ""
