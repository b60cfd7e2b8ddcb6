"""Sends HTTP as providers do. Paths are sent as recorded, and redirects are returned as answers."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import quote

import httpx

from conformance.jsonpath import Json

_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_AS_IS = "/?:@!$&'()*+,;=~-._%"


class NoAnswer(Exception):
    """The server sent no HTTP answer."""


@dataclass(frozen=True)
class Request:
    """A request below the base URL."""

    method: str
    path: str
    headers: Mapping[str, str]
    content: bytes | None = None


@dataclass(frozen=True)
class Answer:
    """An answer, and the time in milliseconds that it took. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    milliseconds: float = 0.0

    def json(self) -> Json:
        """The content as JSON.

        Raises:
            ValueError: the content is not JSON.
        """
        try:
            document: Json = json.loads(self.content)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        return document


class Client:
    """Connections to one SCIM server; safe to share between threads."""

    def __init__(self, base_url: str, timeout: float) -> None:
        self._base = httpx.URL(base_url)
        self._timeout = timeout
        self._http = httpx.Client(
            trust_env=False,
            follow_redirects=False,
            # Loading the certificates takes longer than a conversation; plain HTTP needs none.
            verify=self._base.scheme == "https",
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=None),
            headers={"User-Agent": "scim-conformance"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def send(self, request: Request, patience: float = 0.0) -> Answer:
        """Send a request and return its answer.

        Wait at most `patience` seconds, or the usual time if it is longer.

        Raises:
            NoAnswer: there was no answer; the message gives the reason.
        """
        wait = max(self._timeout, patience)
        try:
            response = self._http.send(self._build(request, wait))
        except httpx.TimeoutException:
            raise NoAnswer(f"no answer within {wait:g} s") from None
        except httpx.HTTPError as error:
            raise NoAnswer(f"no answer: {error or type(error).__name__}") from None
        return Answer(
            status=response.status_code,
            headers=dict(response.headers),
            content=response.content,
            milliseconds=response.elapsed.total_seconds() * 1000,
        )

    def _build(self, request: Request, wait: float) -> httpx.Request:
        below = self._base.raw_path.rstrip(b"/")
        return self._http.build_request(
            request.method,
            self._base,
            headers=[(_bytes(name), _bytes(value)) for name, value in request.headers.items()],
            content=request.content,
            timeout=wait,
            # Write the request line as bytes, so that the URL is not normalised.
            extensions={"target": below + encode_path(request.path).encode()},
        )


def encode_path(path: str) -> str:
    """The path with the characters that URLs do not allow percent-encoded; `+` and existing `%XX` stay."""
    return quote(_STRAY_PERCENT.sub("%25", path), safe=_AS_IS, errors="surrogatepass")


def encode_body(body: Json) -> bytes | None:
    """The body as providers write it: JSON in UTF-8; None for null."""
    return None if body is None else _bytes(json.dumps(body, ensure_ascii=False))


def _bytes(text: str) -> bytes:
    # A variable may contain half of a surrogate pair from an answer; it is sent back unchanged.
    return text.encode("utf-8", "surrogatepass")
