"""Domains whose addresses may be invited."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from scim_server.store.database.session import Read, Write
from scim_server.store.tables import domains


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain of an organization.

    Attributes:
        domain: the name in lower case, as the DNS writes it.
        nonce: the value that its DNS record must contain.
        verified: when the domain was verified; None before that.
    """

    domain: str
    nonce: str
    created: str
    verified: str | None


class DomainTaken(ValueError):
    """Another organization has verified the domain. The transaction must be rolled back."""


_COLUMNS: Final = tuple(domains.c[name] for name in Domain.__dataclass_fields__)


def get(read: Read, domain: str) -> Domain | None:
    """A domain of this organization."""
    query = select(*_COLUMNS).where(domains.c.organization == read.organization, domains.c.domain == domain)
    row = read.connection.execute(query).first()
    return Domain(*row) if row else None


def every(read: Read) -> list[Domain]:
    """All domains, ordered by name."""
    query = select(*_COLUMNS).where(domains.c.organization == read.organization)
    return [Domain(*row) for row in read.connection.execute(query.order_by(domains.c.domain))]


def add(write: Write, domain: Domain) -> None:
    """Add a domain, which is not verified yet."""
    values = {name: getattr(domain, name) for name in Domain.__dataclass_fields__}
    write.connection.execute(insert(domains).values(values | {"organization": write.organization}))


def verify(write: Write, domain: str) -> None:
    """Mark a domain as verified.

    Raises:
        DomainTaken: another organization has verified the domain.
    """
    here = (domains.c.organization == write.organization) & (domains.c.domain == domain)
    try:
        write.connection.execute(update(domains).where(here).values(verified=write.at))
    except IntegrityError as error:
        raise DomainTaken(domain) from error


def remove(write: Write, domain: str) -> None:
    """Remove a domain."""
    here = (domains.c.organization == write.organization) & (domains.c.domain == domain)
    write.connection.execute(delete(domains).where(here))
