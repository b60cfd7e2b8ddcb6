"""`scim-seats domain`: manage the domains whose addresses can be invited."""

import click

from scim_server import config
from scim_server.cli.output import emit, in_organization, json_option, say, table
from scim_server.dns import txt_records
from scim_server.representations import domains as shapes
from scim_server.representations.base import dump
from scim_server.services.invitations import commands, queries
from scim_server.services.invitations.queries import record_name, record_text
from scim_server.store.rows.domains import Domain


@click.group()
def domain() -> None:
    """Verify the domains whose addresses can be invited."""


def _show(slug: str, one: Domain, *, as_json: bool) -> None:
    def text() -> None:
        if one.verified is not None:
            say(f"{one.domain} is verified: its addresses can be invited.")
            return
        say("Add this record to the DNS:")
        say(f"  {record_name(one)}  TXT  {record_text(one)}")
        say(f"Then: scim-seats domain verify {slug} {one.domain}")

    emit({"organization": slug, **dump(shapes.Domain(), one)}, as_json=as_json, text=text)


@domain.command()
@click.argument("slug")
@click.argument("name", metavar="DOMAIN")
@click.option("--verified", is_flag=True, help="Verify the domain yourself, without a DNS record.")
@json_option
def add(*, slug: str, name: str, verified: bool, as_json: bool) -> None:
    """Add a domain and show the DNS record that verifies it.

    Example: scim-seats domain add acme example.com
    """
    with in_organization(slug) as context:
        one = commands.add_domain(context, name, verified=verified)
    _show(slug, one, as_json=as_json)


@domain.command()
@click.argument("slug")
@click.argument("name", metavar="DOMAIN")
@json_option
def verify(*, slug: str, name: str, as_json: bool) -> None:
    """Look for the record in the DNS.

    Example: scim-seats domain verify acme example.com
    """
    server = config.load().dns_server
    with in_organization(slug) as context:
        one = commands.verify_domain(context, name, lambda record: txt_records(record, server))
    _show(slug, one, as_json=as_json)


@domain.command(name="list")
@click.argument("slug")
@json_option
def list_(*, slug: str, as_json: bool) -> None:
    """List an organization's domains; show whether each one is verified."""
    with in_organization(slug) as context:
        found = queries.domains(context)
    rows = [(one.domain, "verified" if one.verified else "not yet", record_text(one)) for one in found]
    emit(
        {"organization": slug, "data": [dump(shapes.Domain(), one) for one in found], "next_cursor": None},
        as_json=as_json,
        text=lambda: table(("domain", "state", "TXT record"), rows, empty="No domains yet."),
    )


@domain.command()
@click.argument("slug")
@click.argument("name", metavar="DOMAIN")
@json_option
def remove(*, slug: str, name: str, as_json: bool) -> None:
    """Remove a domain; existing invitations stay.

    Example: scim-seats domain remove acme example.com
    """
    with in_organization(slug) as context:
        one = commands.remove_domain(context, name)
    emit(
        {"organization": slug, "removed": one.domain},
        as_json=as_json,
        text=lambda: say(f"{one.domain} is removed."),
    )
