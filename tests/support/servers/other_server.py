"""Another SCIM server, with the peculiarities that a test chooses."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

TOKEN = "token-of-the-other-server"
Resource = dict[str, Any]


@dataclass
class OtherServer:
    """Lists of resources behind HTTP.

    Attributes:
        users, groups: the resources in the order of the lists; groups None if the server has none.
        page: the size of a page, whatever the client requests.
        cursors: whether the server offers cursors.
        ignores_start: whether each page is the first one.
        counts: whether lists have totalResults and itemsPerPage.
        counts_page: whether totalResults is the length of the page.
        refuses_end: whether a startIndex after the last resource is an error.
        lists_members: whether lists of groups have their members.
        answers: statuses and headers for the next requests, before anything else.
        after: what happens after a number of requests, such as a deletion.
        requests: the paths with their parameters.
    """

    users: list[Resource] = field(default_factory=list)
    groups: list[Resource] | None = field(default_factory=list)
    page: int = 2
    cursors: bool = False
    ignores_start: bool = False
    counts: bool = True
    counts_page: bool = False
    refuses_end: bool = False
    lists_members: bool = True
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    after: dict[int, Any] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, target: str, authorization: str) -> tuple[int, dict[str, str], Any]:
        """The status, headers and body of one request."""
        self.requests.append(target)
        happens = self.after.pop(len(self.requests), None)
        if happens is not None:
            happens()
        if self.answers:
            status, headers = self.answers.pop(0)
            return status, headers, {"detail": "not now"}
        if authorization != f"Bearer {TOKEN}":
            return 401, {}, {"detail": "unknown token"}
        return self._resource(target)

    def _resource(self, target: str) -> tuple[int, dict[str, str], Any]:
        parts = urlsplit(target)
        path = unquote(parts.path).removeprefix("/scim/v2")
        if path == "/ServiceProviderConfig":
            return 200, {}, {"pagination": {"cursor": self.cursors}}
        kind, _, id_ = path.removeprefix("/").partition("/")
        listed = {"Users": self.users, "Groups": self.groups}.get(kind)
        if listed is None:
            return 404, {}, {"detail": "no such endpoint"}
        if id_:
            found = next((one for one in listed if one["id"] == id_), None)
            return 404 if found is None else 200, {}, found
        asked = dict(parse_qsl(parts.query, keep_blank_values=True))
        if self.refuses_end and int(asked.get("startIndex", 1)) > len(listed) > 0:
            return 400, {}, {"detail": "startIndex is too large"}
        return 200, {}, self._list(listed, asked)

    def _list(self, listed: list[Resource], asked: dict[str, str]) -> Resource:
        start = int(asked.get("cursor") or 0) if self.cursors else int(asked.get("startIndex", 1)) - 1
        start = 0 if self.ignores_start else start
        some = listed[start : start + self.page]
        if not self.lists_members:
            some = [{name: value for name, value in one.items() if name != "members"} for one in some]
        answer: Resource = {"Resources": some}
        if self.counts:
            total = len(some) if self.counts_page else len(listed)
            answer |= {"totalResults": total, "itemsPerPage": len(some), "startIndex": start + 1}
        if self.cursors and start + self.page < len(listed):
            answer["nextCursor"] = str(start + self.page)
        return answer


@contextmanager
def serving(other: OtherServer) -> Iterator[OtherServer]:
    """Answer requests on a port of this machine until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = other.answer(self.path, self.headers.get("Authorization", ""))
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    other.url = f"http://127.0.0.1:{server.server_port}/scim/v2"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield other
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
