"""Decides which URLs and which addresses of the network a request may be sent to (SECURITY 20).

Python's `is_global` is not used, because it accepts multicast, 6to4, NAT64, IPv4-compatible and site-local
addresses, which can lead into the server's own network.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

import idna

LONGEST_URL: Final = 2_048
_PORTS: Final = {"https": 443, "http": 80}
_NAME: Final = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""A last part of a name that the system would read as the end of an IPv4 address, such as in `127.1`."""
_SAFE: Final = "/%:@!$&'()*+,;=~-._?"

_NOT_PUBLIC_4: Final = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "168.63.129.16/32",  # the inside of Azure, although it looks public
        "169.254.0.0/16",  # link-local, with the metadata of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",
    )
)
_UNICAST_6: Final = IPv6Network("2000::/3")
"""All public addresses of IPv6, except those that follow. Loopback, ULA, link-local, site-local, multicast,
NAT64 and the other addresses that contain one of IPv4 are outside."""
_NOT_PUBLIC_6: Final = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo, ORCHID and other special purposes
        "2001:db8::/32",
        "2002::/16",  # 6to4 contains an IPv4 address
        "3fff::/20",
    )
)

Address = IPv4Address | IPv6Address


class Refused(Exception):
    """The URL must not be requested. The message is for the caller, and does not describe any network.

    Attributes:
        cause: the exact reason, for the operator only.
    """

    def __init__(self, message: str, cause: str | None = None) -> None:
        super().__init__(message)
        self.cause = cause or message


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be requested if its host has a public address.

    Attributes:
        url: the URL in its canonical form, in ASCII.
        host: a name in the form of the DNS, or an IP address without brackets.
        address: the IP address if the host is one; None for a name.
    """

    url: str
    host: str
    port: int
    address: Address | None


UNREACHABLE: Final = "The host of the URL cannot be reached."
"""The only message about names and addresses. It does not show what exists in the server's network."""


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public network."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    return address in _UNICAST_6 and not any(address in network for network in _NOT_PUBLIC_6)


def checked(addresses: list[str], host: str, *, private: bool) -> list[Address]:
    """The addresses of a host. If one of them is not public, none may be used.

    Args:
        private: whether addresses that are not public are allowed.

    Raises:
        Refused: there is no address, or one is not public.
    """
    found = [ip_address(one) for one in addresses]
    if not found:
        raise Refused(UNREACHABLE, f"{host} has no address")
    inside = [one for one in found if not is_public(one)]
    if inside and not private:
        raise Refused(UNREACHABLE, f"{host} has the address {inside[0]}, which is not public")
    return found


def target(url: str, *, private: bool = False) -> Target:
    """Read a URL to which requests may be sent.

    Args:
        private: whether http and addresses that are not public are allowed, for development and tests.

    Raises:
        Refused: the URL is malformed, or may not be requested.
    """
    parts, port = _split(url)
    if parts.scheme not in (_PORTS if private else ("https",)):
        raise Refused("The URL must begin with https://.")
    if "@" in parts.netloc:
        raise Refused("The URL must not contain a user or a password.")
    if parts.fragment or "#" in url:
        raise Refused("The URL must not contain a fragment (#).")
    host = _host(parts)
    address = _literal(host)
    if address is not None:
        checked([str(address)], host, private=private)
    shown = f"[{host}]" if ":" in host else host
    place = shown if port in (None, _PORTS[parts.scheme]) else f"{shown}:{port}"
    path = quote(parts.path or "/", safe=_SAFE)
    query = f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    return Target(f"{parts.scheme}://{place}{path}{query}", host, port or _PORTS[parts.scheme], address)


def _split(url: str) -> tuple[SplitResult, int | None]:
    if len(url) > LONGEST_URL:
        raise Refused(f"The URL must have at most {LONGEST_URL} characters.")
    if "\\" in url or any(letter.isspace() or not letter.isprintable() for letter in url):
        raise Refused("The URL must not contain spaces, backslashes or control characters.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("The URL is malformed.") from None
    if port == 0 or parts.netloc.endswith(":"):
        raise Refused("The URL is malformed.")
    return parts, port


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").removesuffix(".")
    if ":" in host or not host:
        return host
    try:
        # The mapping also turns other forms of letters and digits, such as full-width ones, into ASCII.
        return host if host.isascii() else idna.encode(host, uts46=True, std3_rules=True).decode()
    except idna.IDNAError:
        raise Refused("The host of the URL is malformed.") from None


def _literal(host: str) -> Address | None:
    """The address that a host is; None if it is a name."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    if not _NAME.fullmatch(host) or _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise Refused("The host of the URL is malformed.")
    return None
