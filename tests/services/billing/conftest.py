"""Databases whose clock the tests move: what the real time would say of them means nothing."""

from collections.abc import Callable, Iterator

import pytest

from scim_server.services import due
from scim_server.store import schema
from scim_server.store.session import Database
from tests.conftest import DIALECTS
from tests.customer import moved


@pytest.fixture(scope="package", params=DIALECTS)
def own_database(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> Iterator[Database]:
    """One of each dialect."""
    opened = due.opened(new_url(request.param))
    schema.upgrade(opened)
    yield opened
    opened.close()


@pytest.fixture
def database(own_database: Database) -> Iterator[Database]:
    """With its clock given back afterwards."""
    with moved(own_database):
        yield own_database
