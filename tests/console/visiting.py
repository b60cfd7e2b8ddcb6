"""People who use the console without a browser: forms and links as the pages have them."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
from flask import Flask
from sqlalchemy import event

from scim_server.app import create_app
from scim_server.config import Config
from scim_server.services.console import commands as console
from scim_server.services.context import Context
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.create import NewOrganization
from scim_server.services.people import commands as people
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.roles import Role
from tests.api.in_process import PUBLIC_URL, settings

OWNER = "owner@example.com"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_MARKUP = re.compile(r"<[^>]*>")


@dataclass
class Place:
    """An organization with a Primary Owner, and the application that serves it.

    Attributes:
        token: of its provider.
        context: the operator's.
    """

    app: Flask
    context: Context
    slug: str
    token: str

    @property
    def base(self) -> str:
        """The address of its console."""
        return f"{PUBLIC_URL}/console/{self.slug}"

    @property
    def domain(self) -> str:
        """A domain that only this organization uses, because a domain is verified by one organization."""
        return f"{self.slug}.example"

    def provider(self) -> httpx.Client:
        """A client of its provider."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/scim+json"}
        base_url = f"{PUBLIC_URL}/orgs/{self.slug}/scim/v2"
        return httpx.Client(transport=httpx.WSGITransport(self.app), base_url=base_url, headers=headers)

    def create(self, *names: str) -> list[int]:
        """The answers to a provider that creates people."""
        with self.provider() as provider:
            return [provider.post("/Users", json={"userName": name}).status_code for name in names]

    def link(self, name: str = OWNER) -> str:
        """A new sign-in link of a person, as a path."""
        return f"/console/{self.slug}/sign-in/{console.create_link(self.context, name).secret}"

    def stranger(self) -> "Visit":
        """A browser that is not signed in."""
        transport = httpx.WSGITransport(self.app)
        return Visit(self, httpx.Client(transport=transport, headers={"Origin": PUBLIC_URL}))

    def enter(self, name: str = OWNER) -> "Visit":
        """The browser of a person who has signed in."""
        visit = self.stranger()
        visit.post(self.link(name))
        assert visit.status == 200, visit.words
        return visit

    def member(self, name: str, role: Role = Role.USER) -> str:
        """A new member with a seat and a role; return the userName."""
        assert self.create(name) == [201]
        if role is not Role.USER:
            people.set_role(self.context, name, role)
        return name


@dataclass
class Visit:
    """A browser with its cookies, and the page that it shows.

    Attributes:
        path: the path and query of the page.
        status: of the answer that the page came with.
    """

    place: Place
    client: httpx.Client
    page: str = ""
    path: str = ""
    status: int = 0
    answer: httpx.Response = field(default_factory=lambda: httpx.Response(0))

    @property
    def words(self) -> str:
        """The text that a reader sees."""
        return " ".join(html.unescape(_MARKUP.sub(" ", self.page)).split())

    def get(self, path: str) -> "Visit":
        """Open a page, given by its path inside the console of the organization, or from the root."""
        return self._shown(self.client.get(self._url(path), follow_redirects=True))

    def post(
        self, path: str, fields: Mapping[str, str] | None = None, *, token: str | None = None
    ) -> "Visit":
        """Send a form with the token of the page that is shown.

        Args:
            token: another token.
        """
        found = _TOKEN.search(self.page)
        form = {"csrf_token": token if token is not None else found[1] if found else "", **(fields or {})}
        return self._shown(self.client.post(self._url(path), data=form, follow_redirects=True))

    def hidden(self, name: str) -> str:
        """The value of a hidden field of the page."""
        return next(html.unescape(value) for found, value in _FIELD.findall(self.page) if found == name)

    def shows(self, words: Sequence[str]) -> list[str]:
        """Those of the texts that the page shows."""
        return [one for one in words if one in self.words]

    def _url(self, path: str) -> str:
        inside = path.startswith(("/console/", "/assets/", "//"))
        return f"{PUBLIC_URL}{path}" if inside else f"{self.place.base}{path}"

    def _shown(self, answer: httpx.Response) -> "Visit":
        url = urlsplit(str(answer.url))
        self.path = url.path.removeprefix(f"/console/{self.place.slug}") + (
            f"?{url.query}" if url.query else ""
        )
        self.page, self.status, self.answer = answer.text, answer.status_code, answer
        return self


def founded(database: Database, new: NewOrganization, config: Config | None = None) -> Place:
    """A new organization; its owner is seated."""
    made = organizations.create(database, OPERATOR, new)
    context = Context(database, made.organization.id, OPERATOR)
    app = create_app(config or settings(database.url), database)
    return Place(app, context, new.slug, made.token.secret)


def new_slug() -> str:
    """A name that no organization has."""
    return f"o{uuid4().hex}"


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that the database gets while the block lasts."""
    statements: dict[Any, str] = {}

    def note(*given: Any) -> None:  # noqa: ANN401 - SQLAlchemy's arguments: see ConnectionEvents
        # By its context: where one engine is made from the other, both report the same statement.
        statements[given[4]] = given[2]

    engines = {database.writer, database.reader, database.single}
    found: list[str] = []
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
        found += statements.values()


def hidden_fields(page: str) -> dict[str, str]:
    """The hidden fields of a page; of several with one name, the last."""
    return {name: html.unescape(value) for name, value in _FIELD.findall(page)}
