"""The pages of the console, from its routes, and the address of each, from the links of other pages."""

import html
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import httpx
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from scim_server.console import areas
from scim_server.console.routes import Permission, permissions

_HREF: Final = re.compile(r'href="([^"]+)"')
_TAB: Final = re.compile(r'<nav class="tabs".*?</nav>', re.DOTALL)


def _routes() -> Flask:
    app = Flask("routes", static_folder=None)
    app.url_map.strict_slashes = False
    for part in areas.PARTS:
        app.register_blueprint(part)
    return app


ROUTES: Final = _routes().url_map
PERMISSIONS: Final = permissions(areas.PARTS)
SHOWN: Final = sorted(
    rule.endpoint
    for rule in ROUTES.iter_rules()
    if "GET" in (rule.methods or ()) and PERMISSIONS[rule.endpoint] is not Permission.PUBLIC
)
"""The endpoints of all pages behind the sign-in."""

SEVERAL: Final = 4
"""How many addresses of an endpoint are opened to look for links: not every person has all of them."""


@dataclass
class Map:
    """The addresses of pages.

    Attributes:
        pages: addresses by endpoint; a page with tabs has several.
        files: addresses that answer with something else than a page, by endpoint.
    """

    pages: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def walked(get: Callable[[str], httpx.Response], slug: str) -> Map:
    """Follow links, from the first page on, until each page and each of its tabs was opened.

    Args:
        get: opens a path as a signed-in person.
    """
    found, opened = Map(), defaultdict[str, set[str]](set)
    # Pages without a link to them are tried last.
    waiting, beyond = [f"/console/{slug}"], [rule.rule.replace("<slug>", slug) for rule in _plain()]
    while waiting or beyond:
        address = (waiting or beyond).pop(0)
        endpoint = endpoint_of(address)
        tabs = found.pages.get(endpoint, [])
        if endpoint not in SHOWN or address in opened[endpoint]:
            continue
        if address in tabs or len(opened[endpoint]) < SEVERAL:
            opened[endpoint].add(address)
            waiting += _open(get, found, endpoint, address)
    return found


def _plain() -> list[Rule]:
    """The rules that need no more than the name of the organization."""
    return [rule for rule in ROUTES.iter_rules() if rule.endpoint in SHOWN and rule.arguments == {"slug"}]


def _open(get: Callable[[str], httpx.Response], found: Map, endpoint: str, address: str) -> list[str]:
    """Open a page; return its links."""
    answer = get(address)
    if answer.status_code != httpx.codes.OK or endpoint_of(answer.url.path) != endpoint:
        return []
    if not answer.headers["Content-Type"].startswith("text/html"):
        found.files[endpoint] = address
        return []
    tabs = [html.unescape(link) for nav in _TAB.findall(answer.text) for link in _HREF.findall(nav)]
    found.pages.setdefault(endpoint, [tab for tab in tabs if endpoint_of(tab) == endpoint] or [address])
    return [html.unescape(link) for link in _HREF.findall(answer.text)]


def endpoint_of(address: str) -> str:
    """The endpoint of an address; empty if the console has none."""
    try:
        endpoint, _ = ROUTES.bind("localhost").match(urlsplit(address).path, method="GET")
    except HTTPException:
        return ""
    return str(endpoint)


def by_name(found: Map) -> Mapping[str, str]:
    """Every page with a short name for its picture."""
    return {
        f"{endpoint.removeprefix('console_').replace('.', '-')}{f'-{number}' if number else ''}": address
        for endpoint, addresses in found.pages.items()
        for number, address in enumerate(addresses)
    }
