"""Reads TXT records from the DNS, with the system's resolvers or with a given one."""

from typing import Final

import dns.exception
import dns.resolver

_SECONDS: Final = 10.0
_PORT: Final = 53


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
        answer = _resolver(server).resolve(name, "TXT", lifetime=_SECONDS, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError, ValueError) as error:
        raise DnsUnavailable(f"the DNS does not answer for {name}: {error}") from error
    return [b"".join(record.strings).decode(errors="replace") for record in answer]


def _resolver(server: str | None) -> dns.resolver.Resolver:
    if server is None:
        return dns.resolver.Resolver()
    resolver = dns.resolver.Resolver(configure=False)
    host, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "")
    resolver.nameservers = [host]
    resolver.port = int(port) if port else _PORT
    return resolver
