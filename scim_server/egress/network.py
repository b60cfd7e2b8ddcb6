"""Connects to a host at an address that was checked, directly or through a proxy.

The address is looked up, checked and connected to in one step, so a name that gets another address afterwards
(DNS rebinding) has no effect. TLS still verifies the name.
"""

import base64
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final
from urllib.parse import unquote, urlsplit

import httpcore

from scim_server import dns
from scim_server.dns import DnsUnavailable
from scim_server.egress.targets import UNREACHABLE, Address, Refused, checked

_CONNECT_SECONDS: Final = 5.0
"""How long a connection to one address may take, so that the next address of the host is tried in time."""
_MOST_ADDRESSES: Final = 4
_LONGEST_ANSWER: Final = 8_192
_OK: Final = b"200"

Options = Iterable[httpcore.SOCKET_OPTION] | None


class Checked(httpcore.AsyncNetworkBackend):
    """Connects only to addresses that may be reached."""

    def __init__(self, dns_server: str | None, proxy: str | None, *, private: bool) -> None:
        """Create a way to the network.

        Args:
            dns_server: the resolver; None for the system's resolvers.
            proxy: the URL of an HTTP proxy that opens every connection; None without one.
            private: whether addresses that are not public are allowed.
        """
        self._dns_server = dns_server
        self._proxy = None if proxy is None else urlsplit(proxy)
        self._private = private
        self._network = httpcore.AnyIOBackend()

    async def addresses(self, host: str) -> list[Address]:
        """Look up a host and check its addresses.

        Raises:
            Refused: the host has no address, or one that may not be reached.
        """
        try:
            return checked([str(ip_address(host))], host, private=self._private)
        except ValueError:
            pass
        try:
            found = await dns.addresses(host, self._dns_server)
        except DnsUnavailable as error:
            raise Refused(UNREACHABLE, str(error)) from error
        return checked(found, host, private=self._private)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own signature
        local_address: str | None = None,
        socket_options: Options = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to one of the checked addresses of a host."""
        del timeout, local_address
        failure: Exception = Refused(UNREACHABLE)
        for address in (await self.addresses(host))[:_MOST_ADDRESSES]:
            try:
                return await self._connect(address, port, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def _connect(self, address: Address, port: int, options: Options) -> httpcore.AsyncNetworkStream:
        if self._proxy is None:
            return await self._network.connect_tcp(
                str(address), port, timeout=_CONNECT_SECONDS, socket_options=options
            )
        stream = await self._network.connect_tcp(
            self._proxy.hostname or "",
            self._proxy.port or 80,
            timeout=_CONNECT_SECONDS,
            socket_options=options,
        )
        try:
            await self._open_tunnel(stream, f"[{address}]" if ":" in str(address) else str(address), port)
        except BaseException:
            await stream.aclose()
            raise
        return stream

    async def _open_tunnel(self, stream: httpcore.AsyncNetworkStream, address: str, port: int) -> None:
        """Let the proxy connect to an address.

        Raises:
            ConnectError: the proxy refuses.
        """
        lines = [f"CONNECT {address}:{port} HTTP/1.1", f"Host: {address}:{port}"]
        if self._proxy is not None and self._proxy.username is not None:
            user = f"{unquote(self._proxy.username)}:{unquote(self._proxy.password or '')}"
            lines.append(f"Proxy-Authorization: Basic {base64.b64encode(user.encode()).decode()}")
        await stream.write("\r\n".join([*lines, "", ""]).encode(), timeout=_CONNECT_SECONDS)
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            # One byte at a time, so that nothing of the tunnel itself is read.
            part = await stream.read(1, timeout=_CONNECT_SECONDS)
            answer += part
            if not part or len(answer) > _LONGEST_ANSWER:
                raise httpcore.ConnectError("the proxy gives no valid answer")
        line = answer.partition(b"\r\n")[0]
        if line.split()[1:2] != [_OK]:
            raise httpcore.ConnectError(f"the proxy answers: {line.decode('latin-1')[:100]}")
