"""Reads TXT records and addresses from the DNS, with the system's resolvers or with a given one."""

import socket
from typing import Final, TypeVar

import dns.asyncresolver
import dns.exception
import dns.resolver

_SECONDS: Final = 10.0
_PORT: Final = 53
_LOOPBACK: Final = ("127.0.0.1", "::1")

R = TypeVar("R", bound=dns.resolver.BaseResolver)


class DnsUnavailable(Exception):
    """No resolver answered, so nothing is known about the name."""


def txt_records(name: str, server: str | None = None) -> list[str]:
    """The TXT records of a name; empty if the name does not exist.

    Args:
        server: address of the resolver, optionally with `:PORT`; None for the system's resolvers.

    Raises:
        DnsUnavailable: no resolver answers.
    """
    try:
        resolver = _resolver(dns.resolver.Resolver, server)
        answer = resolver.resolve(name, "TXT", lifetime=_SECONDS, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError, ValueError) as error:
        raise DnsUnavailable(f"the DNS does not answer for {name}: {error}") from error
    return [b"".join(record.strings).decode(errors="replace") for record in answer]


async def addresses(name: str, server: str | None = None) -> list[str]:
    """The IPv4 addresses of a name, and then its IPv6 addresses; empty if the name does not exist.

    The hosts file of the system is not read. `localhost` always means this machine (RFC 6761).

    Args:
        server: as for `txt_records`.

    Raises:
        DnsUnavailable: no resolver answers.
    """
    if name == "localhost" or name.endswith(".localhost"):
        return list(_LOOPBACK)
    try:
        resolver = _resolver(dns.asyncresolver.Resolver, server)
        found = await resolver.resolve_name(name, socket.AF_UNSPEC, lifetime=_SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError, ValueError) as error:
        raise DnsUnavailable(f"the DNS does not answer for {name}: {error}") from error
    return sorted(found.addresses(), key=lambda address: ":" in address)


def _resolver(kind: type[R], server: str | None) -> R:
    if server is None:
        return kind()
    resolver = kind(configure=False)
    host, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "")
    resolver.nameservers = [host]
    resolver.port = int(port) if port else _PORT
    return resolver
