"""One browser for each process of tests, and a server started by the CLI."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.console.addresses import Map
from tests.console.browser import company
from tests.console.browser.browsing import launched, window
from tests.console.browser.company import Company
from tests.support.servers.running import Server

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


# Playwright keeps a loop of asyncio in the thread of the tests until it ends, and other tests need none.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with launched() as started:
        yield started


@pytest.fixture(scope="session")
def furnished(server: Server) -> Company:
    """An organization with something to show on every page."""
    return company.furnished(server)


@pytest.fixture(scope="session")
def pages(furnished: Company) -> Map:
    """The addresses of its pages."""
    return furnished.walked()


@pytest.fixture(scope="module")
def signed_in(furnished: Company, browser: Browser) -> Mapping[str, Any]:
    """The cookies of its Owner, who has signed in with the browser."""
    with window(browser, furnished.server.url) as entering:
        entering.page.goto(furnished.link())
        entering.press("Sign in")
        return dict(entering.page.context.storage_state())
