"""What holds for every page: both widths, themes and languages, the keyboard, and no foreign request."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.console.addresses import SHOWN, Map
from tests.console.browser.browsing import HEIGHT, NARROW, WIDE, Window, window
from tests.console.browser.company import Company
from tests.console.browser.conftest import ON_SQLITE

pytestmark = ON_SQLITE

NOT_LINKED = {
    # Forms lead to these.
    "console_billing_change.form_again",
    "console_people_actions.review_role",
    "console_people_actions.review_seat",
    "console_provisioning.review",
    # Only of an inactive person.
    "console_people_actions.review_activate",
    # Only after a mass removal.
    "console_people_removals.review_confirm",
    "console_people_removals.review_restore",
    "console_people_removals.show_one",
}

_FOCUSED = """() => {
    const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
    window.passed = window.passed || [];
    const before = window.passed.at(-1);
    // 4: it follows.
    const inOrder = !before || Boolean(before.compareDocumentPosition(one) & 4);
    if (one === document.body || window.passed.includes(one)) return null;
    window.passed.push(one);
    return {
        name: (one.className || one.tagName) + ' ' + (one.innerText || one.name || '').slice(0, 40),
        ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        seen: box.width > 0 && box.height > 0 && box.right > 0 && box.left < innerWidth,
        inOrder,
    };
}"""


@pytest.fixture
def opened(furnished: Company, browser: Browser, signed_in: Mapping[str, Any]) -> Iterator[Window]:
    """A window of the Owner."""
    with window(browser, furnished.server.url, state=signed_in) as owner:
        yield owner


LINKED = [endpoint for endpoint in SHOWN if endpoint not in NOT_LINKED]


@pytest.mark.parametrize("endpoint", LINKED)
def test_a_page_is_linked_fits_every_width_and_has_no_serious_finding(
    pages: Map, opened: Window, endpoint: str
) -> None:
    if endpoint in pages.files:
        return
    assert endpoint in pages.pages, "no page links to it, and it does not open by its path alone"
    for address in pages.pages[endpoint]:
        opened.page.set_viewport_size({"width": WIDE, "height": HEIGHT})
        opened.go(address)
        found: dict[str, object] = {"headings": opened.page.locator("h1").count()}
        for theme in ("light", "dark"):
            opened.page.emulate_media(color_scheme=theme)
            found[theme] = opened.serious()
        for width in (WIDE, NARROW, 320):
            opened.page.set_viewport_size({"width": width, "height": HEIGHT})
            found[f"wider than {width}"] = opened.overflows

        assert found == {
            "headings": 1,
            "light": [],
            "dark": [],
            f"wider than {WIDE}": False,
            f"wider than {NARROW}": False,
            "wider than 320": False,
        }, address
        assert opened.page.title().strip(" ·"), address
        assert not opened.faults(), address


@pytest.mark.parametrize("endpoint", LINKED)
def test_a_page_is_used_by_the_keyboard(pages: Map, opened: Window, endpoint: str) -> None:
    for address in pages.pages.get(endpoint, [])[:1]:
        opened.go(address)
        passed = list[dict[str, Any]]()
        while len(passed) < 60:
            opened.page.keyboard.press("Tab")
            focused = opened.page.evaluate(_FOCUSED)
            if focused is None:
                break
            passed.append(focused)

        assert passed[0]["name"].startswith("skip"), address
        assert [one for one in passed if not (one["ring"] and one["seen"] and one["inOrder"])] == []


def test_the_skip_link_leads_over_the_rail_to_the_page(furnished: Company, opened: Window) -> None:
    opened.go(furnished.root)
    opened.page.keyboard.press("Tab")
    opened.page.keyboard.press("Enter")
    opened.page.keyboard.press("Tab")

    inside = opened.page.evaluate("document.querySelector('main').contains(document.activeElement)")

    assert inside
    assert opened.page.evaluate("document.activeElement.tagName") == "A"


def test_every_page_is_in_the_language_of_the_session(
    furnished: Company, pages: Map, browser: Browser
) -> None:
    """The name of each page in the rail is the same in no two languages."""
    with window(browser, furnished.server.url, language="es", width=NARROW) as owner:
        owner.page.goto(furnished.link())
        owner.press("Sign in")
        for address in (one for addresses in pages.pages.values() for one in addresses):
            owner.go(address)

            assert owner.page.locator("html").get_attribute("lang") == "es"
            assert owner.page.locator(".rail").get_by_text(owner.say("Left out")).count() == 1
            assert not owner.overflows, address
        assert not owner.faults()


def test_no_style_that_the_browser_set_is_copied_to_the_next_page(furnished: Company, opened: Window) -> None:
    """Chromium does so when a person resizes a field. The policy of the pages forbids such attributes."""
    opened.go(furnished.root)
    opened.page.evaluate("document.querySelector('main').style.width = '100%'")

    opened.press("People", inside=".rail")

    assert opened.page.locator("main").get_attribute("style") is None
    assert not opened.faults()


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/spent"])
def test_the_pages_before_the_sign_in_have_no_serious_finding(
    furnished: Company, browser: Browser, path: str
) -> None:
    with window(browser, furnished.server.url, width=NARROW) as stranger:
        stranger.go(f"{furnished.root}{path}")
        themes = []
        for theme in ("light", "dark"):
            stranger.page.emulate_media(color_scheme=theme)
            themes.append(stranger.serious())

        assert (themes, stranger.overflows, stranger.elsewhere) == ([[], []], False, [])
