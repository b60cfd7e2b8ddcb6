"""Organizations of the started server, shared by the tests of a module that keep out of each other's way."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import httpx
import pytest

from tests.api.wire import nothing_changes
from tests.support.servers.running import Organization, Server

Unchanged = Callable[[], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def organization(server: Server) -> Organization:
    """An organization with seats for everyone."""
    return server.organization(standard=10_000)


@pytest.fixture(scope="module")
def client(organization: Organization) -> Iterator[httpx.Client]:
    """Its provider."""
    with organization.client() as opened:
        yield opened


@pytest.fixture(scope="module")
def stranger(server: Server) -> Iterator[httpx.Client]:
    """The provider of another organization."""
    with server.organization().client() as opened:
        yield opened


@pytest.fixture
def unchanged(server: Server, organization: Organization, client: httpx.Client) -> Unchanged:
    """Opens a block in which nothing of the organization may change."""
    return lambda: nothing_changes(server, organization, client)
