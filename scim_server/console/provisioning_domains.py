"""Domains whose addresses may be invited: added, proved by a DNS record, removed."""

from http import HTTPStatus

from flask import Response, request

from scim_server.console import pages
from scim_server.console.doorkeeper import sentence
from scim_server.console.routes import Pages, Permission
from scim_server.console.visit import config, context, gettext, visit
from scim_server.dns import txt_records
from scim_server.services.errors import NotFound, ServiceError
from scim_server.services.invitations import commands, queries
from scim_server.services.invitations.queries import record_name, record_text

domains = Pages("domains")

_LIST = "/provisioning/domains"


@domains.show(_LIST, Permission.MEMBERS)
def show() -> Response:
    """All domains, each with the DNS record that proves it."""
    return _list()


@domains.do(_LIST, Permission.BILLING)
def add() -> Response:
    """Add a domain, which is not verified yet."""
    name = request.form.get("domain", "")
    try:
        domain = commands.add_domain(context(), name)
    except ServiceError as error:
        return _list(name, sentence(error.detail))
    return pages.done(
        gettext("%(domain)s was added. Add the record below to its DNS.", domain=domain.domain), _LIST
    )


@domains.do("/provisioning/domains/verify", Permission.BILLING)
def verify() -> Response:
    """Look for the record in the DNS."""
    server = config().dns_server
    try:
        domain = commands.verify_domain(
            context(), request.form.get("domain", ""), lambda record: txt_records(record, server)
        )
    except NotFound:
        raise
    except ServiceError as error:
        return pages.not_done(sentence(error.detail), _LIST)
    return pages.done(
        gettext("%(domain)s is verified. Its addresses can be invited.", domain=domain.domain), _LIST
    )


@domains.show("/provisioning/domains/remove", Permission.BILLING)
def ask_remove() -> Response:
    """What the removal of a domain does."""
    name = request.args.get("domain", "")
    found = next((one for one in queries.domains(context()) if one.domain == name), None)
    if found is None:
        return _list(error=gettext("There is no such domain."), status=HTTPStatus.NOT_FOUND)
    return pages.page("domain_remove.html", domain=found)


@domains.do("/provisioning/domains/remove", Permission.BILLING)
def remove() -> Response:
    """Remove a domain."""
    domain = commands.remove_domain(context(), request.form.get("domain", ""))
    return pages.done(gettext("%(domain)s was removed.", domain=domain.domain), _LIST)


def _list(name: str = "", error: str = "", status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> Response:
    return pages.page(
        "domains.html",
        status=status if error else HTTPStatus.OK,
        domains=queries.domains(context()),
        record_name=record_name,
        record_text=record_text,
        name=name,
        error=error,
        may_change=Permission.BILLING.admits(visit().role),
    )
