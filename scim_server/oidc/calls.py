"""Requests to identity providers. An Owner enters their addresses, so every request is limited.

A request goes to public addresses only, and to no host inside the network of the server, except to hosts
that the operator names. The connection uses the very address that was checked. Redirects are not followed.
Time and size are limited.
"""

import http.client
import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, urlencode, urlsplit

import orjson

from scim_server.egress.targets import is_public

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SECONDS: Final = 5.0
"""How long one request may take, in all."""
LARGEST: Final = 256 * 1024
"""The largest answer, in bytes."""
_AT_ONCE: Final = BoundedSemaphore(4)
"""Limits the requests that wait for a provider, so that slow providers do not take all threads."""
_WAIT_SECONDS: Final = 1.0
_PORTS: Final = {"https": 443, "http": 80}


class NotPermitted(ValueError):
    """A request to this address is not permitted. The message says why."""


class NoAnswer(Exception):
    """The provider did not answer in time, or its answer cannot be used. The message says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of a provider."""

    status: int
    body: bytes

    def object(self) -> dict[str, Any]:
        """The JSON object of the body.

        Raises:
            NoAnswer: the body is not a JSON object.
        """
        try:
            found = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise NoAnswer("the answer is not a JSON object")
        return found


def permitted(url: str, internal: Collection[str]) -> SplitResult:
    """The parts of an address to which a request may go, as far as its text shows.

    Args:
        internal: hosts on the operator's own network, also as `host:port`, to which requests may go.

    Raises:
        NotPermitted: it may not.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise NotPermitted("the address cannot be read") from None
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise NotPermitted("the address contains characters that are not allowed in an address")
    if not host or parts.fragment or parts.username is not None or parts.password is not None:
        raise NotPermitted("the address must have the form https://host/path")
    known = _is_internal(parts, internal)
    if parts.scheme != "https" and not (parts.scheme == "http" and known and _names_this_machine(host)):
        raise NotPermitted("the address must begin with https://")
    if port == 0:
        raise NotPermitted("the port is not valid")
    return parts


def call(
    url: str,
    internal: Collection[str],
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send a GET, or a POST with a form, and read the answer.

    Raises:
        NotPermitted: the host, or the address that it has in the DNS, may not be called.
        NoAnswer: the provider does not answer in time, redirects, or answers with too much; or too many
            other requests wait for an answer.
    """
    parts = permitted(url, internal)
    if not _AT_ONCE.acquire(timeout=_WAIT_SECONDS):
        raise NoAnswer("too many requests to providers wait for an answer")
    try:
        return _exchange(parts, internal, form, headers)
    finally:
        _AT_ONCE.release()


def _exchange(
    parts: SplitResult,
    internal: Collection[str],
    form: Mapping[str, str] | None,
    headers: Mapping[str, str] | None,
) -> Answer:
    """Send a request to the checked address of a host, and read the answer."""
    body = None if form is None else urlencode(form)
    sent = {"Host": parts.netloc, "Accept": "application/json", "User-Agent": "scim-seats"} | dict(
        headers or {}
    )
    if body is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    timed = None
    try:
        timed = _connected(parts, internal, time.monotonic() + SECONDS)
        connection = http.client.HTTPConnection(parts.hostname or "")
        connection.sock = timed
        connection.request("GET" if body is None else "POST", target, body=body, headers=sent)
        answer = connection.getresponse()
        content = answer.read(LARGEST + 1)
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise NoAnswer(f"{parts.hostname} does not answer: {_reason(error)}") from error
    finally:
        if timed is not None:
            timed.end()
    if len(content) <= LARGEST and answer.length:
        raise NoAnswer(f"{parts.hostname} ends its answer too early")
    if len(content) > LARGEST:
        raise NoAnswer(f"{parts.hostname} answers with more than {LARGEST // 1024} KiB")
    if http.client.MULTIPLE_CHOICES <= answer.status < http.client.BAD_REQUEST:
        raise NoAnswer(f"{parts.hostname} redirects to another address")
    return Answer(answer.status, content)


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"not within {SECONDS:.0f} seconds"
    if isinstance(error, socket.gaierror):
        return "the DNS does not know it"
    return " ".join(str(error).split())[:200] or type(error).__name__


def _is_internal(parts: SplitResult, internal: Collection[str]) -> bool:
    host = (parts.hostname or "").lower()
    port = parts.port or _PORTS.get(parts.scheme)
    return host in internal or f"{host}:{port}" in internal


def _names_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_public(address: str) -> bool:
    """Whether an IP address, also with the name of an interface, belongs to the public network."""
    return is_public(ipaddress.ip_address(address.partition("%")[0]))


def _connected(parts: SplitResult, internal: Collection[str], deadline: float) -> "_Timed":
    """A connection to a checked address of the host."""
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    if not _is_internal(parts, internal) and not all(map(_is_public, addresses)):
        raise NotPermitted(f"{host} has an address that is not public")
    plain = _first(addresses, port, deadline)
    if parts.scheme == "http":
        return _Timed(plain, deadline)
    try:
        return _Timed(_tls().wrap_socket(plain, server_hostname=host), deadline)
    except BaseException:
        plain.close()
        raise


@cache
def _tls() -> ssl.SSLContext:
    """The certificates of the system, which take a while to read."""
    return ssl.create_default_context()


def _first(addresses: Sequence[str], port: int, deadline: float) -> socket.socket:
    """A connection to the first of the addresses that accepts one."""
    refused: OSError = TimeoutError()
    for address in dict.fromkeys(addresses):
        left = deadline - time.monotonic()
        if left <= 0:
            break
        try:
            return socket.create_connection((address, port), timeout=left)
        except OSError as error:
            refused = error
    raise refused


class _Timed:
    """A connection whose use ends at a deadline, however slowly the other side sends.

    It has the methods that http.client calls.
    """

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline

    def in_time(self) -> socket.socket:
        """The connection, which now waits until the deadline and no longer."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection

    def sendall(self, data: bytes) -> None:
        """Send the data."""
        self.in_time().sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What the other side sends."""
        return io.BufferedReader(_Reader(self))

    def close(self) -> None:
        """Nothing: http.client calls this before it has read the answer."""

    def end(self) -> None:
        """Close the connection."""
        self._connection.close()


class _Reader(io.RawIOBase):
    def __init__(self, timed: _Timed) -> None:
        self._timed = timed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        return self._timed.in_time().recv_into(buffer)
