"""Requests to another SCIM server: retries, redirects on the same host only, and clear messages.

TLS is always verified. Plain HTTP is accepted for this machine only, because the token would be readable on
the way. The address itself is the operator's choice, so private networks are allowed.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import orjson

from scim_server.remote.errors import NotOffered, RemoteError

ATTEMPTS: Final = 6
MOST_BYTES: Final = 256 * 1024 * 1024
_LONGEST_WAIT: Final = 300.0
_REDIRECTS: Final = 3
_PORTS: Final = {"http": 80, "https": 443}
_AGAIN: Final = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
_ABSENT: Final = frozenset(
    {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE, HTTPStatus.NOT_IMPLEMENTED}
)


def checked_url(text: str) -> str:
    """The SCIM base URL without a trailing slash.

    Raises:
        RemoteError: the text is not such a URL, contains a password, or is plain HTTP to another machine.
    """
    try:
        parts = urlsplit(text.strip())
        usable = parts.scheme in _PORTS and bool(parts.hostname) and not parts.query and not parts.fragment
        usable = usable and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise RemoteError("give the SCIM base URL of the server, such as https://scim.example.com/v2")
    if parts.username is not None or parts.password is not None:
        raise RemoteError("the URL must not contain a user or a password. Give the token separately")
    if parts.scheme == "http" and not _is_this_machine(str(parts.hostname)):
        raise RemoteError(
            "the token would be readable on the way, so the URL must begin with https:// unless the server "
            "runs on this machine"
        )
    return text.strip().rstrip("/")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


@dataclass
class Client:
    """A connection to another server.

    Attributes:
        url: the SCIM base URL, which `checked_url` has accepted.
        wait: waits for some seconds; tests replace it.
        seconds: how long one answer may take.
    """

    url: str
    token: str = field(repr=False)
    wait: Callable[[float], None] = time.sleep
    seconds: float = 60.0
    _http: httpx.Client = field(init=False, repr=False)

    def __post_init__(self) -> None:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/scim+json, application/json",
            "User-Agent": "scim-seats import",
        }
        self._http = httpx.Client(headers=headers, timeout=self.seconds, follow_redirects=False)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def get(self, path: str, parameters: Mapping[str, str | int] | None = None) -> dict[str, Any]:
        """The JSON object at a path under the base URL. Temporary failures are repeated.

        Raises:
            NotOffered: the server has no such path.
            RemoteError: the server cannot be read.
        """
        url = httpx.URL(self.url + path, params=dict(parameters or {}))
        for attempt in range(1, ATTEMPTS + 1):
            try:
                status, headers, body = self._followed(url)
            except httpx.HTTPError as error:
                if attempt == ATTEMPTS:
                    raise RemoteError(f"{self.url} does not answer: {_words(error)}") from None
                self.wait(_pause(attempt))
                continue
            if status not in _AGAIN or attempt == ATTEMPTS:
                return self._read(path, status, body)
            self.wait(_asked(headers) or _pause(attempt))
        raise AssertionError("the last attempt returns or raises")

    def _followed(self, url: httpx.URL) -> tuple[int, httpx.Headers, bytes]:
        for _ in range(_REDIRECTS + 1):
            with self._http.stream("GET", url) as answer:
                if not answer.is_redirect:
                    return answer.status_code, answer.headers, _body(answer)
                following = url.join(answer.headers["location"])
            if _origin(following) != _origin(url):
                raise RemoteError(
                    f"{self.url} redirects to {following.scheme}://{following.netloc.decode()}, which would "
                    "get the token. Give that URL if it is the right server"
                )
            url = following
        raise RemoteError(f"{self.url} redirects too often")

    def _read(self, path: str, status: int, body: bytes) -> dict[str, Any]:
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise RemoteError(
                f"the server does not accept the token for {path} ({status}). Check that the token is valid "
                f"and may read people and groups{_reason(body)}"
            )
        if status in _ABSENT:
            raise NotOffered(f"the server has no {path} ({status}). Check the base URL{_reason(body)}")
        if status != HTTPStatus.OK:
            raise RemoteError(f"the server answers {path} with {status}{_reason(body)}")
        try:
            found = orjson.loads(body)
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise RemoteError(f"the answer of {path} is not a JSON object. Check the base URL")
        return found


def _body(answer: httpx.Response) -> bytes:
    parts, size = [], 0
    for part in answer.iter_bytes():
        size += len(part)
        if size > MOST_BYTES:
            raise RemoteError(f"an answer is larger than {MOST_BYTES // 1024 // 1024} MB")
        parts.append(part)
    return b"".join(parts)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or _PORTS.get(url.scheme)


def _pause(attempt: int) -> float:
    return float(min(2 ** (attempt - 1), 30))


def _asked(headers: httpx.Headers) -> float | None:
    """The seconds in Retry-After, which is a number or a date."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        seconds = float(text) if text.isdecimal() else _seconds_until(text)
    except ValueError:
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT)


def _seconds_until(text: str) -> float:
    moment = parsedate_to_datetime(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime.now(UTC)).total_seconds()


def _words(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "it took too long"
    return " ".join(str(error).split())[:200] or type(error).__name__


def _reason(body: bytes) -> str:
    """The reason that the server gives, as the end of a message."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    detail = found.get("detail") if isinstance(found, dict) else None
    return f": {' '.join(detail.split())[:200]}" if isinstance(detail, str) and detail.strip() else ""
