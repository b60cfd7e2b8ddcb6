"""docs/events.md lists the catalogue."""

import json
import re
from pathlib import Path

from scim_server.history import CATALOGUE, Event
from scim_server.representations.public_events import example

PAGE = Path(__file__).parents[2] / "docs" / "events.md"


def row(event: type[Event]) -> str:
    """The line of the table; its last column is the first line of the class's docstring."""
    when = str(event.__doc__).partition("\n")[0].removeprefix("Appended ").rstrip(".")
    return f"| `{event.type}` | {'public' if event.public else 'internal'} | {event.version} | {when} |"


def test_the_page_lists_every_event_of_the_catalogue() -> None:
    page = PAGE.read_text().partition("| type | for | version | appended |")[2]

    listed = [line for line in page.splitlines() if line.startswith("| `")]

    assert listed == [row(event) for event in CATALOGUE.values()]


def test_the_page_shows_an_event_that_happens() -> None:
    (block,) = re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)

    shown = json.loads(block)

    assert shown == example(shown["type"])
