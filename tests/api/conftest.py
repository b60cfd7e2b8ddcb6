"""Organizations of the started server, shared by the tests of a module that keep out of each other's way."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack

import httpx
import pytest

from scim_server.services.billing import due
from scim_server.store.database import schema
from tests.api.statement_counts import FEW, MANY, NEW_PEOPLE, Places, place
from tests.api.wire import nothing_changes
from tests.conftest import DIALECTS
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
def unchanged(server: Server, organization: Organization) -> Unchanged:
    """Opens a block in which nothing of the organization may change."""
    return lambda: nothing_changes(server, organization)


@pytest.fixture(scope="session", params=DIALECTS)
def places(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> Iterator[Places]:
    """All modules that count statements share these, because filling them takes seconds."""
    database = due.opened(new_url(request.param))
    schema.upgrade(database)
    with ExitStack() as open_:
        open_.callback(database.close)
        yield Places(
            open_.enter_context(place(database, FEW, 0)),
            open_.enter_context(place(database, FEW, NEW_PEOPLE)),
            open_.enter_context(place(database, MANY, NEW_PEOPLE)),
        )
