"""Sends a request to an address that a customer chose, and reads a part of the answer.

It uses httpcore, on which httpx is built, because only httpcore lets the connection be opened by `network`,
which checks and keeps the address. Redirects are not followed.
"""

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from types import TracebackType
from typing import Final, Self

import httpcore

from scim_server.egress.network import Checked
from scim_server.egress.targets import Refused, Target, target

SECONDS: Final = 15.0
"""How long a request may take, from the look-up of the name to the end of the answer."""
LONGEST_ANSWER: Final = 64 * 1024
_IDLE_SECONDS: Final = 2.0
"""How long a connection is kept. Many servers close idle connections soon, and a request on such a connection
would fail."""
_LONGEST_HEADERS: Final = 50


class Failure(StrEnum):
    """Why there is no usable answer. The caller sees this; the operator also sees the cause."""

    REFUSED = "refused_address"
    CONNECTION = "connection_failed"
    TLS = "tls_failed"
    TIMEOUT = "timeout"
    INVALID = "invalid_answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request, or the reason why there is none.

    Attributes:
        status: the HTTP status; None without an answer.
        headers: the headers, with names in lower case.
        body: the body, up to 64 KiB, as text.
        truncated: whether the body is longer.
        milliseconds: how long the request took.
        failure: why there is no usable answer; None if there is one.
        cause: the exact cause of the failure, for the operator only.
    """

    status: int | None
    milliseconds: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    truncated: bool = False
    failure: Failure | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings for requests to customers' addresses.

    Attributes:
        dns_server: the resolver; None for the system's resolvers.
        proxy: the URL of an HTTP proxy for all requests; None without one.
        private: whether http and addresses that are not public are allowed.
    """

    dns_server: str | None = None
    proxy: str | None = field(default=None, repr=False)
    private: bool = False

    def check(self, url: str) -> str:
        """Check that a URL may be requested, also by the addresses of its host; return its canonical form.

        Raises:
            Refused: the URL may not be requested.
        """
        found = target(url, private=self.private)
        asyncio.run(self._look_up(found))
        return found.url

    async def _look_up(self, found: Target) -> None:
        network = Checked(self.dns_server, self.proxy, private=self.private)
        try:
            async with asyncio.timeout(SECONDS):
                await network.addresses(found.host)
        except TimeoutError:
            raise Refused(
                "The host of the URL cannot be reached.", "the DNS does not answer in time"
            ) from None

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send one request, outside of a worker."""

        async def once() -> Answer:
            async with Sender(self) as sender:
                return await sender.post(url, headers, body)

        return asyncio.run(once())


class Sender:
    """Sends requests at the same time. Connections to one host are reused while many requests follow."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_tls(),
            max_connections=None,
            max_keepalive_connections=None,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=Checked(policy.dns_server, policy.proxy, private=policy.private),
        )

    async def __aenter__(self) -> Self:
        """Open the pool of connections."""
        await self._pool.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        await self._pool.__aexit__(kind, error, trace)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a body. This never raises an error because of the target."""
        began = time.monotonic()
        try:
            found = target(url, private=self._policy.private)
            # The limit is a time on the clock: it also ends answers that arrive byte by byte.
            async with asyncio.timeout(SECONDS):
                return await self._exchange(found, headers, body, began)
        except Exception as error:  # noqa: BLE001 - whatever a target does, other targets go on
            return _failed(error, began)

    async def _exchange(self, found: Target, headers: Mapping[str, str], body: bytes, began: float) -> Answer:
        kept, length = bytearray(), 0
        sent = [*headers.items(), ("Content-Length", str(len(body)))]
        async with self._pool.stream("POST", found.url, headers=sent, content=body) as response:
            async for part in response.aiter_stream():
                kept += part[: LONGEST_ANSWER - len(kept)]
                length += len(part)
                if length > LONGEST_ANSWER:
                    break
            return Answer(
                status=response.status,
                milliseconds=_since(began),
                headers=_headers(response),
                body=kept.decode(errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}"),
                truncated=length > LONGEST_ANSWER,
            )


@cache
def _tls() -> ssl.SSLContext:
    """The certificates of the system, which take a while to read."""
    return ssl.create_default_context()


def _headers(response: httpcore.Response) -> dict[str, str]:
    listed = response.headers[:_LONGEST_HEADERS]
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in listed}


def _failed(error: Exception, began: float) -> Answer:
    cause = error.cause if isinstance(error, Refused) else f"{type(error).__name__}: {error}".rstrip(": ")
    return Answer(None, _since(began), failure=_kind(error), cause=cause)


def _kind(error: Exception) -> Failure:
    if isinstance(error, Refused):
        return Failure.REFUSED
    if isinstance(error, TimeoutError | httpcore.TimeoutException):
        return Failure.TIMEOUT
    if isinstance(error.__cause__ or error.__context__, ssl.SSLError):
        return Failure.TLS
    if isinstance(error, httpcore.NetworkError | OSError):
        return Failure.CONNECTION
    return Failure.INVALID


def _since(began: float) -> int:
    return round(1000 * (time.monotonic() - began))
