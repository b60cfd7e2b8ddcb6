"""The pages of the console, from its routes, and the address of each, from the links of other pages."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import httpx
from flask import Flask
from werkzeug.exceptions import HTTPException

from scim_server.console import areas
from scim_server.console.routes import Permission, permissions
from tests.console.browser.company import OWNER, Company

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


@dataclass
class Map:
    """The addresses of pages.

    Attributes:
        pages: addresses by endpoint; a page with tabs has several.
        files: addresses that answer with something else than a page, by endpoint.
    """

    pages: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def walked(company: Company, name: str = OWNER) -> Map:
    """Follow every link, from the first page on, until each page was opened once."""
    found = Map()
    with httpx.Client(base_url=company.server.url, trust_env=False, follow_redirects=True) as client:
        client.headers["Origin"] = company.server.url
        client.post(company.link(name)).raise_for_status()
        unlinked = [rule.rule for rule in ROUTES.iter_rules() if rule.endpoint in SHOWN and not rule.arguments - {"slug"}]
        waiting = [company.root]
        beyond = [rule.replace("<slug>", company.slug) for rule in unlinked]
        while waiting or beyond:
            _open(client, found, waiting, (waiting or beyond).pop(0))
    return found


def _open(client: httpx.Client, found: Map, waiting: list[str], address: str) -> None:
    endpoint = _endpoint(address)
    known = found.pages.get(endpoint or "", [])
    if endpoint not in SHOWN or endpoint in found.files or (known and address not in known):
        return
    answer = client.get(address)
    if not answer.headers["Content-Type"].startswith("text/html"):
        found.files[str(endpoint)] = address
        return
    if answer.status_code != httpx.codes.OK:
        return
    waiting += [html.unescape(link) for link in _HREF.findall(answer.text)]
    tabs = [html.unescape(link) for nav in _TAB.findall(answer.text) for link in _HREF.findall(nav)]
    same = [tab for tab in tabs if _endpoint(tab) == endpoint]
    found.pages.setdefault(str(endpoint), [*same] or [address])


def _endpoint(address: str) -> str | None:
    try:
        endpoint, _ = ROUTES.bind("localhost").match(urlsplit(address).path, method="GET")
    except HTTPException:
        return None
    return str(endpoint)


def by_name(found: Map) -> Mapping[str, str]:
    """Every page with a short name for its picture."""
    return {
        f"{endpoint.removeprefix('console_').replace('.', '-')}{f'-{number}' if number else ''}": address
        for endpoint, addresses in found.pages.items()
        for number, address in enumerate(addresses)
    }
