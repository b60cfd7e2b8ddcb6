"""The resources of another SCIM server, page by page, whatever its lists look like.

Cursors are used if the server offers them. Otherwise pages are read by startIndex, and people who are created
or deleted meanwhile move others between pages; `ids` then shows the missed people.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from scim_server.remote.client import Client
from scim_server.remote.errors import NotOffered, RemoteError

_COUNT: Final = {"/Users": 1_000, "/Groups": 100}
"""How many resources are requested at once. Groups may have many members."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list.

    Attributes:
        total: how many resources the server says that it has; None if it does not say it.
        place: where the next page begins; None after the last page.
    """

    resources: tuple[dict[str, Any], ...]
    total: int | None
    place: Mapping[str, Any] | None


@dataclass
class Reader:
    """Another SCIM server."""

    client: Client
    _cursors: bool | None = None

    def pages(self, endpoint: str, place: Mapping[str, Any] | None = None) -> Iterator[Page]:
        """The pages of a list.

        Args:
            endpoint: `/Users` or `/Groups`.
            place: where to begin; None for the first page.

        Raises:
            NotOffered: the server has no such list.
            RemoteError: the server cannot be read.
        """
        place = self._first() if place is None else place
        seen: set[str] = set()
        total: int | None = None
        while place is not None:
            page = self._following(endpoint, place, total, short=False)
            total = page.total
            new = {str(one.get("id")) for one in page.resources} - seen
            if page.resources and not new:
                return  # The server ignores startIndex and answers each request with the same page.
            seen |= new
            yield page
            place = page.place

    def _following(self, endpoint: str, place: Mapping[str, Any], total: int | None, *, short: bool) -> Page:
        """The page at a place. Some servers refuse a place after the last resource."""
        try:
            return self._short_page(endpoint, place) if short else self._page(endpoint, place)
        except RemoteError:
            if total is None or int(place.get("start", 0)) <= total:
                raise
            return Page((), total, None)

    def _first(self) -> dict[str, Any]:
        return {"cursor": ""} if self._offers_cursors() else {"start": 1}

    def _offers_cursors(self) -> bool:
        """Whether the server offers cursors (RFC 9865). Servers without this page offer none."""
        if self._cursors is None:
            try:
                pagination = self.client.get("/ServiceProviderConfig").get("pagination")
            except NotOffered:
                pagination = None
            self._cursors = isinstance(pagination, dict) and pagination.get("cursor") is True
        return self._cursors

    def _page(self, endpoint: str, place: Mapping[str, Any]) -> Page:
        count = {"count": _COUNT[endpoint]}
        if "cursor" in place:
            answer = self.client.get(endpoint, {"cursor": place["cursor"], **count})
            following = answer.get("nextCursor")
            after = {"cursor": following} if isinstance(following, str) and following else None
            return Page(_resources(endpoint, answer), _total(answer), after)
        start = int(place["start"])
        answer = self.client.get(endpoint, {"startIndex": start, **count})
        found = _resources(endpoint, answer)
        # The total is not trusted: some servers answer the length of the page.
        return Page(found, _total(answer), {"start": start + len(found)} if found else None)

    def ids(self, endpoint: str) -> Iterator[str]:
        """The ids of all resources, read once more."""
        place: Mapping[str, Any] | None = self._first()
        last: tuple[str, ...] = ()
        total: int | None = None
        while place is not None:
            page = self._following(endpoint, place, total, short=True)
            total = page.total
            found = tuple(str(one["id"]) for one in page.resources if isinstance(one.get("id"), str))
            if found == last:
                return
            yield from found
            place, last = page.place, found

    def _short_page(self, endpoint: str, place: Mapping[str, Any]) -> Page:
        name = "userName" if endpoint == "/Users" else "displayName"
        if "cursor" in place:
            return self._page(endpoint, place)
        start = int(place["start"])
        parameters: dict[str, str | int] = {
            "startIndex": start,
            "count": _COUNT["/Users"],
            "attributes": name,
        }
        answer = self.client.get(endpoint, parameters)
        found = _resources(endpoint, answer)
        return Page(found, _total(answer), {"start": start + len(found)} if found else None)

    def one(self, endpoint: str, id_: str) -> dict[str, Any] | None:
        """One resource; None if it does not exist any more."""
        try:
            return self.client.get(f"{endpoint}/{quote(id_, safe='')}")
        except NotOffered:
            return None


def _resources(endpoint: str, answer: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    listed = answer.get("Resources", answer.get("resources", []))
    if listed is None:
        return ()
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise RemoteError(f"the answer of {endpoint} is not a list of SCIM. Check the base URL")
    return tuple(listed)


def _total(answer: Mapping[str, Any]) -> int | None:
    total = answer.get("totalResults")
    return total if isinstance(total, int) and not isinstance(total, bool) else None
