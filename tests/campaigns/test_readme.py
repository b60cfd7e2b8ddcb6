"""README.md lists the campaigns as they are run."""

import re
from pathlib import Path

from tests.campaigns.__main__ import ROUNDS, SIZES

PAGE = (Path(__file__).parent / "README.md").read_text()
ROW = re.compile(r"^\| `([\w-]+)` \| (.*?) \| (.*?) \|", re.MULTILINE)


def number_in(cell: str) -> int:
    """The default in brackets; a campaign without the option has one round."""
    found = re.search(r"\(([\d,]+)\)", cell)
    return 1 if found is None else int(found[1].replace(",", ""))


def test_every_campaign_is_listed_with_its_defaults() -> None:
    rows = {name: (number_in(size), number_in(rounds)) for name, size, rounds in ROW.findall(PAGE)}

    assert rows == {name: (SIZES[name], ROUNDS[name]) for name in SIZES}


def test_the_usage_names_every_campaign() -> None:
    usage = re.search(r"python -m tests.campaigns ([\w|-]+)", PAGE)

    assert usage is not None
    assert set(usage[1].split("|")) == {*SIZES, "all"}
