"""Domains: added with the DNS record to publish, verified, listed and removed."""

from http import HTTPStatus
from typing import Any, Final

from scim_server.admin import auth, lists, references
from scim_server.admin.parsing import Input, flag, text
from scim_server.admin.routes import OF_ORGANIZATION, Noun
from scim_server.dns import txt_records
from scim_server.representations import domains as shapes
from scim_server.representations.base import dump
from scim_server.services.access.commands import Scope
from scim_server.services.errors import (
    DnsUnanswered,
    DomainChanged,
    DomainNotProved,
    DomainTaken,
    InvalidDomain,
    UnknownDomain,
)
from scim_server.services.invitations import commands, queries

domains = Noun("domains", "The domains whose addresses can be invited.")

_DOMAINS: Final = f"{OF_ORGANIZATION}/domains"
_ONE: Final = f"{_DOMAINS}/<domain>"


class DomainInput(Input):
    """A new domain."""

    domain = text(required=True, about="The domain, such as example.com.")
    verified = flag(
        load_default=False, about="Whether the vendor confirms the domain, so that no DNS record is needed."
    )


@domains.do(
    _DOMAINS,
    Scope.PROVISIONING_WRITE,
    shapes.Domain,
    DomainInput,
    status=HTTPStatus.CREATED,
    raises=(InvalidDomain, DomainTaken),
    example={"domain": "example.com"},
)
def add(body: dict[str, Any]) -> dict[str, object]:
    """Add a domain. The answer has the DNS record that the customer publishes to verify it."""
    one = commands.add_domain(auth.context(), body["domain"], verified=body["verified"])
    return dump(shapes.Domain(), one)


@domains.list(_DOMAINS, Scope.PROVISIONING_READ, shapes.Domain)
def list_domains(query: dict[str, Any]) -> dict[str, object]:
    """List the domains by name, each with its DNS record."""
    page = lists.cut(queries.domains(auth.context()), lambda one: one.domain, query)
    return lists.listing(shapes.Domain(), page)


@domains.do(
    f"{_ONE}/verify",
    Scope.PROVISIONING_WRITE,
    shapes.Domain,
    raises=(UnknownDomain, DomainNotProved, DomainTaken, DomainChanged, DnsUnanswered),
    untried="the DNS must have the record",
)
def verify(domain: str) -> dict[str, object]:
    """Verify a domain: look for its record in the DNS. This may take some seconds."""
    server = auth.config().dns_server
    with references.known(UnknownDomain, "domain", InvalidDomain):
        one = commands.verify_domain(auth.context(), domain, lambda record: txt_records(record, server))
    return dump(shapes.Domain(), one)


@domains.remove(_ONE, Scope.PROVISIONING_WRITE, shapes.RemovedDomain, raises=(UnknownDomain,))
def remove(domain: str) -> dict[str, object]:
    """Remove a domain. Its addresses can no longer be invited; existing invitations stay."""
    with references.known(UnknownDomain, "domain", InvalidDomain):
        return {"removed": commands.remove_domain(auth.context(), domain).domain}
