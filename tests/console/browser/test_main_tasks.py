"""The main task of each page besides Left out: at a desk with scripts, and on a phone without them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest
from playwright.sync_api import Browser

from tests.console.browser import company
from tests.console.browser.browsing import NARROW, WIDE, Window, window
from tests.console.browser.company import Company, address
from tests.console.browser.test_morning import plain
from tests.support.servers.running import Server

DESK, PHONE = (WIDE, True), (NARROW, False)
WALKS: Final = (
    # Ordered by database, so that each server starts once.
    ("people", DESK, "en", "sqlite"),
    ("billing", PHONE, "es", "sqlite"),
    ("provisioning", DESK, "en", "sqlite"),
    ("invitations", PHONE, "en", "sqlite"),
    ("audit", DESK, "en", "sqlite"),
    ("people", PHONE, "en", "postgresql"),
    ("billing", DESK, "en", "postgresql"),
    ("provisioning", PHONE, "en", "postgresql"),
    ("invitations", DESK, "en", "postgresql"),
    ("audit", PHONE, "en", "postgresql"),
)


Task = Callable[[Window, Company], None]


@pytest.fixture(scope="module")
def place(server: Server) -> Company:
    """An organization with free seats of both tiers, three members besides the Owner, and invitations."""
    found = company.founded(server, "--seats", "standard=6", "--seats", "premium=5")
    server.command("domain", "add", found.slug, f"{found.slug}.example.com", "--verified")
    server.command("org", "set", found.slug, "--allow-invitations")
    assert found.arrive(("Ada Lovelace", "Grace Hopper", "Alan Turing")) == [201] * 3
    return found


@pytest.fixture(scope="module")
def entered(place: Company, browser: Browser) -> Mapping[str, Any]:
    """The cookies of its Owner."""
    with window(browser, place.server.url) as owner:
        owner.page.goto(place.link())
        owner.press("Sign in")
        return dict(owner.page.context.storage_state())


@pytest.mark.parametrize(
    ("page", "device", "language", "database_url"),
    [pytest.param(*walk, id=f"{walk[0]}-{walk[1][0]}-{walk[2]}") for walk in WALKS],
    indirect=["database_url"],
)
def test_the_main_task_of_a_page_is_done(
    place: Company,
    entered: Mapping[str, Any],
    browser: Browser,
    page: str,
    device: tuple[int, bool],
    language: str,
) -> None:
    width, scripts = device
    with window(
        browser, place.server.url, width=width, scripts=scripts, language=language, state=entered
    ) as owner:
        owner.go(place.root)
        if language != "en":
            owner.follow(owner.page.locator(f".rail button[value={language}]"))

        TASKS[page](owner, place)

        assert not owner.overflows
        assert not owner.faults()
        if language != "en":
            owner.follow(owner.page.locator(".rail button[value=en]"))


def move_a_person(owner: Window) -> None:
    owner.press("People", inside=".rail")
    owner.page.fill("#q", "hopper")
    owner.press("Search")
    owner.follow(owner.page.get_by_role("link", name="Grace Hopper"))
    tier = owner.page.input_value("#give")
    owner.press("Move to this tier")
    assert owner.title == f"Move Grace Hopper to {tier}"
    owner.follow(owner.page.locator("form[action$='/seat'] button"))

    assert owner.page.locator("[role=status] p").inner_text() == f"Grace Hopper moved to {tier}."
    assert f"Has a {tier} seat." in owner.words
    assert owner.page.locator("[role=status] button").inner_text() == "Undo"


def buy_two_seats(owner: Window) -> None:
    """The contract began two months ago, so ten of its twelve months are billed.

    2 seats x 20.00 USD x 10 months = 400.00 USD, and 21 % tax are 84.00 USD.
    """
    total = {"en": "484.00 USD", "es": "484,00 USD"}[owner.language]
    owner.press("Seats and billing", inside=".rail")
    before = _purchased(owner)
    owner.press("Add or upgrade seats")
    owner.page.fill("#add-standard", "2")
    owner.press("Review the order")
    assert total in plain(owner.words)
    owner.follow(owner.page.locator("form[action$='/billing/change'] button.primary"))

    assert total in plain(owner.words)
    assert owner.page.locator("main a[href$='.pdf']").count() == 1
    owner.press("To seats and billing")
    assert _purchased(owner) == before + 2


def _purchased(owner: Window) -> int:
    """The purchased standard seats, as the page shows them."""
    row = owner.page.locator("main table tbody tr").filter(has_text="standard").first
    return int(row.locator("td.num").first.inner_text().rpartition(" ")[2])


def let_people_wait(owner: Window) -> None:
    owner.press("Provisioning", inside=".rail")
    assert not owner.page.is_checked("input[name=overflow][value=queue]")
    owner.page.check("input[name=overflow][value=queue]")
    owner.press("Review the change")
    assert owner.title == "Review the change"
    owner.press("Save")

    assert owner.page.locator("[role=status] p").inner_text() == "The settings were saved."
    assert owner.page.is_checked("input[name=overflow][value=queue]")


def invite_two_people(owner: Window, domain: str) -> None:
    invited = {f"ada@{domain}", f"grace@{domain}"}
    owner.press("Invitations", inside=".rail")
    owner.press("Invite people")
    owner.page.fill("#addresses", "\n".join(invited))
    owner.press("Send the invitations")

    pending = owner.page.locator("main tbody tr").filter(has_text="pending")
    assert {one.split()[0] for one in pending.all_inner_texts()} == invited


def find_what_happened_to_a_person(owner: Window) -> None:
    owner.press("Audit", inside=".rail")
    owner.page.fill("#person", "turing")
    owner.press("Search")
    rows = owner.page.locator("table.audit tbody tr")
    assert rows.count() == 1
    rows.locator("summary").click()

    shown = rows.inner_text()
    assert f"{address('Alan Turing')} got a" in shown
    assert "person.provisioned" in shown


TASKS: Final[Mapping[str, Task]] = {
    "people": lambda owner, _place: move_a_person(owner),
    "billing": lambda owner, _place: buy_two_seats(owner),
    "provisioning": lambda owner, _place: let_people_wait(owner),
    "invitations": lambda owner, place: invite_two_people(owner, f"{place.slug}.example.com"),
    "audit": lambda owner, _place: find_what_happened_to_a_person(owner),
}
