"""The vendor's app, whose calls the application answers in the process of the test."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from flask import Flask

from scim_server.app import create_app
from scim_server.services.access import commands as access
from scim_server.services.access.commands import SCOPES
from scim_server.services.context import Context
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import NewOrganization
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.overflow import Overflow
from tests.api.in_process import PUBLIC_URL, settings

OWNER = "boss@example.com"


@dataclass(frozen=True)
class Vendor:
    """The application, and a client with a key of all scopes."""

    app: Flask
    database: Database
    client: httpx.Client

    def with_key(self, scopes: Sequence[str] = SCOPES, organization: str | None = None) -> httpx.Client:
        """A client with a key of some scopes; optionally for one organization only."""
        made = access.create_api_key(self.database, f"key-{uuid4().hex}", scopes, organization=organization)
        return client_of(self.app, made.secret)

    def organization(self, *, overflow: str = "queue", **seats: int) -> "Place":
        """A new organization with an Owner; 5 standard and 5 premium seats unless others are given."""
        new = NewOrganization(
            f"o{uuid4().hex}",
            seats or {"standard": 5, "premium": 5},
            overflow=Overflow(overflow),
            owner=OWNER,
        )
        founded = organizations.create(self.database, OPERATOR, new)
        return Place(self, new.slug, Context(self.database, founded.organization.id, OPERATOR))


@dataclass(frozen=True)
class Place:
    """An organization, and calls about it."""

    vendor: Vendor
    slug: str
    context: Context

    def call(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        """The answer to a call below the address of the organization."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.vendor.client.request(
            method, f"/organizations/{self.slug}{path}", json=body, headers=named
        )

    def get(self, path: str) -> dict[str, Any]:
        """The body of a successful read."""
        return succeeded(self.call("GET", path))

    def post(self, path: str, body: object = None, **headers: str) -> dict[str, Any]:
        """The body of a successful action."""
        return succeeded(self.call("POST", path, body, **headers))

    def refused(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, str]:
        """The status and the code of a refusal."""
        return problem(self.call(method, path, body, **headers))


def succeeded(answer: httpx.Response) -> dict[str, Any]:
    """The body of a success."""
    assert answer.status_code in (200, 201), answer.text
    body: dict[str, Any] = answer.json()
    return body


def problem(answer: httpx.Response) -> tuple[int, str]:
    """The status and the code of a refusal, which must be a whole problem."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["type"] == f"/v1/docs#{body['code']}"
    assert {"title", "detail"} <= body.keys()
    return answer.status_code, body["code"]


def client_of(app: Flask, secret: str | None) -> httpx.Client:
    """A client with this key; None for a client without a key."""
    headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
    transport = httpx.WSGITransport(app, raise_app_exceptions=False)
    return httpx.Client(transport=transport, base_url=f"{PUBLIC_URL}/v1", headers=headers, verify=False)


@contextmanager
def vendor_of(database: Database) -> Iterator[Vendor]:
    """The application for an open database."""
    app = create_app(settings(database.url), database)
    made = access.create_api_key(database, f"all-{uuid4().hex}", SCOPES)
    with client_of(app, made.secret) as client:
        yield Vendor(app, database, client)
