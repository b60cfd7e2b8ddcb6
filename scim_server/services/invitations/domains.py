"""Domains whose addresses an organization may invite, verified by DNS (SECURITY 8)."""

import secrets
from collections.abc import Callable
from typing import Final

from scim_server.dns import DnsUnavailable
from scim_server.history import DomainAdded, DomainRemoved, DomainVerified
from scim_server.services.errors import DnsUnanswered, DomainChanged, DomainNotProved, UnknownDomain
from scim_server.store.database.session import Read, Write
from scim_server.store.rows import domains, events
from scim_server.store.rows.domains import Domain

LABEL: Final = "_scim-seats"
_NONCE_BYTES: Final = 18


def record_name(domain: Domain) -> str:
    """The name of the DNS record."""
    return f"{LABEL}.{domain.domain}"


def record_text(domain: Domain) -> str:
    """The text of the DNS record."""
    return f"scim-seats={domain.nonce}"


def name(write: Write, domain: str, *, verified: bool) -> Domain:
    """Add a domain. If the domain was added before, it stays verified."""
    found = domains.get(write, domain)
    if found is None:
        found = Domain(domain, secrets.token_urlsafe(_NONCE_BYTES), write.at, None)
        domains.add(write, found)
        events.append(write, DomainAdded(domain=domain))
    return _verified(write, found, "operator") if verified else found


def check_proof(named: Domain, txt_records: Callable[[str], list[str]]) -> None:
    """Look for the record in the DNS.

    Raises:
        DomainNotProved, DnsUnanswered: the record is missing, or the DNS does not answer.
    """
    try:
        found = [text.strip() for text in txt_records(record_name(named))]
    except DnsUnavailable as error:
        raise DnsUnanswered(f"{error}. Try again") from error
    if record_text(named) not in found:
        there = (
            "there is no TXT record"
            if not found
            else f"the present record is {', '.join(text[:80] for text in sorted(found)[:3])}"
        )
        raise DomainNotProved(
            f"the DNS record of {named.domain} was not found: {record_name(named)} needs the TXT record "
            f"'{record_text(named)}', but {there}. A new record may be visible only after an hour"
        )


def note_proof(write: Write, named: Domain) -> Domain:
    """Mark a domain as verified, if the domain has not changed since its record was read.

    Raises:
        UnknownDomain, DomainChanged: the domain was removed, or removed and added again.
    """
    still = existing(write, named.domain)
    if still.nonce != named.nonce:
        raise DomainChanged(f"{named.domain} was removed and added again during the check. Verify it again")
    return _verified(write, still, "dns")


def existing(read: Read, domain: str) -> Domain:
    """The organization's domain with the given name.

    Raises:
        UnknownDomain: the organization has no such domain.
    """
    found = domains.get(read, domain)
    if found is None:
        raise UnknownDomain(f"this organization has no domain '{domain}'. Add the domain first")
    return found


def _verified(write: Write, domain: Domain, reason: str) -> Domain:
    if domain.verified is not None:
        return domain
    domains.verify(write, domain.domain)
    events.append(write, DomainVerified(reason=reason, domain=domain.domain))
    return existing(write, domain.domain)


def remove(write: Write, domain: str) -> Domain:
    """Remove a domain. Its addresses can no longer be invited; existing invitations stay.

    Raises:
        UnknownDomain: the organization has no such domain.
    """
    found = existing(write, domain)
    domains.remove(write, domain)
    events.append(write, DomainRemoved(domain=domain))
    return found
