"""Domains whose addresses an organization may invite, proved in the DNS (SECURITY 8)."""

import secrets
from collections.abc import Callable
from typing import Final

from scim_server.dns import DnsUnavailable
from scim_server.history import DomainAdded, DomainRemoved, DomainVerified
from scim_server.services.addresses import domain_of
from scim_server.services.errors import OperatorError
from scim_server.store.database.session import Actor, Database, Write
from scim_server.store.rows import domains, events
from scim_server.store.rows.domains import Domain, DomainTaken

LABEL: Final = "_scim-seats"
_NONCE_BYTES: Final = 18


def record_name(domain: Domain) -> str:
    """Where the proof stands in the DNS."""
    return f"{LABEL}.{domain.domain}"


def record_text(domain: Domain) -> str:
    """What the proof says."""
    return f"scim-seats={domain.nonce}"


def add(database: Database, organization: str, actor: Actor, name: str, *, verified: bool = False) -> Domain:
    """Name a domain; named again, it keeps its proof.

    Args:
        verified: take it as proved, on the operator's word.

    Raises:
        OperatorError: it is no domain, or another organization's.
    """
    domain = domain_of(name)

    def work(write: Write) -> Domain:
        found = domains.get(write, domain)
        if found is None:
            found = Domain(domain, secrets.token_urlsafe(_NONCE_BYTES), write.at, None)
            domains.add(write, found)
            events.append(write, DomainAdded(domain=domain))
        return _verified(write, found, "operator") if verified else found

    return _unless_taken(lambda: database.write(organization, actor, work))


def verify(
    database: Database, organization: str, actor: Actor, name: str, txt_records: Callable[[str], list[str]]
) -> Domain:
    """Look for the proof in the DNS.

    Args:
        txt_records: the texts that stand at a name of the DNS.

    Raises:
        OperatorError: the proof is not there, the DNS does not answer, or another organization has it.
    """
    with database.read(organization) as read:
        named = _existing(domains.get(read, domain_of(name)), name)
    try:
        # Outside of every transaction: a resolver may take seconds.
        found = [text.strip() for text in txt_records(record_name(named))]
    except DnsUnavailable as error:
        raise OperatorError(f"{error}; try again") from error
    if record_text(named) not in found:
        there = (
            "it has none" if not found else f"it says {', '.join(text[:80] for text in sorted(found)[:3])}"
        )
        raise OperatorError(
            f"the DNS does not prove {named.domain} yet: {record_name(named)} needs the TXT record "
            f"'{record_text(named)}', and {there}. New records may take an hour to be seen"
        )

    def work(write: Write) -> Domain:
        still = _existing(domains.get(write, named.domain), name)
        if still.nonce != named.nonce:
            raise OperatorError(f"{named.domain} was removed and added meanwhile: verify it again")
        return _verified(write, still, "dns")

    return _unless_taken(lambda: database.write(organization, actor, work))


def _existing(domain: Domain | None, name: str) -> Domain:
    if domain is None:
        raise OperatorError(f"this organization has no domain '{name}': add it first")
    return domain


def _verified(write: Write, domain: Domain, reason: str) -> Domain:
    if domain.verified is not None:
        return domain
    domains.verify(write, domain.domain)
    events.append(write, DomainVerified(reason=reason, domain=domain.domain))
    return _existing(domains.get(write, domain.domain), domain.domain)


def _unless_taken(work: Callable[[], Domain]) -> Domain:
    try:
        return work()
    except DomainTaken as error:
        raise OperatorError(f"{error} is verified by another organization") from error


def every(database: Database, organization: str) -> list[Domain]:
    """The domains of an organization by name."""
    with database.read(organization) as read:
        return domains.every(read)


def remove(database: Database, organization: str, actor: Actor, name: str) -> Domain:
    """Forget a domain: nobody is invited there any more; invitations that were sent stay.

    Raises:
        OperatorError: the organization has no such domain.
    """
    domain = domain_of(name)

    def work(write: Write) -> Domain:
        found = _existing(domains.get(write, domain), name)
        domains.remove(write, domain)
        events.append(write, DomainRemoved(domain=domain))
        return found

    return database.write(organization, actor, work)
