"""Domains whose addresses may be invited."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from scim_server.store.database.session import Read, Write
from scim_server.store.tables import domains


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain that an organization named.

    Attributes:
        domain: in lower case, as the DNS writes it.
        nonce: what the DNS has to say of it.
        verified: since when it is proved; None until it is.
    """

    domain: str
    nonce: str
    created: str
    verified: str | None


class DomainTaken(ValueError):
    """Another organization has proved the domain; the transaction is lost."""


_COLUMNS: Final = tuple(domains.c[name] for name in Domain.__dataclass_fields__)


def get(read: Read, domain: str) -> Domain | None:
    """A domain of this organization."""
    query = select(*_COLUMNS).where(domains.c.organization == read.organization, domains.c.domain == domain)
    row = read.connection.execute(query).first()
    return Domain(*row) if row else None


def every(read: Read) -> list[Domain]:
    """All of them by name."""
    query = select(*_COLUMNS).where(domains.c.organization == read.organization)
    return [Domain(*row) for row in read.connection.execute(query.order_by(domains.c.domain))]


def add(write: Write, domain: Domain) -> None:
    """Name a domain, which is not proved yet."""
    values = {name: getattr(domain, name) for name in Domain.__dataclass_fields__}
    write.connection.execute(insert(domains).values(values | {"organization": write.organization}))


def verify(write: Write, domain: str) -> None:
    """Note that it is proved.

    Raises:
        DomainTaken: another organization has it.
    """
    here = (domains.c.organization == write.organization) & (domains.c.domain == domain)
    try:
        write.connection.execute(update(domains).where(here).values(verified=write.at))
    except IntegrityError as error:
        raise DomainTaken(domain) from error


def remove(write: Write, domain: str) -> None:
    """Forget it."""
    here = (domains.c.organization == write.organization) & (domains.c.domain == domain)
    write.connection.execute(delete(domains).where(here))
