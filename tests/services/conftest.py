"""Databases whose clock the tests set, independent of the real time."""

from collections.abc import Callable, Iterator

import pytest

from scim_server.services.billing import due
from scim_server.store.database import schema
from scim_server.store.database.session import Database
from tests.conftest import DIALECTS
from tests.support.builders.customer import moved
from tests.support.builders.removing import RemovalCustomer, names


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


@pytest.fixture
def held(database: Database) -> RemovalCustomer:
    """Sixty seats, p01 to p60 on them, p61 to p70 waiting; p01 to p25 were deactivated.

    The twentieth made it a removal. Ten seats had gone to people who waited by that time; the other ten are
    held for p01 to p10, who left first, and those of p21 to p25 as they left. Nothing is held for p11 to p20.
    """
    acme = RemovalCustomer(database, {"standard": 60}, overflow="queue")
    acme.provision(*names(1, 70))
    acme.deactivate(names(1, 25))
    return acme
