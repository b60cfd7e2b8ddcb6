"""The vendor's app and an organization, on both databases."""

from collections.abc import Iterator

import pytest

from scim_server.store.database.session import Database
from tests.admin.calling import Place, Vendor, vendor_of


@pytest.fixture(scope="session")
def vendor(database: Database) -> Iterator[Vendor]:
    """The application, and a client with a key of all scopes."""
    with vendor_of(database) as opened:
        yield opened


@pytest.fixture
def acme(vendor: Vendor) -> Place:
    """An organization with an Owner, and with 5 standard and 5 premium seats."""
    return vendor.organization()
