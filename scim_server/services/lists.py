"""Lists in pages, and references to entries of the history."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from scim_server.services.errors import InvalidCursor, InvalidReference

T = TypeVar("T")

_MOST_DIGITS: Final = 18


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list.

    Attributes:
        next_cursor: continues the list after this page; None at the end of the list.
    """

    data: tuple[T, ...]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet(Generic[T]):
    """A numbered page of a list, with the length of the whole list.

    Attributes:
        total: how many items the list has.
        number: the number of the page; the first is 1.
        size: how many items a page has at most.
    """

    data: tuple[T, ...]
    total: int
    number: int
    size: int

    @property
    def first(self) -> int:
        """The position of the first item of the page; 0 if the list is empty."""
        return (self.number - 1) * self.size + 1 if self.data else 0

    @property
    def last(self) -> int:
        """The position of the last item of the page."""
        return (self.number - 1) * self.size + len(self.data)

    @property
    def pages(self) -> int:
        """How many pages the list has; at least 1."""
        return max(-(-self.total // self.size), 1)


SHEET: Final = 50
"""How many items a numbered page has at most."""


def page_of(found: Sequence[T], limit: int, cursor: Callable[[T], str]) -> Page[T]:
    """Cut a page from a query for `limit + 1` rows. The extra row shows that the list continues.

    Args:
        cursor: returns the cursor that continues the list after an item.
    """
    shown = tuple(found[:limit])
    return Page(shown, cursor(shown[-1]) if len(found) > limit else None)


@dataclass(frozen=True, slots=True)
class Reference:
    """The number of an event in the form for people, such as `acme-12`.

    It is unique over all organizations.
    """

    slug: str
    number: int

    def __str__(self) -> str:
        return f"{self.slug}-{self.number}"

    @classmethod
    def parse(cls, slug: str, text: str) -> "Reference":
        """Read a reference of this organization; the number alone is also accepted.

        Raises:
            InvalidReference: the text is not a reference of this organization.
        """
        digits = text.removeprefix(f"{slug}-")
        if not digits.isascii() or not digits.isdecimal() or len(digits) > _MOST_DIGITS:
            raise InvalidReference(f"'{text}' is not a reference of {slug}, such as {slug}-12")
        return cls(slug, int(digits))

    @classmethod
    def number_after(cls, slug: str, key: str | None) -> int | None:
        """The number in the key at which the previous page of a list ended; None for the first page.

        Raises:
            InvalidCursor: the text is not such a key.
        """
        try:
            return None if key is None else cls.parse(slug, key).number
        except InvalidReference:
            raise InvalidCursor("this cursor is not from this list") from None
