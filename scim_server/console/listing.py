"""The filters and the page number of a list, which are in the address of its page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from flask import request

_LONGEST: Final = 200
_LAST_PAGE: Final = 100_000


@dataclass(frozen=True, slots=True)
class Listing:
    """What the reader chose.

    Attributes:
        filters: the filters that are set, by name.
        number: the number of the page; the first is 1.
    """

    filters: Mapping[str, str]
    number: int

    def get(self, name: str) -> str:
        """The value of a filter; empty if it is not set."""
        return self.filters.get(name, "")

    def address(self, **changed: object) -> str:
        """The query of the same list with other filters; the first page, unless `page` is given."""
        wanted = {**self.filters, **{name: str(value or "") for name, value in changed.items()}}
        given = {name: value for name, value in wanted.items() if value and (name, value) != ("page", "1")}
        return f"?{urlencode(given)}" if given else "?"


def of_request(*names: str) -> Listing:
    """The filters with these names, and the page number. Text that makes no sense is ignored."""
    found = {name: request.args.get(name, "").strip()[:_LONGEST] for name in names}
    page = request.args.get("page", "1")
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < len(str(_LAST_PAGE)) else 1
    return Listing({name: value for name, value in found.items() if value}, max(number, 1))
