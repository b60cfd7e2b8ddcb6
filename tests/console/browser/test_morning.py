"""The morning after ten people could not get in: the Owner opens a link, buys, and all of them are in."""

import pytest
from playwright.sync_api import Browser

from scim_server.console.language import translations
from scim_server.documents import formats
from tests.console.browser import company
from tests.console.browser.browsing import NARROW, WIDE, Window, window
from tests.console.browser.company import NEWCOMERS, Company, address, described
from tests.support.servers.running import Server

WINDOWS = (
    pytest.param(WIDE, True, "en", "reject", id="wide-scripts-en-reject"),
    pytest.param(NARROW, False, "es", "queue", id="narrow-plain-es-queue"),
)


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


@pytest.mark.parametrize(("width", "scripts", "language", "overflow"), WINDOWS)
def test_an_owner_lets_everyone_in(
    server: Server, browser: Browser, width: int, *, scripts: bool, language: str, overflow: str
) -> None:
    place = company.morning(server, overflow=overflow)

    with window(browser, server.url, width=width, scripts=scripts, language=language) as owner:
        owner.page.goto(place.link())
        owner.press("Sign in")
        counted = plural(owner, "%(number)s person was left out", "%(number)s people were left out", 10)
        assert owner.page.locator(".banner h2").inner_text() == counted
        owner.press("Review and buy")
        assert_review(owner)
        owner.follow(owner.page.locator("form[action$='/left-out/buy'] button"))

        assert owner.title == plural(owner, "%(number)s person is in", "%(number)s people are in", 10)
        assert_names(owner)
        assert_invoice(owner, place)
        owner.go(place.root)
        assert owner.page.locator(".banner").count() == 0
        assert not owner.faults()

    assert_seated(place, overflow)


def plural(owner: Window, one: str, several: str, count: int) -> str:
    found: str = translations(owner.language).ngettext(one, several, count)
    return found % {"number": count}


def assert_review(owner: Window) -> None:
    """The price and the names, before anything is bought.

    The contract began two months ago and has twelve months, and a month that has begun is billed as a whole.
    So ten months are left: 10 seats x 20.00 USD x 10 months = 2,000.00 USD. 21 % tax are 420.00 USD.
    """
    amounts = {"en": ("2,000.00", "420.00", "2,420.00"), "es": ("2.000,00", "420,00", "2.420,00")}
    words = plain(owner.words)
    shown = [amount for amount in amounts[owner.language] if f"{amount} USD" in words]
    assert shown == list(amounts[owner.language]), words
    end = plain(formats.day(company.months_ago(-10), owner.language))
    assert end in words, (end, words)
    assert_names(owner)


def assert_names(owner: Window) -> None:
    listed = owner.page.locator("main li").all_text_contents()
    assert {address(name) for name in NEWCOMERS} <= {one.strip() for one in listed}


def assert_invoice(owner: Window, place: Company) -> None:
    """The invoice is the first one, with the same total."""
    invoice = place.server.json("invoice", "show", place.slug, "1")
    assert invoice["total"] == {"amount": "2420.00", "currency": "USD"}
    link = owner.page.locator("main a.button[href*='/billing/invoices/']").get_attribute("href")
    assert link == f"{place.root}/billing/invoices/1"
    owner.press("Open the invoice")
    assert invoice["reference"] in owner.title
    pdf = owner.page.request.get(f"{place.server.url}{link}.pdf")
    assert (pdf.status, pdf.body()[:5]) == (200, b"%PDF-")


def assert_seated(place: Company, overflow: str) -> None:
    """Ten are in, and the provider, which does not know, sees it at its next attempt."""
    with place.provider() as provider:
        again = [provider.post("/Users", json=described(name)).status_code for name in NEWCOMERS]
        found = provider.get("/Users", params={"filter": f'userName eq "{address(NEWCOMERS[0])}"'}).json()
        whole = provider.get("/Users", params={"count": "0"}).json()
    seats = place.server.json("seats", "show", place.slug)["tiers"]
    assert again == [409] * 10, overflow
    assert (found["totalResults"], found["Resources"][0]["active"]) == (1, True)
    assert whole["totalResults"] == 13
    assert (seats["standard"]["purchased"], seats["standard"]["assigned"]) == (13, 13)
