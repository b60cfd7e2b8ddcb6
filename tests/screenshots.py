"""Pictures of every page of the console: `python -m tests.screenshots FOLDER` (`make screenshots`).

Each page is shown wide and narrow, light and dark. Two of the pictures are those of the README; with
`--docs` they are written to docs/images.
"""

import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.console.addresses import by_name
from tests.console.browser.browsing import HEIGHT, NARROW, WIDE, Window, launched, window
from tests.console.browser.company import Company, furnished
from tests.support.servers.running import start

IN_README: Final = {"overview-show": "overview", "left_out-show-1": "left-out"}
IMAGES: Final = Path(__file__).parents[1] / "docs" / "images"
LANGUAGES: Final = ("en", "es")


def main(folder: Path, *, docs: bool) -> None:
    """Start a server with an organization, and take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        database = f"sqlite:///{place}/seats.db"
        # No worker: nothing changes between two pictures.
        with start(database, Path(place), workers=1, options=("--no-worker",)) as server:
            _take(furnished(server, slug="acme"), folder, docs=docs)


def _take(company: Company, folder: Path, *, docs: bool) -> None:
    pages = by_name(company.walked())
    with launched() as browser:
        for language in LANGUAGES:
            with window(browser, company.server.url, language=language) as owner:
                owner.page.goto(company.link())
                owner.press("Sign in")
                for name, address in pages.items():
                    owner.go(address)
                    _shoot(owner, folder, f"{name}-{language}" if language != "en" else name)
                    if docs and language == "en" and name in IN_README:
                        owner.page.set_viewport_size({"width": WIDE, "height": 720})
                        owner.page.screenshot(path=IMAGES / f"{IN_README[name]}.png")


def _shoot(owner: Window, folder: Path, name: str) -> None:
    """The same page four times; a translation once."""
    for width in (WIDE, NARROW):
        owner.page.set_viewport_size({"width": width, "height": HEIGHT})
        for theme in ("dark", "light"):
            if owner.language != "en" and (theme, width) != ("light", NARROW):
                continue
            owner.page.emulate_media(color_scheme=theme)
            owner.page.screenshot(path=folder / f"{name}-{width}-{theme}.png", full_page=True)


if __name__ == "__main__":
    given = [one for one in sys.argv[1:] if one != "--docs"]
    main(Path(given[0] if given else "build/screenshots"), docs="--docs" in sys.argv)
