"""The application in the process of the test, to observe what a started server does not show."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest

from scim_server import bearer
from scim_server.app import create_app
from scim_server.config import Config
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.create import NewOrganization
from scim_server.store.database.session import OPERATOR, Database
from scim_server.store.rows.organizations import Organization

PUBLIC_URL = "http://127.0.0.1:8080"


@dataclass(frozen=True)
class Inside:
    """An organization, and its provider, whose requests the application answers without a network."""

    database: Database
    organization: Organization
    client: httpx.Client


def settings(url: str) -> Config:
    return Config(
        database_url=url,
        host="127.0.0.1",
        port=8080,
        public_url=PUBLIC_URL,
        threads=1,
        workers=1,
        trusted_proxy=False,
        log_level="warning",
    )


@contextmanager
def inside(database: Database, seats: Mapping[str, int]) -> Iterator[Inside]:
    """A new organization; its token is looked up once and not again while the block lasts."""
    founded = organizations.create(database, OPERATOR, NewOrganization(f"o{uuid4().hex}", seats))
    base_url = f"{PUBLIC_URL}/orgs/{founded.organization.slug}/scim/v2"
    headers = {"Authorization": f"Bearer {founded.token.secret}", "Content-Type": "application/scim+json"}
    transport = httpx.WSGITransport(create_app(settings(database.url), database))
    with (
        pytest.MonkeyPatch.context() as patched,
        httpx.Client(transport=transport, base_url=base_url, headers=headers, verify=False) as client,
    ):
        patched.setattr(bearer, "CACHE_SECONDS", float("inf"))
        assert client.get("/Users").status_code == 200
        yield Inside(database, founded.organization, client)
