"""Debian's Chromium, driven by Playwright, and what a window notes while it shows pages."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, sync_playwright

from scim_server.console.language import translations

WIDE, NARROW = 1280, 375
HEIGHT: Final = 900
_LOCALES: Final = {"en": "en-US", "es": "es-ES"}


@contextmanager
def launched() -> Iterator[Browser]:
    """The browser; it ends with the block."""
    path = shutil.which("chromium")
    assert path is not None, "chromium is not installed: run tests/support/servers/install.sh chromium"
    # Chromium refuses to run as root with its sandbox, and containers have little shared memory.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=[*sandbox, "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield browser
        browser.close()


@dataclass
class Window:
    """A window of the browser.

    Attributes:
        origin: of the server; no request may go elsewhere.
        errors: what the browser's console reported.
        elsewhere: requests to other origins.
    """

    page: Page
    origin: str
    language: str
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._follow)

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(f"{self.page.url}: {message.text}")

    def _follow(self, request: Request) -> None:
        if not request.url.startswith(f"{self.origin}/"):
            self.elsewhere.append(request.url)

    def say(self, message: str, **values: object) -> str:
        """A message of the console in the language of this window."""
        found: str = translations(self.language).gettext(message)
        return found % values if values else found

    def go(self, address: str) -> None:
        """Open a page, given by its path."""
        self.page.goto(f"{self.origin}{address}")

    def press(self, message: str, *, inside: str = "main") -> None:
        """Press the first button or follow the first link with this text, and wait for the next page."""
        self.follow(self.page.locator(inside).locator("a, button").filter(has_text=self.say(message)).first)

    def follow(self, link: Locator) -> None:
        """Press a button or follow a link, and wait for the next page."""
        # With scripts the content of the body is replaced, without them the document.
        self.page.evaluate("document.querySelector('main').dataset.left = 'true'")
        link.click()
        self.page.wait_for_selector("main:not([data-left])")
        self.page.wait_for_load_state()

    @property
    def words(self) -> str:
        """The text of the page."""
        return " ".join(self.page.locator("body").inner_text().replace("\xa0", " ").split())

    @property
    def title(self) -> str:
        """The heading of the page."""
        return self.page.locator("h1").inner_text()

    @property
    def overflows(self) -> bool:
        """Whether the page is wider than the window."""
        wider: bool = self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return wider

    def serious(self) -> list[str]:
        """What axe-core finds serious or critical on the page."""
        found = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']}: {', '.join(' '.join(node['target']) for node in one['nodes'])}"
            for one in found
            if one["impact"] in ("serious", "critical")
        ]

    def faults(self) -> list[str]:
        """Errors and foreign requests so far."""
        return [*self.errors, *self.elsewhere]


@contextmanager
def window(
    browser: Browser,
    origin: str,
    *,
    width: int = WIDE,
    scripts: bool = True,
    language: str = "en",
    state: Mapping[str, Any] | None = None,
    theme: str = "light",
) -> Iterator[Window]:
    """A new window with its own cookies.

    Args:
        scripts: whether JavaScript is on.
        state: the cookies of an earlier window.
    """
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        java_script_enabled=scripts,
        locale=_LOCALES[language],
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
        storage_state=dict(state) if state is not None else None,  # type: ignore[arg-type]
    )
    context.set_default_timeout(20_000)
    yield Window(context.new_page(), origin, language)
    context.close()
