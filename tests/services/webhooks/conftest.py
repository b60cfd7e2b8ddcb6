"""A database of its own: an endpoint of the vendor gets the events of every organization in it."""

from collections.abc import Callable, Iterator

import pytest

from scim_server.services.billing import due
from scim_server.store.database import schema
from scim_server.store.database.session import Database
from tests.conftest import DIALECTS
from tests.support.builders.customer import moved
from tests.support.builders.webhooks import Hooks
from tests.support.servers.receiving import Receiver, receiving


@pytest.fixture(scope="package", params=DIALECTS)
def own_database(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> Iterator[Database]:
    opened = due.opened(new_url(request.param))
    schema.upgrade(opened)
    yield opened
    opened.close()


@pytest.fixture
def hooks(own_database: Database) -> Iterator[Hooks]:
    """Without endpoints at the beginning, and with its clock given back afterwards."""
    with moved(own_database):
        made = Hooks(own_database)
        yield made
        made.remove_endpoints()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running
